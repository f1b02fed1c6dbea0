// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pyfops {

/// Python that uses so much memory, in pieces, so that a limit is met on the way.
inline constexpr const char* eat = R"(
def eat(megabytes):
    data = bytearray()
    for _ in range(megabytes):
        data += b"x" * 1048576
    return data
)";

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pyfops {

/// `text` fit for a message: without secrets, at most 200 bytes ("..." says that more was there), what is not
/// printable ASCII or UTF-8 as \xNN.
std::string printable(std::string_view text);

} // namespace pyfops

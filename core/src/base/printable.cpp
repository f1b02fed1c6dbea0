// SPDX-License-Identifier: Apache-2.0
#include "base/printable.hpp"

#include "pyfops/secret.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

namespace pyfops {

std::string printable(std::string_view text) {
    constexpr std::size_t most = 200;
    const std::string known = redact(text); // before it is cut: half a secret is not recognised
    const bool utf8 = !first_invalid_utf8(known);
    std::string out;
    for (const char c : known) {
        if (out.size() > most) break;
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8))
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    return out.size() > most ? std::string(cut_utf8(out, most)) + "..." : out;
}

} // namespace pyfops

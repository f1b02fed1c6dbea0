// SPDX-License-Identifier: Apache-2.0
#include "expect/message.hpp"

#include "pyfops/secret.hpp"

namespace pyfops::expect {

std::string one_line(std::string text, std::size_t most) {
    text = excerpt(text, most);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return text;
}

std::string shown(const json::value& value) {
    return one_line(canonical_json(value));
}

std::string at(const std::string& pointer, const std::string& difference) {
    return pointer.empty() ? difference : "at " + one_line(pointer) + ": " + difference;
}

} // namespace pyfops::expect

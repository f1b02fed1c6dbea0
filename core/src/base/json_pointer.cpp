// SPDX-License-Identifier: Apache-2.0
#include "base/json_pointer.hpp"

namespace pyfops {

std::string pointer_to(std::string_view parent, std::string_view key) {
    std::string result(parent);
    result += '/';
    for (const char c : key) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
    }
    return result;
}

} // namespace pyfops

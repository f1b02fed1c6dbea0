// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

namespace pyfops::aws_emulator {

std::string lambda_time(SystemTime time) {
    std::string text = to_iso8601(time);
    text.pop_back();
    return text + ".000+0000";
}

std::string xml_time(SystemTime time) {
    std::string text = to_iso8601(time);
    text.pop_back();
    return text + ".000Z";
}

} // namespace pyfops::aws_emulator

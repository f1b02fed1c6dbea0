// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "pyfops/text.hpp"

namespace pyfops::ibm_emulator {

std::string World::kept(const std::string& name, const std::function<std::string()>& make) const {
    if (const auto known = state().get("ibm/keys", name)) return string_or(*known, "value");
    std::string value = make();
    state().put("ibm/keys", name, {{"value", value}});
    return value;
}

void log_lines(const World& world, const std::string& what, const std::string& text) {
    for (const std::string_view line : split(text, '\n'))
        if (!line.empty()) world.host().log.info(what + ": " + std::string(line));
}

} // namespace pyfops::ibm_emulator

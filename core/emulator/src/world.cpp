// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/world.hpp"

#include "pyfops/crypto.hpp"

#include <algorithm>
#include <chrono>

namespace pyfops {

SystemTime EmulatorWorld::now() const {
    return host_.clock.system_now() + Milliseconds(setting("clock.skew_ms", 0));
}

std::int64_t EmulatorWorld::now_ms() const {
    return std::chrono::duration_cast<Milliseconds>(now().time_since_epoch()).count();
}

std::optional<json::value> EmulatorWorld::setting(const std::string& name) const {
    return host_.setting ? host_.setting(name) : std::nullopt;
}

std::int64_t EmulatorWorld::setting(const std::string& name, std::int64_t otherwise) const {
    const auto value = setting(name);
    if (!value || !value->is_number()) return otherwise;
    boost::system::error_code failure;
    const auto number = value->to_number<std::int64_t>(failure);
    return failure ? otherwise : number;
}

std::string EmulatorWorld::setting_text(const std::string& name, std::string otherwise) const {
    const auto value = setting(name);
    return value && value->is_string() ? std::string(value->as_string()) : otherwise;
}

std::size_t EmulatorWorld::page(std::size_t most) const {
    const auto wanted = setting("pages.size", 0);
    return wanted > 0 ? std::min(most, static_cast<std::size_t>(wanted)) : most;
}

std::string EmulatorWorld::random_text(std::size_t count, std::string_view alphabet) const {
    std::string text = random_bytes(count);
    for (char& c : text)
        c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return text;
}

} // namespace pyfops

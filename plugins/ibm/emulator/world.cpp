// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <chrono>

namespace pyfops::ibm_emulator {

std::int64_t World::now_ms() const {
    return std::chrono::duration_cast<Milliseconds>(now().time_since_epoch()).count();
}

std::int64_t World::setting(const std::string& name, std::int64_t otherwise) const {
    const auto value = host_.setting ? host_.setting(name) : std::nullopt;
    if (!value || !value->is_number()) return otherwise;
    boost::system::error_code failure;
    const auto number = value->to_number<std::int64_t>(failure);
    return failure ? otherwise : number;
}

std::string World::setting_text(const std::string& name) const {
    const auto value = host_.setting ? host_.setting(name) : std::nullopt;
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::size_t World::page(std::size_t most) const {
    const auto wanted = setting("pages.size", 0);
    return wanted > 0 ? std::min(most, static_cast<std::size_t>(wanted)) : most;
}

std::string World::random_text(std::size_t count, std::string_view alphabet) const {
    std::string text = random_bytes(count);
    for (char& c : text)
        c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return text;
}

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

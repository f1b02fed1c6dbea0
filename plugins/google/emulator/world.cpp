// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace pyfops::google_emulator {

SystemTime World::now() const {
    return host_.clock.system_now() + Milliseconds(setting("clock.skew_ms", 0));
}

std::int64_t World::now_ms() const {
    return std::chrono::duration_cast<Milliseconds>(now().time_since_epoch()).count();
}

std::optional<json::value> World::setting(const std::string& name) const {
    return host_.setting ? host_.setting(name) : std::nullopt;
}

std::int64_t World::setting(const std::string& name, std::int64_t otherwise) const {
    const auto value = setting(name);
    if (!value || !value->is_number()) return otherwise;
    boost::system::error_code failure;
    const auto number = value->to_number<std::int64_t>(failure);
    return failure ? otherwise : number;
}

std::size_t World::page(std::size_t most) const {
    const auto wanted = setting("pages.size", 0);
    return wanted > 0 ? std::min(most, static_cast<std::size_t>(wanted)) : most;
}

std::string google_time(std::int64_t milliseconds) {
    std::string text = to_iso8601(SystemTime(Milliseconds(milliseconds)));
    text.pop_back();
    return fmt::format("{}.{:03}000Z", text, milliseconds % 1000);
}

std::optional<std::int64_t> microseconds(const std::string& text) {
    try {
        const auto whole =
            std::chrono::duration_cast<std::chrono::seconds>(from_iso8601(text).time_since_epoch()).count();
        std::string digits;
        if (const auto dot = text.find('.'); dot != std::string::npos)
            for (auto at = dot + 1; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
                digits += text[at];
        digits.resize(6, '0');
        return whole * 1'000'000 + std::stoll(digits);
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace pyfops::google_emulator

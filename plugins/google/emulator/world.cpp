// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <chrono>

namespace pyfops::google_emulator {

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

// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pyfops::config {

std::optional<Milliseconds> read_duration(const Cursor& cursor) {
    std::optional<double> seconds;
    if (const auto* text = cursor.value().if_string()) {
        const std::string_view whole = *text;
        const std::size_t end = std::min(whole.find_first_not_of("0123456789."), whole.size());
        const std::string_view unit = whole.substr(end);
        double number = 0;
        const auto [rest, failure] = std::from_chars(whole.data(), whole.data() + end, number);
        if (failure == std::errc() && rest == whole.data() + end) {
            if (unit == "ms") seconds = number / 1000;
            if (unit == "s" || unit.empty()) seconds = number;
            if (unit == "m") seconds = number * 60;
        }
    } else if (cursor.value().is_number()) {
        seconds = cursor.value().to_number<double>();
    }
    if (!seconds) {
        cursor.error("bad-value", cursor.name() + " is no time: " + in_quotes(cursor.written()),
                     "write 2s, 500ms, 1m or a number of seconds");
        return std::nullopt;
    }
    if (*seconds >= 0.001 && *seconds <= 86'400)
        return Milliseconds(static_cast<Milliseconds::rep>(std::llround(*seconds * 1000)));
    cursor.error("out-of-range", cursor.name() + " must be from 1ms to 1 day (86400)");
    return std::nullopt;
}

} // namespace pyfops::config

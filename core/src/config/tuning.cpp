// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include <algorithm>
#include <array>

namespace pyfops::config {

const std::vector<std::string> tune_keys{"objective", "max_duration", "repeat", "sizes", "exact"};

TuneSettings read_tune(const Cursor& cursor) {
    TuneSettings settings;
    if (!cursor.is_mapping()) return settings;
    cursor.only(tune_keys);
    if (const auto objective = cursor.member("objective"))
        if (const auto written = objective->words()) {
            constexpr std::array known{Objective::minimum, Objective::cost, Objective::speed,
                                       Objective::balanced};
            const auto found = std::find_if(known.begin(), known.end(),
                                            [&](Objective one) { return to_string(one) == *written; });
            if (found != known.end()) {
                settings.objective = *found;
            } else {
                objective->error("bad-value", "an objective is minimum, cost, speed or balanced",
                                 did_you_mean(*written, {"minimum", "cost", "speed", "balanced"}));
            }
        }
    if (const auto duration = cursor.member("max_duration")) settings.max_duration = read_duration(*duration);
    if (const auto repeat = cursor.member("repeat"))
        settings.repeat = static_cast<int>(repeat->integer(1, 100, "goes").value_or(1));
    if (const auto sizes = cursor.member("sizes"))
        settings.sizes = static_cast<int>(sizes->integer(2, 20, "sizes").value_or(5));
    if (const auto exact = cursor.member("exact")) {
        if (exact->value().is_bool()) {
            settings.exact = exact->value().as_bool();
        } else {
            exact->wrong_type("true or false");
        }
    }
    return settings;
}

} // namespace pyfops::config

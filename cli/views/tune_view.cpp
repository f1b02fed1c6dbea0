// SPDX-License-Identifier: Apache-2.0
#include "views/tune_view.hpp"

#include "frame/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

std::string trail_line(const Probe& probe) {
    std::string line = fmt::format("  {:>6} MB  {:<9}", probe.memory_mb, to_string(probe.verdict));
    if (probe.peak_mb) line += fmt::format("  peak {:.0f} MB", *probe.peak_mb);
    if (probe.duration_ms) line += fmt::format("  {:.1f} ms", *probe.duration_ms);
    if (probe.price_usd) line += fmt::format("  {:.3g} USD a million", *probe.price_usd * 1e6);
    if (!probe.reason.empty()) line += "  " + escape_control(probe.reason);
    return line + "\n";
}

std::string trail(const UnitReport& unit) {
    const TuneReport& tuning = *unit.tuning;
    std::string text = unit.identity.function + " " + place_of(unit.identity) + ": ";
    text += tuning.minimum_mb ? fmt::format("minimum {} MB", *tuning.minimum_mb) : "no minimum found";
    if (tuning.minimum_mb && tuning.chosen_mb != *tuning.minimum_mb)
        text += fmt::format(", deployed at {} MB", tuning.chosen_mb);
    text += "\n";
    for (const Probe& probe : tuning.probes)
        text += trail_line(probe);
    if (tuning.curve.empty()) return text;
    text += "  best in duration or price:";
    for (const CurvePoint& point : tuning.curve)
        if (point.pareto) text += fmt::format(" {} MB", point.memory_mb);
    return text + "\n";
}

template <class T>
json::value or_null(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value();
}

} // namespace

std::string tune_trails(const RunReport& report) {
    std::string text;
    for (const UnitReport& unit : report.units)
        if (unit.tuning && !unit.tuning->probes.empty()) text += "\n" + trail(unit);
    return text;
}

json::object to_json(const TuneReport& tuning) {
    json::array probes, curve;
    for (const Probe& probe : tuning.probes)
        probes.push_back(json::object{{"memory_mb", probe.memory_mb},
                                      {"verdict", to_string(probe.verdict)},
                                      {"reason", probe.reason},
                                      {"peak_mb", or_null(probe.peak_mb)},
                                      {"duration_ms", or_null(probe.duration_ms)},
                                      {"price_usd", or_null(probe.price_usd)},
                                      {"calls", probe.calls},
                                      {"doubtful", probe.doubtful}});
    for (const CurvePoint& point : tuning.curve)
        curve.push_back(json::object{{"memory_mb", point.memory_mb},
                                     {"duration_ms", point.duration_ms},
                                     {"price_usd", point.price_usd},
                                     {"pareto", point.pareto}});
    return {{"minimum_mb", or_null(tuning.minimum_mb)},
            {"chosen_mb", tuning.chosen_mb},
            {"found_in", tuning.found_in},
            {"known", tuning.known},
            {"probes", std::move(probes)},
            {"curve", std::move(curve)},
            {"doubts", strings(tuning.doubts)}};
}

} // namespace pyfops::cli

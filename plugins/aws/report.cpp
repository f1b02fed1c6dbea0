// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include "pyfops/text.hpp"

#include <charconv>
#include <cmath>

namespace pyfops::aws {
namespace {

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || !std::isfinite(value) || value < 0 || value > 1e9) return std::nullopt;
    return value;
}

std::optional<int> whole(std::string_view text) {
    const auto value = number(text);
    if (!value) return std::nullopt;
    return static_cast<int>(*value);
}

} // namespace

std::optional<Report> parse_report(std::string_view log_tail) {
    constexpr std::string_view start = "REPORT RequestId: ";
    const auto at = log_tail.rfind(start);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view line = log_tail.substr(at + start.size());
    line = line.substr(0, line.find('\n'));
    Report report;
    bool first = true;
    while (!line.empty()) {
        const auto tab = line.find('\t');
        const std::string_view field = trimmed(line.substr(0, tab));
        line = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
        if (first) {
            report.request_id = std::string(field);
            first = false;
            continue;
        }
        const auto colon = field.find(": ");
        if (colon == std::string_view::npos) continue;
        const std::string_view name = field.substr(0, colon);
        const std::string_view value = field.substr(colon + 2);
        if (name == "Duration") report.duration_ms = number(value);
        if (name == "Billed Duration") report.billed_ms = number(value);
        if (name == "Init Duration") report.init_ms = number(value);
        if (name == "Restore Duration") report.restore_ms = number(value);
        if (name == "Memory Size") report.memory_mb = whole(value);
        if (name == "Max Memory Used") report.used_mb = whole(value);
        if (name == "Status") report.status = std::string(value);
    }
    return report;
}

} // namespace pyfops::aws

// SPDX-License-Identifier: Apache-2.0
#include "faults.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pyfops {

namespace {

bool matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*') {
        for (std::size_t skip = 0; skip <= text.size(); ++skip)
            if (matches(pattern.substr(1), text.substr(skip))) return true;
        return false;
    }
    return !text.empty() && text.front() == pattern.front() && matches(pattern.substr(1), text.substr(1));
}

[[noreturn]] void wrong(const std::string& where, const std::string& what) {
    throw Error(ErrorKind::invalid_input, fmt::format("fault plan: {} {}", where, what))
        .hint("docs/emulator.md describes the fault plan");
}

std::int64_t integer(const json::value& value, const std::string& where, std::int64_t least,
                     std::int64_t most) {
    boost::system::error_code failure;
    const auto number = value.to_number<std::int64_t>(failure);
    if (failure || number < least || number > most)
        wrong(where, fmt::format("must be an integer from {} to {}", least, most));
    return number;
}

std::string text(const json::value& value, const std::string& where) {
    if (!value.is_string()) wrong(where, "must be a string");
    return std::string(value.as_string());
}

constexpr std::int64_t longest_ms = 3'600'000;

} // namespace

FaultPlan::FaultPlan(const json::object& plan) : plan_(plan) {
    std::uint64_t seed = 1;
    for (const auto& member : plan) {
        if (member.key() == "seed") {
            seed = static_cast<std::uint64_t>(integer(member.value(), "seed", 0, INT64_MAX));
        } else if (member.key() == "settings") {
            if (!member.value().is_object()) wrong("settings", "must be an object");
            settings_ = member.value().as_object();
        } else if (member.key() == "rules") {
            if (!member.value().is_array()) wrong("rules", "must be an array");
            const auto& rules = member.value().as_array();
            for (std::size_t i = 0; i < rules.size(); ++i)
                rules_.push_back(parse_rule(rules[i], i));
        } else {
            wrong(fmt::format("'{}'", std::string_view(member.key())),
                  "is unknown; there are seed, settings and rules");
        }
    }
    random_.emplace(seed);
}

FaultPlan::Rule FaultPlan::parse_rule(const json::value& value, std::size_t index) {
    const std::string where = fmt::format("rules[{}]", index);
    if (!value.is_object()) wrong(where, "must be an object");
    Rule rule;
    for (const auto& member : value.as_object()) {
        const std::string_view key = member.key();
        const auto& given = member.value();
        const std::string at = where + "." + std::string(key);
        if (key == "operation") {
            rule.operation = text(given, at);
        } else if (key == "nth") {
            if (given.is_array())
                for (const auto& one : given.as_array())
                    rule.nth.insert(static_cast<std::uint64_t>(integer(one, at, 1, INT64_MAX)));
            else
                rule.nth.insert(static_cast<std::uint64_t>(integer(given, at, 1, INT64_MAX)));
        } else if (key == "probability") {
            if (!given.is_number()) wrong(at, "must be a number from 0 to 1");
            rule.probability = given.to_number<double>();
            if (rule.probability < 0 || rule.probability > 1) wrong(at, "must be a number from 0 to 1");
        } else if (key == "times") {
            rule.times = static_cast<std::uint64_t>(integer(given, at, 1, INT64_MAX));
        } else if (key == "action") {
            rule.action = text(given, at);
        } else if (key == "when") {
            const auto when = text(given, at);
            if (when == "after")
                rule.when = Rule::When::after;
            else if (when == "during")
                rule.when = Rule::When::during;
            else if (when != "before")
                wrong(at, "must be \"before\", \"during\" or \"after\"");
        } else if (key == "ms") {
            rule.latency = Milliseconds(integer(given, at, 0, longest_ms));
        } else if (key == "status") {
            rule.failure.status = static_cast<int>(integer(given, at, 400, 599));
        } else if (key == "code") {
            rule.failure.code = text(given, at);
        } else if (key == "retry_after") {
            rule.failure.retry_after = static_cast<int>(integer(given, at, 0, 3600));
        } else {
            wrong(at, "is unknown; there are operation, nth, probability, times, action, when, ms, status, "
                      "code and retry_after");
        }
    }
    constexpr std::array<std::string_view, 4> actions{"latency", "status", "drop", "hold"};
    if (std::find(actions.begin(), actions.end(), rule.action) == actions.end())
        wrong(where + ".action", "must be one of latency, status, drop and hold");
    if (rule.when == Rule::When::during && rule.action != "drop")
        wrong(where + ".when", "may be \"during\" only for the action drop");
    return rule;
}

void FaultPlan::apply(const Rule& rule, Decision& decision) {
    if (rule.action == "latency") {
        decision.latency += rule.latency;
    } else if (rule.action == "status") {
        if (!decision.failure) decision.failure = rule.failure;
    } else if (rule.action == "drop") {
        (rule.when == Rule::When::after ? decision.drop_after : decision.drop_before) = true;
    } else {
        (rule.when == Rule::When::after ? decision.hold_after : decision.hold_before) = true;
    }
}

bool FaultPlan::due(Rule& rule, std::string_view operation) {
    if (!matches(rule.operation, operation)) return false;
    ++rule.seen;
    if (!rule.nth.empty() && !rule.nth.contains(rule.seen)) return false;
    if (rule.times != 0 && rule.applied >= rule.times) return false;
    if (rule.probability < 1 && random_->uniform() >= rule.probability) return false;
    ++rule.applied;
    return true;
}

FaultPlan::Decision FaultPlan::decide(std::string_view operation) {
    Decision decision;
    for (Rule& rule : rules_)
        if (rule.when != Rule::When::during && due(rule, operation)) apply(rule, decision);
    return decision;
}

bool FaultPlan::admits(std::string_view operation) {
    bool admitted = true;
    for (Rule& rule : rules_)
        if (rule.when == Rule::When::during && due(rule, operation)) admitted = false;
    return admitted;
}

std::optional<json::value> FaultPlan::setting(std::string_view name) const {
    const auto* found = settings_.if_contains(name);
    if (!found) return std::nullopt;
    return *found;
}

json::object FaultPlan::report() const {
    json::object report = plan_;
    json::array counts;
    for (const Rule& rule : rules_)
        counts.push_back(json::object{{"seen", rule.seen}, {"applied", rule.applied}});
    report["counts"] = std::move(counts);
    return report;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "afcl/choose.hpp"

#include "afcl/spelling.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace pyfops::afcl {
namespace {

constexpr std::size_t most_listed = 8;

std::map<std::int64_t, const json::object*> by_id(const AfclTables& tables, const char* name) {
    std::map<std::int64_t, const json::object*> rows;
    const auto found = tables.find(name);
    if (found == tables.end()) return rows;
    for (const json::value& row : found->second)
        rows[integer_or(row, "id", -1)] = &row.as_object();
    return rows;
}

std::optional<double> number_of(const json::object& row, const char* column) {
    const json::value* value = row.if_contains(column);
    return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

bool fits(const Candidate& candidate, const BindingChoice& by) {
    const std::string provider = provider_id(candidate.provider);
    if (by.provider && provider_id(*by.provider) != provider) return false;
    if (by.region && *by.region != candidate.region &&
        *by.region != region_from_afcl(provider, candidate.region))
        return false;
    return !by.memory_mb || *by.memory_mb == candidate.memory_mb;
}

std::string listed(const std::vector<const Candidate*>& some) {
    std::vector<std::string> names;
    for (const Candidate* one : some) {
        if (names.size() == most_listed) {
            names.push_back(fmt::format("{} more", some.size() - most_listed));
            break;
        }
        names.push_back(
            fmt::format("{} {} {} MB ({})", one->provider, one->region, one->memory_mb, one->name));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

Choice none(std::string code, std::string problem, std::string hint) {
    Choice choice;
    choice.absent = true;
    choice.code = std::move(code);
    choice.problem = std::move(problem);
    choice.hint = std::move(hint);
    return choice;
}

Choice unknown_type(const std::vector<Candidate>& all, const std::string& type) {
    std::set<std::string> types;
    for (const Candidate& candidate : all)
        types.insert(candidate.type);
    const std::string near = nearest(type, {types.begin(), types.end()});
    return none("unknown-type", fmt::format("no function deployment of the type '{}' is recorded", type),
                near.empty() ? "deploy one, or leave this function as it is with --partial"
                             : fmt::format("did you mean '{}'?", near));
}

} // namespace

std::string Candidate::deployment() const {
    return fmt::format("{}_{}_{}", workflow_name(provider), region, memory_mb);
}

std::vector<Candidate> candidates(const AfclTables& tables) {
    const auto implementations = by_id(tables, "functionimplementation");
    const auto types = by_id(tables, "functiontype");
    const auto regions = by_id(tables, "region");
    const auto providers = by_id(tables, "provider");
    const auto follow = [](const auto& rows, const json::object& row, const char* column) {
        const auto found = rows.find(integer_or(row, column, -1));
        return found == rows.end() ? nullptr : found->second;
    };
    std::vector<Candidate> all;
    const auto deployments = tables.find("functiondeployment");
    if (deployments == tables.end()) return all;
    for (const json::value& value : deployments->second) {
        const json::object& row = value.as_object();
        const json::value* deployed = row.if_contains("isDeployed");
        const std::string link = string_or(row, "KMS_Arn");
        const json::object* implementation = follow(implementations, row, "functionImplementation_id");
        const json::object* region = follow(regions, row, "regionID");
        const json::object* type =
            implementation ? follow(types, *implementation, "functionType_id") : nullptr;
        const json::object* provider =
            implementation ? follow(providers, *implementation, "provider") : nullptr;
        if (link.empty() || !deployed || *deployed != json::value(true) || !type || !region || !provider)
            continue;
        all.push_back({string_or(row, "name"), string_or(*type, "type"), string_or(*provider, "name"),
                       string_or(*region, "region"), static_cast<int>(integer_or(row, "memorySize")), link,
                       number_of(row, "avgRTT"), number_of(row, "avgCost")});
    }
    return all;
}

Choice choose(const std::vector<Candidate>& all, const std::string& type, const BindingChoice& by) {
    std::vector<const Candidate*> of_type, fitting;
    for (const Candidate& candidate : all)
        if (lower_case(candidate.type) == lower_case(type)) of_type.push_back(&candidate);
    if (of_type.empty()) return unknown_type(all, type);
    for (const Candidate* candidate : of_type)
        if (fits(*candidate, by)) fitting.push_back(candidate);
    if (fitting.empty())
        return none(
            "no-deployment",
            fmt::format("no function deployment of the type '{}' is recorded for that provider, region "
                        "and memory",
                        type),
            "there is " + listed(of_type));
    Choice choice;
    if (by.by == BindingChoice::By::only || fitting.size() == 1) {
        if (fitting.size() == 1) {
            choice.candidate = fitting.front();
            return choice;
        }
        choice.code = "several-deployments";
        choice.problem =
            fmt::format("{} function deployments of the type '{}' are recorded", fitting.size(), type);
        choice.hint =
            fmt::format("choose with --provider, --region, --memory, --cheapest or --fastest; there is {}",
                        listed(fitting));
        return choice;
    }
    const bool cheapest = by.by == BindingChoice::By::cheapest;
    const auto wanted = [&](const Candidate& one) { return cheapest ? one.cost_usd : one.round_trip_ms; };
    std::erase_if(fitting, [&](const Candidate* one) { return !wanted(*one); });
    if (fitting.empty()) {
        choice.code = "not-measured";
        choice.problem = fmt::format("no function deployment of the type '{}' has a recorded {}", type,
                                     cheapest ? "cost (avgCost)" : "round trip (avgRTT)");
        choice.hint = "run 'pyfops test', or choose with --provider and --region";
        return choice;
    }
    // What is equal is told apart by the other figure, then by name: the same record gives the same choice.
    const auto rank = [&](const Candidate* one) {
        const auto other = cheapest ? one->round_trip_ms : one->cost_usd;
        return std::tuple(*wanted(*one), !other, other.value_or(0), one->name);
    };
    choice.candidate = *std::min_element(fitting.begin(), fitting.end(),
                                         [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
    return choice;
}

} // namespace pyfops::afcl

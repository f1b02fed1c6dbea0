// SPDX-License-Identifier: Apache-2.0
#include "pipeline/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace pyfops {

namespace {

/// The functions that share a package, and the units of each resource that holds it.
struct Group {
    std::vector<const FunctionSpec*> functions; ///< in the project's order
    const Unit* first = nullptr;
    std::map<std::string, std::vector<const Unit*>> resources;
};

using Groups = std::map<std::string, Group>;

std::string key_of(const Unit& unit) {
    return unit.target.identity.provider + "/" + unit.target.group;
}

Groups groups_of(const std::vector<Unit>& units) {
    Groups groups;
    for (const Unit& unit : units) {
        if (unit.target.group.empty()) continue;
        Group& group = groups[key_of(unit)];
        if (!group.first) group.first = &unit;
        auto& functions = group.functions;
        if (std::find(functions.begin(), functions.end(), unit.function) == functions.end())
            functions.push_back(unit.function);
        group.resources[unit.resource_key()].push_back(&unit);
    }
    return groups;
}

bool same_value(const EnvironmentValue& one, const EnvironmentValue& other) {
    if (one.index() != other.index()) return false;
    if (const auto* text = std::get_if<std::string>(&one)) return *text == std::get<std::string>(other);
    const auto& source = std::get<SecretSource>(one);
    const auto& another = std::get<SecretSource>(other);
    return source.kind == another.kind && source.reference == another.reference;
}

std::string different_variable(const FunctionSpec& one, const FunctionSpec& other) {
    for (const auto& [name, value] : one.environment) {
        const auto found = other.environment.find(name);
        if (found != other.environment.end() && !same_value(value, found->second)) return name;
    }
    return {};
}

/// What a member has that the group's members before it do not agree with.
void check(const Unit& unit, const Group& group, Diagnostics& diagnostics) {
    const FunctionSpec& function = *unit.function;
    const auto refuse = [&](const FunctionSpec& other, const std::string& what, const std::string& member) {
        diagnostics.add({Severity::error,
                         "group",
                         fmt::format("'{}' and '{}' share one resource on {} and differ in {}", other.name,
                                     function.name, unit.target.identity.provider, what),
                         "make them equal, or put the functions into code bases of their own",
                         function.path + member,
                         {}});
    };
    const FunctionSpec& first = *group.first->function;
    if (unit.target.python != group.first->target.python) refuse(first, "their Python", "");
    if (function.requirements != first.requirements) refuse(first, "their requirements", "/requirements");
    for (const FunctionSpec* other : group.functions) {
        if (other == &function) break;
        if (const std::string name = different_variable(*other, function); !name.empty())
            refuse(*other, "the variable " + name, "/environment/" + name);
    }
}

} // namespace

void join_groups(std::vector<Unit>& units, const std::vector<Unit>& all, Diagnostics& diagnostics) {
    const Groups groups = groups_of(all);
    std::set<const FunctionSpec*> checked;
    for (Unit& unit : units) {
        if (unit.target.group.empty()) continue;
        const Group& group = groups.at(key_of(unit));
        if (checked.insert(unit.function).second) check(unit, group, diagnostics);
        for (const FunctionSpec* function : group.functions)
            if (function != unit.function) unit.companions.push_back(function);
        for (const Unit* member : group.resources.at(unit.resource_key())) {
            unit.target.memory_mb = std::max(unit.target.memory_mb, member->target.memory_mb);
            unit.target.timeout_seconds =
                std::max(unit.target.timeout_seconds, member->target.timeout_seconds);
        }
    }
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "pipeline/groups.hpp"

#include "config/groups.hpp"

#include <algorithm>
#include <map>

namespace pyfops {

namespace {

/// The functions that share a package, and the units of each resource that holds it.
struct Group {
    std::vector<const FunctionSpec*> functions; ///< in the project's order
    std::map<std::string, std::vector<const Unit*>> resources;
};

std::string key_of(const Unit& unit) {
    return unit.target.identity.provider + "/" + unit.target.group;
}

std::map<std::string, Group> groups_of(const std::vector<Unit>& units) {
    std::map<std::string, Group> groups;
    for (const Unit& unit : units) {
        if (unit.target.group.empty()) continue;
        Group& group = groups[key_of(unit)];
        auto& functions = group.functions;
        if (std::find(functions.begin(), functions.end(), unit.function) == functions.end())
            functions.push_back(unit.function);
        group.resources[unit.resource_key()].push_back(&unit);
    }
    return groups;
}

} // namespace

void join_groups(std::vector<Unit>& units, const std::vector<Unit>& all, Diagnostics& diagnostics) {
    std::vector<GroupMember> members;
    for (const Unit& unit : all)
        if (!unit.target.group.empty()) members.push_back({unit.function, &unit.target});
    check_groups(members, diagnostics);
    const std::map<std::string, Group> groups = groups_of(all);
    for (Unit& unit : units) {
        if (unit.target.group.empty()) continue;
        const Group& group = groups.at(key_of(unit));
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

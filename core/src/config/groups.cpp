// SPDX-License-Identifier: Apache-2.0
#include "config/groups.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <variant>

namespace pyfops {

namespace {

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

/// What a function has that one before it in the group does not agree with.
void check(const GroupMember& member, const std::vector<GroupMember>& before, Diagnostics& diagnostics) {
    const FunctionSpec& function = *member.function;
    const auto refuse = [&](const FunctionSpec& other, const std::string& what, const std::string& part) {
        diagnostics.add({Severity::error,
                         "group",
                         fmt::format("'{}' and '{}' share one resource on {} and differ in {}", other.name,
                                     function.name, member.target->identity.provider, what),
                         "make them equal, or put the functions into code bases of their own",
                         function.path + part,
                         {}});
    };
    const GroupMember& first = before.front();
    if (member.target->python != first.target->python) refuse(*first.function, "their Python", "");
    if (function.requirements != first.function->requirements)
        refuse(*first.function, "their requirements", "/requirements");
    for (const GroupMember& other : before)
        if (const std::string name = different_variable(*other.function, function); !name.empty())
            refuse(*other.function, "the variable " + name, "/environment/" + name);
}

} // namespace

void check_groups(const std::vector<GroupMember>& members, Diagnostics& diagnostics) {
    std::map<std::string, std::vector<GroupMember>> groups;
    std::set<std::string> seen;
    for (const GroupMember& member : members) {
        const std::string group = member.target->identity.provider + "/" + member.target->group;
        if (!seen.insert(group + "/" + member.function->name).second) continue;
        std::vector<GroupMember>& before = groups[group];
        if (!before.empty()) check(member, before, diagnostics);
        before.push_back(member);
    }
}

} // namespace pyfops

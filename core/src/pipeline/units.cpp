// SPDX-License-Identifier: Apache-2.0
#include "pipeline/units.hpp"

#include "pipeline/groups.hpp"

#include <functional>
#include <set>

namespace pyfops {

Subject Unit::subject() const {
    const FdIdentity& identity = target.identity;
    return {identity.function, identity.provider, identity.region, identity.slot};
}

std::vector<std::reference_wrapper<const TestCase>> Unit::tests() const {
    std::vector<std::reference_wrapper<const TestCase>> all(entry->tests.begin(), entry->tests.end());
    all.insert(all.end(), function->tests.begin(), function->tests.end());
    return all;
}

const std::string& Unit::implementation() const {
    return target.group.empty() ? target.identity.function : target.group;
}

std::string Unit::implementation_key() const {
    return implementation() + "/" + target.identity.provider + "/" + target.python + "/" +
           target.architecture + "/" + target.glibc;
}

std::string Unit::resource_key() const {
    return pyfops::resource_key(target.identity, target.cloud_name);
}

std::string Unit::name() const {
    const FdIdentity& identity = target.identity;
    std::string name = "'" + identity.function + "' on " + identity.provider + "/" + identity.region;
    if (identity.slot != "auto") name += " at " + identity.slot + " MB";
    return name;
}

namespace {

struct Size {
    std::string slot;
    std::optional<int> megabytes;
};

std::vector<Size> sizes(const MemorySetting& memory) {
    if (memory.automatic) return {{"auto", std::nullopt}};
    std::vector<Size> all;
    for (const int megabytes : memory.megabytes)
        all.push_back({std::to_string(megabytes), megabytes});
    return all;
}

using Wanted = std::function<bool(const FdIdentity&)>;

std::vector<Unit> resolve_units(const Project& project, const Wanted& wanted, Realm realm,
                                PluginRegistry& plugins, const std::string& today, Diagnostics& diagnostics) {
    std::vector<Unit> units;
    std::set<FdIdentity> seen;
    for (const FunctionSpec& function : project.functions)
        for (const DeploymentEntry& entry : project.deployments) {
            if (!entry.takes(function.name)) continue;
            for (const std::string& region : entry.regions)
                for (const Size& size : sizes(entry.memory ? *entry.memory : function.memory)) {
                    const FdIdentity identity{project.name, function.name, entry.provider,
                                              region,       realm,         size.slot};
                    // The plugin is loaded only for what is wanted.
                    if (!wanted(identity) || !seen.insert(identity).second) continue;
                    Unit unit{
                        &function, &entry, &plugins.get(entry.provider), &project.settings(entry.provider),
                        {},        {}};
                    unit.target = unit.provider->resolve({function, identity, size.megabytes, *unit.settings,
                                                          function.path, entry.path,
                                                          "/providers/" + entry.provider, today},
                                                         diagnostics);
                    units.push_back(std::move(unit));
                }
        }
    return units;
}

} // namespace

std::vector<Unit> expand(const Project& project, const Selection& selection, Realm realm,
                         PluginRegistry& plugins, const std::string& today, Diagnostics& diagnostics) {
    const Wanted selected = [&](const FdIdentity& identity) { return selection.matches(identity); };
    std::vector<Unit> units = resolve_units(project, selected, realm, plugins, today, diagnostics);
    std::set<std::string> grouping;
    for (const Unit& unit : units)
        if (!unit.target.group.empty()) grouping.insert(unit.target.identity.provider);
    if (grouping.empty()) return units;
    // What a group has in common does not depend on the selection.
    const Wanted groupable = [&](const FdIdentity& identity) { return grouping.contains(identity.provider); };
    Diagnostics elsewhere;
    const std::vector<Unit> all = resolve_units(project, groupable, realm, plugins, today, elsewhere);
    join_groups(units, all, diagnostics);
    return units;
}

std::string resource_key(const FdIdentity& identity, const std::string& cloud_name) {
    return identity.provider + "/" + identity.region + "/" + cloud_name;
}

void require_stand_in(const Host& host, Realm realm, const std::string& provider) {
    if (realm == Realm::real) return;
    const std::string present = "," + host.system.variable("PYFOPS_LOCAL_PROVIDERS").value_or("") + ",";
    if (present.find("," + provider + ",") != std::string::npos) return;
    throw Error(ErrorKind::unavailable, "the local cloud has no stand-in for " + provider)
        .hint("install the provider's emulator module (pyfops_" + provider +
              "_emulator.so), or leave it out with --only");
}

std::vector<Target> Pipeline::targets(const Project& project, const Selection& selection, Realm realm,
                                      PluginRegistry& plugins, const std::string& today,
                                      Diagnostics& diagnostics) {
    std::vector<Target> targets;
    for (Unit& unit : expand(project, selection, realm, plugins, today, diagnostics))
        targets.push_back(std::move(unit.target));
    return targets;
}

} // namespace pyfops

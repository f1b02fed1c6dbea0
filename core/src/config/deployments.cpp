// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace pyfops::config {

const std::vector<std::string> deployment_keys{"provider", "regions", "functions", "memory"};

namespace {

/// One thing deployed twice would be two rows that fight for one cloud name.
class Doubles {
  public:
    explicit Doubles(const std::vector<FunctionSpec>& functions) : functions_(functions) {}

    void add(const DeploymentEntry& entry, const std::string& region, const Cursor& cursor) {
        std::set<std::string_view> names;
        for (const FunctionSpec& function : functions_) {
            if (!names.insert(function.name).second) continue; // a finding already
            const auto& wanted = entry.functions;
            if (function.name.empty() ||
                (!wanted.empty() && std::find(wanted.begin(), wanted.end(), function.name) == wanted.end()))
                continue;
            const MemorySetting& memory = entry.memory ? *entry.memory : function.memory;
            if (memory.automatic) add(entry, region, function.name, "auto", cursor);
            for (const int megabytes : memory.megabytes)
                add(entry, region, function.name, std::to_string(megabytes), cursor);
        }
    }

  private:
    void add(const DeploymentEntry& entry, const std::string& region, const std::string& function,
             const std::string& slot, const Cursor& cursor) {
        const auto [first, fresh] =
            seen_.emplace(std::tuple(entry.provider, region, function, slot), entry.path);
        if (!fresh)
            cursor.error(
                "duplicate-deployment",
                fmt::format("{} is already deployed to {}/{}{}", in_quotes(function), entry.provider, region,
                            slot == "auto" ? "" : " with " + slot + " MB"),
                "remove it here or from entry " +
                    std::to_string(1 + std::stoul(first->second.substr(first->second.rfind('/') + 1))));
    }

    const std::vector<FunctionSpec>& functions_;
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::string> seen_;
};

DeploymentEntry read_deployment(const Cursor& cursor, const std::vector<FunctionSpec>& functions,
                                Doubles& doubles) {
    DeploymentEntry entry;
    entry.path = cursor.path();
    if (!cursor.is_mapping()) return entry;
    cursor.only(deployment_keys);
    if (const auto provider = cursor.required("provider", "name one, like aws"))
        entry.provider = provider->words().value_or("");
    std::vector<Cursor> regions;
    if (const auto member = cursor.required("regions", "name them, like regions: [eu-central-1]"))
        regions = member->one_or_many("duplicate-region");
    for (const Cursor& region : regions)
        entry.regions.push_back(*region.text());
    if (const auto member = cursor.member("functions")) {
        std::vector<std::string> known;
        for (const FunctionSpec& function : functions)
            if (!function.name.empty()) known.push_back(function.name);
        for (const Cursor& item : member->one_or_many("duplicate-function")) {
            const std::string name = *item.text();
            entry.functions.push_back(name);
            if (std::find(known.begin(), known.end(), name) == known.end())
                item.error("unknown-function", "there is no function " + in_quotes(name),
                           did_you_mean(name, known, known.empty() ? "" : "known: " + listed(known)));
        }
    }
    if (const auto memory = cursor.member("memory")) entry.memory = read_memory(*memory);
    if (!entry.provider.empty())
        for (const Cursor& region : regions)
            doubles.add(entry, *region.text(), region);
    return entry;
}

} // namespace

std::vector<DeploymentEntry> read_deployments(const Cursor& cursor,
                                              const std::vector<FunctionSpec>& functions) {
    std::vector<DeploymentEntry> entries;
    if (!cursor.is_list()) return entries;
    Doubles doubles(functions);
    for (const Cursor& item : cursor.items())
        entries.push_back(read_deployment(item, functions, doubles));
    if (entries.empty())
        cursor.warning("no-deployments", "nothing will be deployed: the list is empty",
                       "add '- {provider: aws, regions: [eu-central-1]}'");
    return entries;
}

} // namespace pyfops::config

// SPDX-License-Identifier: Apache-2.0
#include "config/groups.hpp"
#include "config/reader.hpp"
#include "pyfops/error.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace pyfops {
namespace {

using config::did_you_mean;
using config::in_quotes;
using config::listed;

/// Places findings by their path, and drops those that every region or function would repeat.
class Placed {
  public:
    Placed(const Project& project, Diagnostics& diagnostics) : project_(project), diagnostics_(diagnostics) {}

    void error(std::string path, std::string code, std::string summary, std::string hint) {
        add({Severity::error, std::move(code), std::move(summary), std::move(hint), std::move(path), {}});
    }

    void error_at_key(std::string path, std::string code, std::string summary, std::string hint) {
        SourcePosition position = project_.locate_key ? project_.locate_key(path) : SourcePosition{};
        add({Severity::error, std::move(code), std::move(summary), std::move(hint), std::move(path),
             std::move(position)});
    }

    void add(Finding finding) {
        if (!seen_.emplace(finding.code, finding.summary, finding.path).second) return;
        if (finding.position.file.empty() && project_.locate)
            finding.position = project_.locate(finding.path);
        diagnostics_.add(std::move(finding));
    }

    /// What a plugin said; findings without a place belong to `otherwise`.
    void add_all(const Diagnostics& from, const std::string& otherwise) {
        for (Finding finding : from.findings()) {
            if (finding.path.empty()) finding.path = otherwise;
            add(std::move(finding));
        }
    }

    /// As `add_all`, of one region and size of an entry.
    void add_all(const Diagnostics& from, const std::string& otherwise, const std::string& list,
                 std::size_t index, const std::string& memory, const std::string& size) {
        for (Finding finding : from.findings()) {
            if (finding.path.empty()) finding.path = otherwise;
            if (finding.path == memory) finding.path = size;
            // What concerns the regions concerns the one that was asked about.
            if (finding.path == list) finding.path += "/" + std::to_string(index);
            add(std::move(finding));
        }
    }

  private:
    const Project& project_;
    Diagnostics& diagnostics_;
    std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

/// The providers that could be loaded; a failure is one finding at each place that names it.
class Providers {
  public:
    Providers(PluginRegistry& plugins, Placed& findings) : plugins_(plugins), findings_(findings) {}

    /// `at_key`: the id is a key of `providers:`.
    Provider* get(const std::string& id, const std::string& path, bool at_key) {
        const auto [entry, fresh] = loaded_.try_emplace(id);
        if (fresh) {
            try {
                entry->second.provider = &plugins_.get(id);
            } catch (const Error& failure) {
                entry->second.failure = failure;
            }
        }
        if (const auto& failure = entry->second.failure) {
            if (failure->kind() == ErrorKind::not_found) {
                const auto known = plugins_.ids();
                const std::string summary = "there is no provider " + in_quotes(id);
                const std::string hint =
                    did_you_mean(id, known, known.empty() ? failure->hint() : "known: " + listed(known));
                if (at_key) {
                    findings_.error_at_key(path, "unknown-provider", summary, hint);
                } else {
                    findings_.error(path, "unknown-provider", summary, hint);
                }
            } else {
                findings_.error(path, "plugin-failed", failure->message(), failure->hint());
            }
        }
        return entry->second.provider;
    }

  private:
    struct Loaded {
        Provider* provider = nullptr;
        std::optional<Error> failure;
    };
    PluginRegistry& plugins_;
    Placed& findings_;
    std::map<std::string, Loaded> loaded_;
};

std::string_view wanted_type(SettingInfo::Type type) {
    switch (type) {
    case SettingInfo::Type::string:
        return "text";
    case SettingInfo::Type::boolean:
        return "true or false";
    case SettingInfo::Type::integer:
        return "a whole number";
    case SettingInfo::Type::string_list:
        return "a list of texts";
    case SettingInfo::Type::object:
        return "a mapping";
    }
    return "text";
}

bool has_type(const json::value& value, SettingInfo::Type type) {
    switch (type) {
    case SettingInfo::Type::string:
        return value.is_string();
    case SettingInfo::Type::boolean:
        return value.is_bool();
    case SettingInfo::Type::integer:
        return value.is_int64();
    case SettingInfo::Type::string_list:
        return value.is_array() && std::all_of(value.as_array().begin(), value.as_array().end(),
                                               [](const json::value& item) { return item.is_string(); });
    case SettingInfo::Type::object:
        return value.is_object();
    }
    return false;
}

/// Texts that only certain ones may be: the value itself, or each entry of a list.
void check_values(const SettingInfo& setting, const json::value& value, const std::string& path,
                  Placed& findings) {
    if (setting.values.empty()) return;
    if (const auto* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            check_values(setting, (*array)[i], path + "/" + std::to_string(i), findings);
        return;
    }
    const auto* text = value.if_string();
    if (!text || std::find(setting.values.begin(), setting.values.end(), *text) != setting.values.end())
        return;
    findings.error(path, "bad-setting",
                   fmt::format("{} cannot be {}", in_quotes(setting.key), in_quotes(*text)),
                   did_you_mean(*text, setting.values, "allowed: " + listed(setting.values)));
}

void check_settings(const ProviderInfo& info, const json::object& settings, const std::string& path,
                    Placed& findings) {
    std::vector<std::string> known{"python", "prices"}; // checked where the file is read
    for (const SettingInfo& setting : info.settings)
        known.push_back(setting.key);
    for (const auto& entry : settings) {
        const std::string key(entry.key());
        const std::string here = pointer_to(path, key);
        const auto setting = std::find_if(info.settings.begin(), info.settings.end(),
                                          [&](const SettingInfo& candidate) { return candidate.key == key; });
        if (setting == info.settings.end()) {
            if (key != "python" && key != "prices")
                findings.error_at_key(here, "unknown-setting",
                                      fmt::format("{} has no setting {}", info.title, in_quotes(key)),
                                      did_you_mean(key, known, "known: " + listed(known, 20)));
        } else if (!has_type(entry.value(), setting->type)) {
            findings.error(here, "wrong-type",
                           fmt::format("{} must be {}", in_quotes(key), wanted_type(setting->type)), {});
        } else {
            check_values(*setting, entry.value(), here, findings);
        }
    }
}

struct Size {
    std::string slot = "auto";
    std::optional<int> megabytes;
    std::string path;
};

std::vector<Size> sizes_of(const FunctionSpec& function, const DeploymentEntry& entry) {
    const MemorySetting& memory = entry.memory ? *entry.memory : function.memory;
    const std::string path = (entry.memory ? entry.path : function.path) + "/memory";
    if (memory.automatic) return {{"auto", std::nullopt, path}};
    std::vector<Size> sizes;
    for (std::size_t i = 0; i < memory.megabytes.size(); ++i) {
        // A single size may stand without a list.
        const std::string item = memory.megabytes.size() > 1 ? path + "/" + std::to_string(i) : path;
        sizes.push_back({std::to_string(memory.megabytes[i]), memory.megabytes[i], item});
    }
    return sizes;
}

using Placements = std::vector<std::pair<const FunctionSpec*, Target>>;

void check_function(const Project& project, const FunctionSpec& function, const DeploymentEntry& entry,
                    std::size_t region, const std::string& today, const Provider& provider, Placed& findings,
                    Placements& grouped) {
    std::map<int, Size> by_memory;
    for (const Size& size : sizes_of(function, entry)) {
        const FdIdentity identity{project.name,          function.name, entry.provider,
                                  entry.regions[region], Realm::real,   size.slot};
        Diagnostics own;
        Target target;
        try {
            target = provider.resolve({function, identity, size.megabytes, project.settings(entry.provider),
                                       function.path, entry.path, "/providers/" + entry.provider, today},
                                      own);
        } catch (const std::exception& failure) {
            findings.error(
                entry.path, "plugin-failed",
                fmt::format("the plugin of {} failed: {}", in_quotes(entry.provider), failure.what()), {});
            continue;
        }
        findings.add_all(own, entry.path, entry.path + "/regions", region, function.path + "/memory",
                         size.path);
        if (own.has_errors()) continue;
        if (!target.group.empty()) grouped.emplace_back(&function, target);
        const auto [first, fresh] = by_memory.emplace(target.memory_mb, size);
        if (!fresh)
            findings.error(size.path, "same-memory",
                           fmt::format("{} and {} MB are both {} MB on {}", first->second.slot, size.slot,
                                       target.memory_mb,
                                       provider.offer(project.settings(entry.provider)).title),
                           "remove one");
    }
}

} // namespace

void validate_providers(const Project& project, PluginRegistry& plugins, const std::string& today,
                        Diagnostics& diagnostics) {
    Placed findings(project, diagnostics);
    Providers providers(plugins, findings);
    for (const auto& [id, settings] : project.providers) {
        const std::string path = pointer_to("/providers", id);
        Provider* provider = providers.get(id, path, true);
        if (!provider) continue;
        check_settings(provider->info(), settings, path, findings);
        Diagnostics own;
        provider->validate_settings(settings, path, own);
        findings.add_all(own, path);
    }
    Placements grouped;
    for (const DeploymentEntry& entry : project.deployments) {
        if (entry.provider.empty()) continue;
        const Provider* provider = providers.get(entry.provider, entry.path + "/provider", false);
        if (!provider) continue;
        for (std::size_t region = 0; region < entry.regions.size(); ++region)
            for (const FunctionSpec& function : project.functions) {
                if (entry.takes(function.name) && !function.name.empty())
                    check_function(project, function, entry, region, today, *provider, findings, grouped);
            }
    }
    std::vector<GroupMember> members;
    for (const auto& [function, target] : grouped)
        members.push_back({function, &target});
    Diagnostics own;
    check_groups(members, own);
    findings.add_all(own, "/deployments");
}

} // namespace pyfops

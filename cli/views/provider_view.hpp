// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"
#include "pyfops/plugin_registry.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pyfops::cli {

struct PluginRow {
    PluginDescription description;
    const ProviderInfo* info = nullptr; ///< null: it cannot be used
};

std::string plugins_table(const std::vector<PluginRow>& rows, const StreamTraits& out);
std::string plugin_failure(const PluginRow& row, bool colour);
std::string no_plugins(const std::vector<std::filesystem::path>& places);
/// pyfops.plugins/1
json::object plugins_json(const std::vector<PluginRow>& rows);

/// Everything a provider says of itself; `today` tells which runtimes are past their end.
std::string provider_text(const ProviderInfo& info, const std::string& today, const StreamTraits& out);
/// pyfops.plugin/1
json::object provider_json(const ProviderInfo& info);

/// "128..10240 MB in steps of 1 MB" or the list.
std::string memory_sizes(const MemoryRule& rule);

} // namespace pyfops::cli

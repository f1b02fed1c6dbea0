// SPDX-License-Identifier: Apache-2.0
#include "views/provider_view.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace pyfops::cli {

namespace {

std::string pythons(const ProviderInfo& info) {
    std::vector<std::string> versions;
    for (const RuntimeInfo& runtime : info.runtimes)
        versions.push_back(runtime.python + (runtime.preview ? " (preview)" : ""));
    return fmt::format("{}", fmt::join(versions, ", "));
}

json::value size_json(std::size_t bytes) {
    return bytes == SIZE_MAX ? json::value() : json::value(bytes);
}

std::string size_text(std::size_t bytes) {
    return bytes == SIZE_MAX ? "no limit" : human_size(bytes);
}

std::string type_name(SettingInfo::Type type) {
    switch (type) {
    case SettingInfo::Type::string:
        return "string";
    case SettingInfo::Type::boolean:
        return "boolean";
    case SettingInfo::Type::integer:
        return "integer";
    case SettingInfo::Type::string_list:
        return "list of strings";
    case SettingInfo::Type::object:
        return "object";
    }
    return "string";
}

} // namespace

std::string memory_sizes(const MemoryRule& rule) {
    if (!rule.sizes.empty()) return fmt::format("{} MB", fmt::join(rule.sizes, ", "));
    return fmt::format("{}..{} MB in steps of {} MB", rule.minimum, rule.maximum, rule.step);
}

std::string plugins_table(const std::vector<PluginRow>& rows, const StreamTraits& out) {
    Table table({{"ID"},
                 {"PROVIDER"},
                 {"VERSION"},
                 {"PYTHON"},
                 {"REGIONS", true},
                 {"MEMORY"},
                 {"ORIGIN", false, true}});
    for (const PluginRow& row : rows) {
        const ProviderInfo* info = row.info;
        table.add({{row.description.id},
                   {info ? info->title : "cannot be used", info ? "" : "31"},
                   {row.description.version},
                   {info ? pythons(*info) : ""},
                   {info ? std::to_string(info->regions.size()) : ""},
                   {info ? memory_sizes(info->memory) : ""},
                   {row.description.origin}});
    }
    return table.render(out.width, out.colour);
}

std::string plugin_failure(const PluginRow& row, bool colour) {
    return coloured("error:", "1;31", colour) + " " + escape_control(row.description.failure) + "\n";
}

std::string no_plugins(const std::vector<std::filesystem::path>& places) {
    std::string text = "no plugins found; searched:\n";
    for (const auto& place : places)
        text += "  " + place.string() + "\n";
    return text;
}

json::object provider_json(const ProviderInfo& info) {
    json::object result = document("plugin");
    result["id"] = info.id;
    result["title"] = info.title;
    json::array regions;
    for (const RegionInfo& region : info.regions)
        regions.push_back({{"code", region.code}, {"location", region.location}, {"opt_in", region.opt_in}});
    result["regions"] = std::move(regions);
    json::array runtimes;
    for (const RuntimeInfo& runtime : info.runtimes)
        runtimes.push_back({{"python", runtime.python},
                            {"name", runtime.name},
                            {"os", runtime.os},
                            {"glibc", runtime.glibc},
                            {"deprecation", runtime.deprecation},
                            {"block_create", runtime.block_create},
                            {"block_update", runtime.block_update},
                            {"preview", runtime.preview},
                            {"source", runtime.source}});
    result["runtimes"] = std::move(runtimes);
    result["architectures"] = strings(info.architectures);
    json::array sizes;
    for (const int size : info.memory.sizes)
        sizes.emplace_back(size);
    json::array shares;
    for (const CpuShare& share : info.memory.cpu)
        shares.push_back({{"memory_mb", share.memory_mb}, {"vcpus", share.vcpus}});
    result["memory"] = {{"minimum", info.memory.minimum}, {"maximum", info.memory.maximum},
                        {"step", info.memory.step},       {"standard", info.memory.standard},
                        {"sizes", std::move(sizes)},      {"cpu", std::move(shares)},
                        {"source", info.memory.source}};
    const ProviderLimits& limits = info.limits;
    result["limits"] = {{"timeout_minimum_s", limits.timeout_minimum},
                        {"timeout_maximum_s", limits.timeout_maximum},
                        {"timeout_standard_s", limits.timeout_standard},
                        {"inline_zip_bytes", size_json(limits.inline_zip_bytes)},
                        {"zip_bytes", size_json(limits.zip_bytes)},
                        {"unzipped_bytes", size_json(limits.unzipped_bytes)},
                        {"environment_bytes", size_json(limits.environment_bytes)},
                        {"event_bytes", size_json(limits.event_bytes)},
                        {"answer_bytes", size_json(limits.answer_bytes)},
                        {"name_length", limits.name_length},
                        {"source", limits.source}};
    json::array prices;
    for (const PriceInfo& price : info.prices)
        prices.push_back({{"region", price.region},
                          {"architecture", price.architecture},
                          {"per_request_usd", price.per_request},
                          {"per_gb_second_usd", price.per_gb_second},
                          {"per_vcpu_second_usd", price.per_vcpu_second},
                          {"minimum_ms", price.minimum_ms},
                          {"rounding_ms", price.rounding_ms},
                          {"source", price.source}});
    result["prices"] = std::move(prices);
    json::array settings;
    for (const SettingInfo& setting : info.settings)
        settings.push_back({{"key", setting.key},
                            {"type", type_name(setting.type)},
                            {"description", setting.description},
                            {"values", strings(setting.values)}});
    result["settings"] = std::move(settings);
    result["credential_sources"] = strings(info.credential_sources);
    result["concurrency"] = info.concurrency;
    return result;
}

json::object plugins_json(const std::vector<PluginRow>& rows) {
    json::object result = document("plugins");
    json::array plugins;
    for (const PluginRow& row : rows) {
        json::object entry;
        entry["id"] = row.description.id;
        entry["version"] = row.description.version;
        entry["origin"] = row.description.origin;
        entry["failure"] =
            row.description.failure.empty() ? json::value() : json::value(row.description.failure);
        entry["provider"] = row.info ? json::value(provider_json(*row.info)) : json::value();
        plugins.push_back(std::move(entry));
    }
    result["plugins"] = std::move(plugins);
    return result;
}

std::string provider_text(const ProviderInfo& info, const std::string& today, const StreamTraits& out) {
    std::string text = fmt::format("{} ({})\n\n", info.title, info.id);
    std::set<std::string> sources;
    Table runtimes({{"RUNTIME"},
                    {"PYTHON"},
                    {"SYSTEM"},
                    {"GLIBC"},
                    {"DEPRECATED"},
                    {"NO NEW"},
                    {"NO UPDATE"},
                    {"STATE"}});
    for (const RuntimeInfo& runtime : info.runtimes) {
        const auto passed = [&](const std::string& date) { return !date.empty() && date <= today; };
        const std::string state = passed(runtime.block_update)   ? "ended"
                                  : passed(runtime.block_create) ? "updates only"
                                  : passed(runtime.deprecation)  ? "deprecated"
                                  : runtime.preview              ? "preview"
                                                                 : "good";
        runtimes.add({{runtime.name},
                      {runtime.python},
                      {runtime.os},
                      {runtime.glibc},
                      {runtime.deprecation},
                      {runtime.block_create},
                      {runtime.block_update},
                      {state, state == "good"    ? "32"
                              : state == "ended" ? "31"
                                                 : "33"}});
        if (!runtime.source.empty()) sources.insert("runtimes: " + runtime.source);
    }
    text += runtimes.render(out.width, out.colour) + "\n";

    text += fmt::format("memory:       {}; default {} MB\n", memory_sizes(info.memory), info.memory.standard);
    const ProviderLimits& limits = info.limits;
    text += fmt::format("timeout:      {}..{} s; default {} s\n", limits.timeout_minimum,
                        limits.timeout_maximum, limits.timeout_standard);
    text += fmt::format("package:      {} zipped, {} unzipped", size_text(limits.zip_bytes),
                        size_text(limits.unzipped_bytes));
    if (limits.inline_zip_bytes != SIZE_MAX)
        text += fmt::format("; above {} through object storage", human_size(limits.inline_zip_bytes));
    text += fmt::format("\nevent/answer: {} / {}\n", size_text(limits.event_bytes),
                        size_text(limits.answer_bytes));
    text += fmt::format("environment:  {}\n", size_text(limits.environment_bytes));
    text += fmt::format("machine:      {}\n", fmt::join(info.architectures, ", "));
    if (!info.memory.source.empty()) sources.insert("memory: " + info.memory.source);
    if (!limits.source.empty()) sources.insert("limits: " + limits.source);

    Table regions({{"REGION"}, {"LOCATION"}, {""}});
    for (const RegionInfo& region : info.regions)
        regions.add(
            {{region.code}, {region.location}, {region.opt_in ? "to be enabled in the account" : ""}});
    text += "\n" + regions.render(out.width, out.colour);

    if (!info.prices.empty()) {
        Table prices({{"PRICE IN"},
                      {"MACHINE"},
                      {"USD/REQUEST", true},
                      {"USD/GB-SECOND", true},
                      {"USD/VCPU-SECOND", true},
                      {"ROUNDED TO", true}});
        for (const PriceInfo& price : info.prices) {
            prices.add({{price.region.empty() ? "other regions" : price.region},
                        {price.architecture},
                        {fmt::format("{:.10g}", price.per_request)},
                        {fmt::format("{:.10g}", price.per_gb_second)},
                        {fmt::format("{:.10g}", price.per_vcpu_second)},
                        {fmt::format("{} ms", price.rounding_ms)}});
            if (!price.source.empty()) sources.insert("prices: " + price.source);
        }
        text += "\n" + prices.render(out.width, out.colour);
    }
    if (!info.settings.empty()) {
        Table settings({{"SETTING"}, {"TYPE"}, {"MEANING", false, true}});
        for (const SettingInfo& setting : info.settings)
            settings.add({{fmt::format("providers.{}.{}", info.id, setting.key)},
                          {type_name(setting.type)},
                          {setting.description}});
        text += "\n" + settings.render(out.width, out.colour);
    }
    if (!info.credential_sources.empty())
        text += fmt::format("\ncredentials, in this order: {}\n", fmt::join(info.credential_sources, ", "));
    if (!sources.empty()) {
        text += "\nsources:\n";
        for (const std::string& source : sources)
            text += "  " + source + "\n";
    }
    return text;
}

} // namespace pyfops::cli

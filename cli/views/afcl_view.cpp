// SPDX-License-Identifier: Apache-2.0
#include "views/afcl_view.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

json::value optional_text(const std::optional<std::string>& text) {
    return text ? json::value(json::string(*text)) : json::value();
}

std::string change(std::string_view what, const std::optional<std::string>& before,
                   const std::string& after) {
    if (before == after) return {};
    return fmt::format("  {}: {}{}\n", what,
                       before && !before->empty() ? escape_control(*before) + " -> " : std::string(),
                       escape_control(after));
}

} // namespace

json::object bind_json(const BindView& view) {
    json::object result = document("afcl-bind");
    result["workflow"] = view.workflow;
    result["output"] = view.output;
    result["written"] = view.written;
    json::array functions;
    for (const Binding& binding : view.bindings) {
        json::object entry;
        entry["function"] = binding.function;
        entry["type"] = binding.type;
        entry["line"] = binding.position.line;
        entry["deployment_name"] = binding.name;
        entry["provider"] = binding.provider;
        entry["region"] = binding.region;
        entry["memory_mb"] = binding.memory_mb;
        entry["resource"] = binding.resource;
        entry["old_resource"] = optional_text(binding.old_resource);
        entry["deployment"] = binding.deployment;
        entry["old_deployment"] = optional_text(binding.old_deployment);
        entry["changed"] = binding.changed();
        functions.push_back(std::move(entry));
    }
    result["functions"] = std::move(functions);
    result["findings"] = to_json(view.findings);
    return result;
}

std::string bind_text(const BindView& view) {
    std::string text;
    for (const Binding& binding : view.bindings) {
        text += fmt::format("{}:{}: {} ({}): {}{}\n", view.workflow, binding.position.line,
                            escape_control(binding.function), escape_control(binding.type),
                            escape_control(binding.name), binding.changed() ? "" : ", unchanged");
        text += change("resource", binding.old_resource, binding.resource);
        text += change("deployment", binding.old_deployment, binding.deployment);
    }
    return text;
}

json::object export_json(const AfclExport& files, const std::string& database, const std::string& directory,
                         const std::string& reader, Realm realm) {
    json::object result = document("db-export");
    result["database"] = database;
    result["directory"] = directory;
    result["for"] = reader;
    result["realm"] = std::string(to_string(realm));
    json::array written;
    for (const auto& [file, rows] : files.files)
        written.push_back({{"file", file}, {"rows", rows.size()}});
    result["files"] = std::move(written);
    result["notices"] = strings(files.notices);
    return result;
}

json::object import_json(const AfclImport& import, const std::vector<Finding>& findings,
                         const std::string& database, const std::string& directory) {
    json::object result = document("db-import");
    result["database"] = database;
    result["directory"] = directory;
    result["written"] = import.written;
    json::array tables;
    for (const AfclImport::Count& count : import.tables)
        tables.push_back({{"table", count.table},
                          {"file", count.file},
                          {"added", count.added},
                          {"present", count.present}});
    result["tables"] = std::move(tables);
    result["findings"] = to_json(findings);
    result["notices"] = strings(import.notices);
    return result;
}

std::string import_table(const AfclImport& import, const StreamTraits& out) {
    Table table({{"TABLE"}, {"FILE"}, {"ADDED", true}, {"PRESENT", true}});
    for (const AfclImport::Count& count : import.tables)
        table.add({{count.table},
                   {count.file},
                   {fmt::format("{}", count.added)},
                   {fmt::format("{}", count.present)}});
    return table.render(out.width, out.colour);
}

} // namespace pyfops::cli

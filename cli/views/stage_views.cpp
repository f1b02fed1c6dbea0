// SPDX-License-Identifier: Apache-2.0
#include "views/stage_views.hpp"

#include "frame/exit_code.hpp"
#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"
#include "views/run_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace pyfops::cli {

std::vector<ImplementationRow> implementations(const RunReport& report, const std::filesystem::path& output) {
    std::vector<ImplementationRow> rows;
    for (const UnitReport& unit : report.units) {
        const auto same = std::find_if(rows.begin(), rows.end(), [&](const ImplementationRow& row) {
            return row.unit->identity.function == unit.identity.function &&
                   row.unit->identity.provider == unit.identity.provider &&
                   row.unit->target.python == unit.target.python;
        });
        if (same != rows.end()) {
            if (std::find(same->regions.begin(), same->regions.end(), unit.identity.region) ==
                same->regions.end())
                same->regions.push_back(unit.identity.region);
            continue;
        }
        ImplementationRow row{&unit, {unit.identity.region}, {}};
        if (!unit.written.empty())
            row.output = output / unit.written.lexically_relative(std::filesystem::absolute(output));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string implementation_table(const std::vector<ImplementationRow>& rows, Stage last,
                                 const StreamTraits& out) {
    Table table({{"FUNCTION"},
                 {"PROVIDER"},
                 {"PYTHON"},
                 {"PACKAGE", true},
                 {"UNZIPPED", true},
                 {"FILES", true},
                 {"RESULT"},
                 {"CONTENT HASH"},
                 {"WRITTEN TO", false, true}});
    for (const ImplementationRow& row : rows) {
        const UnitReport& unit = *row.unit;
        const Package* package = unit.package && last >= Stage::package ? &*unit.package : nullptr;
        table.add({{unit.identity.function},
                   {unit.identity.provider},
                   {unit.target.python},
                   {package ? human_size(package->archive.size()) : ""},
                   {package ? human_size(package->unzipped_bytes) : ""},
                   {package ? std::to_string(package->file_count) : ""},
                   {verdict(unit), unit.failure ? "31" : "32"},
                   {package ? package->content_hash.substr(0, 12) : ""},
                   {row.output.string()}});
    }
    return table.render(out.width, out.colour);
}

std::string biggest_parts(const std::vector<ImplementationRow>& rows) {
    std::string text;
    for (const ImplementationRow& row : rows) {
        if (!row.unit->package || row.unit->package->shares.empty()) continue;
        std::vector<std::string> parts;
        for (const SizeShare& share : row.unit->package->shares) {
            if (parts.size() == 3) break;
            parts.push_back(fmt::format("{} {}", share.name, human_size(share.bytes)));
        }
        text += fmt::format("{} {}: biggest parts, unzipped: {}\n", row.unit->identity.function,
                            row.unit->identity.provider, fmt::join(parts, ", "));
    }
    return escape_control(text, true);
}

namespace {

json::value package_json(const Package& package) {
    json::object result;
    result["bytes"] = package.archive.size();
    result["unzipped_bytes"] = package.unzipped_bytes;
    result["files"] = package.file_count;
    result["content_hash"] = package.content_hash;
    json::array parts;
    for (const SizeShare& share : package.shares)
        parts.push_back({{"name", share.name}, {"bytes", share.bytes}});
    result["parts"] = std::move(parts);
    json::array distributions;
    for (const Distribution& one : package.distributions)
        distributions.push_back({{"name", one.name},
                                 {"version", one.version},
                                 {"wheel", one.wheel},
                                 {"sha256", one.sha256},
                                 {"bytes", one.bytes},
                                 {"built", one.built}});
    result["distributions"] = std::move(distributions);
    return result;
}

} // namespace

json::object implementation_json(const std::vector<ImplementationRow>& rows, Stage last,
                                 const std::string& project, bool succeeded) {
    json::object result = document(last == Stage::wrap ? "wrap" : "package");
    result["project"] = project;
    result["succeeded"] = succeeded;
    json::array entries;
    for (const ImplementationRow& row : rows) {
        const UnitReport& unit = *row.unit;
        json::object entry;
        entry["function"] = unit.identity.function;
        entry["provider"] = unit.identity.provider;
        entry["regions"] = strings(row.regions);
        entry["python"] = unit.target.python;
        entry["runtime"] = unit.target.runtime;
        entry["succeeded"] = !unit.failure;
        entry["failure"] = to_json(unit.failure);
        if (last >= Stage::package)
            entry["package"] = unit.package ? package_json(*unit.package) : json::value();
        entry["output"] = row.output.string();
        entries.push_back(std::move(entry));
    }
    result["implementations"] = std::move(entries);
    return result;
}

std::string plan_table(const std::vector<PlannedUnit>& units, const StreamTraits& out) {
    Table table({{"ACTION"},
                 {"FUNCTION"},
                 {"PROVIDER"},
                 {"REGION"},
                 {"MEMORY", true},
                 {.title = "TIMEOUT", .right = true, .spare = 4},
                 {.title = "RUNTIME", .spare = 3},
                 {.title = "PACKAGE", .right = true, .spare = 2},
                 {.title = "NAME", .spare = 1},
                 {"WHY", false, true}});
    const std::map<PlannedAction, const char*> colours{{PlannedAction::create, "32"},
                                                       {PlannedAction::update, "33"},
                                                       {PlannedAction::unchanged, ""},
                                                       {PlannedAction::unknown, "31"},
                                                       {PlannedAction::fail, "31"}};
    for (const PlannedUnit& unit : units) {
        table.add({{std::string(to_string(unit.action)), colours.at(unit.action)},
                   {unit.target.identity.function},
                   {unit.target.identity.provider},
                   {unit.target.identity.region},
                   {fmt::format("{} MB", unit.target.memory_mb)},
                   {fmt::format("{} s", unit.target.timeout_seconds)},
                   {unit.target.runtime},
                   {unit.package_bytes > 0 ? human_size(unit.package_bytes) : ""},
                   {unit.target.cloud_name},
                   {unit.failure ? "see below" : escape_control(unit.reason)}});
    }
    return table.render(out.width, out.colour);
}

std::string plan_summary(const std::vector<PlannedUnit>& units) {
    std::map<PlannedAction, std::size_t> counts;
    for (const PlannedUnit& unit : units)
        ++counts[unit.action];
    std::vector<std::string> parts;
    for (const auto& [action, words] : {std::pair{PlannedAction::create, "to create"},
                                        {PlannedAction::update, "to update"},
                                        {PlannedAction::unchanged, "unchanged"},
                                        {PlannedAction::unknown, "unknown"},
                                        {PlannedAction::fail, "would fail"}})
        if (const auto found = counts.find(action); found != counts.end())
            parts.push_back(fmt::format("{} {}", found->second, words));
    return fmt::format("{}\n", fmt::join(parts, ", "));
}

std::string plan_remarks(const std::vector<PlannedUnit>& units, const std::vector<std::string>& notices,
                         bool colour) {
    std::vector<std::pair<std::string, Error>> failures;
    std::vector<std::pair<std::string, std::string>> notes;
    for (const std::string& notice : notices)
        notes.emplace_back("", notice);
    for (const PlannedUnit& unit : units) {
        const std::string name = unit.target.identity.function + " " + place_of(unit.target.identity);
        if (unit.failure) failures.emplace_back(name, *unit.failure);
    }
    const std::string failed = render_failures(failures, colour);
    return failed + (failed.empty() ? "" : "\n") + render_notices(notes, colour);
}

int exit_code(const std::vector<PlannedUnit>& units) {
    std::vector<ErrorKind> failures;
    for (const PlannedUnit& unit : units)
        if (unit.failure) failures.push_back(unit.failure->kind());
    return exit_code(failures, units.size() - failures.size());
}

json::object plan_json(const std::vector<PlannedUnit>& units, const std::vector<FdIdentity>& unlisted,
                       const std::string& project, Realm realm) {
    json::object result = document("plan");
    result["project"] = project;
    result["realm"] = std::string(to_string(realm));
    json::array entries;
    for (const PlannedUnit& unit : units) {
        json::object entry = to_json(unit.target.identity);
        entry["action"] = std::string(to_string(unit.action));
        entry["reason"] = unit.reason;
        entry["cloud_name"] = unit.target.cloud_name;
        entry["memory_mb"] = unit.target.memory_mb;
        entry["timeout_s"] = unit.target.timeout_seconds;
        entry["python"] = unit.target.python;
        entry["runtime"] = unit.target.runtime;
        entry["architecture"] = unit.target.architecture;
        entry["package_bytes"] = unit.package_bytes;
        entry["failure"] = to_json(unit.failure);
        entries.push_back(std::move(entry));
    }
    result["deployments"] = std::move(entries);
    json::array others;
    for (const FdIdentity& identity : unlisted)
        others.push_back(to_json(identity));
    result["unlisted"] = std::move(others);
    return result;
}

namespace {

/// What was to be removed, and places and the record where that is not known.
std::vector<DestroyOutcome> destroy_rows(const DestroyReport& report, const std::string& project,
                                         Realm realm) {
    std::vector<DestroyOutcome> rows = report.deployments;
    for (const UnaskedPlace& place : report.places)
        rows.push_back({{project, "*", place.provider, place.region, realm, "*"}, "", place.failure});
    if (report.record_failure)
        rows.push_back({{project, "*", "*", "*", realm, "*"}, "", report.record_failure});
    return rows;
}

} // namespace

std::string destroy_table(const DestroyReport& report, const StreamTraits& out) {
    Table table({{"FUNCTION"}, {"PROVIDER"}, {"REGION"}, {"NAME"}, {"RESULT"}});
    for (const DestroyOutcome& outcome : destroy_rows(report, "", Realm::real))
        table.add({{outcome.identity.function},
                   {outcome.identity.provider},
                   {outcome.identity.region},
                   {outcome.cloud_name},
                   {outcome.failure ? "failed" : "removed", outcome.failure ? "31" : "32"}});
    return table.render(out.width, out.colour);
}

json::object destroy_json(const DestroyReport& report, const std::string& project, Realm realm) {
    json::object result = document("destroy");
    result["project"] = project;
    result["realm"] = std::string(to_string(realm));
    result["succeeded"] = report.succeeded();
    json::array entries;
    for (const DestroyOutcome& outcome : destroy_rows(report, project, realm)) {
        json::object entry = to_json(outcome.identity);
        entry["cloud_name"] = outcome.cloud_name;
        entry["removed"] = !outcome.failure;
        entry["failure"] = to_json(outcome.failure);
        entries.push_back(std::move(entry));
    }
    result["deployments"] = std::move(entries);
    return result;
}

} // namespace pyfops::cli

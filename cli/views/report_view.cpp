// SPDX-License-Identifier: Apache-2.0
#include "views/report_view.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"
#include "views/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>

namespace pyfops::cli {

namespace {

using std::string_view_literals::operator""sv;

template <class T>
json::value optional_json(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value();
}

template <class T, class Show>
std::string shown(const std::optional<T>& value, Show show) {
    return value ? show(*value) : std::string();
}

std::string megabytes(int value) {
    return fmt::format("{} MB", value);
}

/// Megabytes that were measured.
std::string measured_megabytes(double value) {
    return fmt::format("{:.1f} MB", value);
}

std::string milliseconds(double value) {
    return value < 1000 ? fmt::format("{:.1f} ms", value)
                        : human_duration(Milliseconds(static_cast<long long>(std::llround(value))));
}

std::string percent(double share) {
    return fmt::format("{:.4g} %", share * 100);
}

std::string dollars(double value) {
    return fmt::format("{:.3g} USD", value);
}

std::string size(std::int64_t bytes) {
    return human_size(static_cast<std::size_t>(bytes));
}

/// The project and the identity's own members.
json::object identified(const FdIdentity& identity) {
    json::object entry{{"project", identity.project}};
    for (const auto& member : to_json(identity))
        entry[member.key()] = member.value();
    return entry;
}

json::object listing(std::string_view name, const std::string& source, std::string_view key,
                     json::array entries) {
    json::object result = document(name);
    result["source"] = source;
    result[key] = std::move(entries);
    return result;
}

json::array entries_of(const std::vector<DeploymentRecord>& records) {
    json::array entries;
    for (const DeploymentRecord& record : records) {
        json::object entry = identified(record.identity);
        entry["name"] = record.name;
        entry["state"] = record.state;
        entry["memory_mb"] = record.memory_mb;
        entry["minimum_memory_mb"] = optional_json(record.minimum_memory_mb);
        entry["package_bytes"] = record.package_bytes > 0 ? json::value(record.package_bytes) : json::value();
        entry["deployment_ms"] =
            record.deployment_time.count() > 0 ? json::value(record.deployment_time.count()) : json::value();
        entry["avg_rtt_ms"] = optional_json(record.averages.rtt_ms);
        entry["avg_runtime_ms"] = optional_json(record.averages.runtime_ms);
        entry["avg_cost_usd"] = optional_json(record.averages.cost_usd);
        entry["success_rate"] = optional_json(record.averages.success_rate);
        entry["invocations"] = record.averages.invocations;
        entry["link"] = record.link;
        entry["updated"] = record.updated;
        entries.push_back(std::move(entry));
    }
    return entries;
}

json::array entries_of(const std::vector<RecordedRun>& runs) {
    json::array entries;
    for (const RecordedRun& run : runs)
        entries.push_back({{"uuid", run.uuid},
                           {"project", run.project},
                           {"command", run.command},
                           {"realm", to_string(run.realm)},
                           {"started", run.started},
                           {"finished", run.finished},
                           {"succeeded", optional_json(run.succeeded)},
                           {"summary", run.summary},
                           {"deployments", run.deployments},
                           {"tests", run.tests},
                           {"passed", run.passed},
                           {"probes", run.probes},
                           {"pyfops_version", run.pyfops_version}});
    return entries;
}

json::array entries_of(const std::vector<ProbeRecord>& probes) {
    json::array entries;
    for (const ProbeRecord& probe : probes) {
        json::object entry = identified(probe.identity);
        entry["at"] = to_iso8601(probe.at);
        entry["ordinal"] = probe.ordinal;
        entry["memory_mb"] = probe.memory_mb;
        entry["verdict"] = probe.verdict;
        entry["reason"] = probe.reason;
        entry["doubtful"] = probe.doubtful;
        entry["calls"] = probe.calls;
        entry["peak_mb"] = optional_json(probe.peak_mb);
        entry["duration_ms"] = optional_json(probe.duration_ms);
        entry["cost_usd"] = optional_json(probe.cost_usd);
        entries.push_back(std::move(entry));
    }
    return entries;
}

/// What FI and FD have in common.
template <class T>
void add_values(json::object& entry, const T& of) {
    entry["deployment_ms"] = optional_json(of.deployment_ms);
    entry["package_bytes"] = optional_json(of.package_bytes);
    entry["minimum_memory_mb"] = optional_json(of.minimum_memory_mb);
}

json::object entry_of(const AfclImplementation& implementation) {
    json::object entry{{"row", implementation.row},           {"name", implementation.name},
                       {"project", implementation.project},   {"function", implementation.function},
                       {"provider", implementation.provider}, {"realm", to_string(implementation.realm)}};
    add_values(entry, implementation);
    return entry;
}

json::object entry_of(const AfclDeployment& deployment) {
    json::object entry{{"row", deployment.row}, {"name", deployment.name}};
    for (const auto& member : identified(deployment.identity))
        entry[member.key()] = member.value();
    add_values(entry, deployment);
    entry["link"] = deployment.link;
    return entry;
}

/// "yes", "no", "open"
Cell success_of(const RecordedRun& run) {
    if (!run.succeeded) return {"open", "33"};
    return *run.succeeded ? Cell{"yes", "32"} : Cell{"no", "31"};
}

std::string differences_text(const AfclReport& report, const StreamTraits& out) {
    if (report.differences.empty()) return "";
    const bool one = report.differences.size() == 1;
    Table table({{"TABLE"}, {"ROW", true}, {"NAME"}, {"COLUMN"}, {"STANDS", true}, {"OUR CALLS GIVE", true}});
    const auto number = [](double value) { return fmt::format("{}", value); };
    for (const AverageDifference& difference : report.differences)
        for (const auto& column : difference.columns)
            table.add({{difference.table},
                       {std::to_string(difference.row)},
                       {difference.name},
                       {column.name},
                       {column.stands ? number(*column.stands) : "NULL"},
                       {column.ours ? number(*column.ours) : "nothing"}});
    return fmt::format("\n{} of AFCL {} other averages than our own calls give: the AFCL cron job or another "
                       "tool wrote there\n\n",
                       counted(report.differences.size(), "row"), one ? "has" : "have") +
           table.render(out.width, out.colour);
}

} // namespace

std::string report_table(const std::vector<DeploymentRecord>& records, bool with_project,
                         const StreamTraits& out) {
    Table table({{"PROJECT"},
                 {"FUNCTION"},
                 {"PROVIDER"},
                 {"REGION"},
                 {"SLOT"},
                 {"MEMORY", true},
                 {.title = "MINIMUM", .right = true, .spare = 1},
                 {.title = "PACKAGE", .right = true, .spare = 4},
                 {.title = "DEPLOYED IN", .right = true, .spare = 5},
                 {.title = "AVG RTT", .right = true, .spare = 2},
                 {.title = "AVG COST", .right = true, .spare = 6},
                 {.title = "SUCCESS", .right = true, .spare = 1},
                 {.title = "CALLS", .right = true, .spare = 3},
                 {"RESOURCE LINK", false, true}});
    for (const DeploymentRecord& record : records)
        table.add({{with_project ? record.identity.project : ""},
                   {record.identity.function},
                   {record.identity.provider},
                   {record.identity.region},
                   {record.identity.slot == "auto" ? "" : record.identity.slot},
                   {megabytes(record.memory_mb)},
                   {shown(record.minimum_memory_mb, megabytes)},
                   {record.package_bytes > 0 ? human_size(record.package_bytes) : ""},
                   {record.deployment_time.count() > 0 ? human_duration(record.deployment_time) : ""},
                   {shown(record.averages.rtt_ms, milliseconds)},
                   {shown(record.averages.cost_usd, dollars)},
                   {shown(record.averages.success_rate, percent)},
                   {std::to_string(record.averages.invocations)},
                   {record.link}});
    return table.render(out.width, out.colour);
}

json::object report_json(const std::vector<DeploymentRecord>& records, const std::string& source) {
    return listing("report", source, "deployments", entries_of(records));
}

std::string report_csv(const std::vector<DeploymentRecord>& records, const StreamTraits& out) {
    static constexpr std::array columns{
        "project"sv,       "function"sv,      "provider"sv,   "region"sv,         "realm"sv,
        "slot"sv,          "name"sv,          "state"sv,      "memory_mb"sv,      "minimum_memory_mb"sv,
        "package_bytes"sv, "deployment_ms"sv, "avg_rtt_ms"sv, "avg_runtime_ms"sv, "avg_cost_usd"sv,
        "success_rate"sv,  "invocations"sv,   "link"sv,       "updated"sv};
    return csv(columns, entries_of(records), out);
}

std::string runs_table(const std::vector<RecordedRun>& runs, bool with_project, const StreamTraits& out) {
    Table table({{.title = "STARTED", .stem = 16},
                 {.title = "FINISHED", .spare = 4, .stem = 16},
                 {"PROJECT"},
                 {"COMMAND"},
                 {.title = "DEPLOYMENTS", .right = true, .spare = 3},
                 {.title = "TESTS", .right = true, .spare = 1},
                 {.title = "PROBES", .right = true, .spare = 2},
                 {"SUCCEEDED"},
                 {"SUMMARY", false, true}});
    for (const RecordedRun& run : runs)
        table.add({{run.started},
                   {run.finished},
                   {with_project ? run.project : ""},
                   {run.command},
                   {std::to_string(run.deployments)},
                   {run.tests > 0 ? fmt::format("{}/{}", run.passed, run.tests) : ""},
                   {run.probes > 0 ? std::to_string(run.probes) : ""},
                   success_of(run),
                   {run.summary}});
    return table.render(out.width, out.colour);
}

json::object runs_json(const std::vector<RecordedRun>& runs, const std::string& source) {
    return listing("report-runs", source, "runs", entries_of(runs));
}

std::string runs_csv(const std::vector<RecordedRun>& runs, const StreamTraits& out) {
    static constexpr std::array columns{
        "uuid"sv,    "project"sv,     "command"sv, "realm"sv,  "started"sv, "finished"sv,      "succeeded"sv,
        "summary"sv, "deployments"sv, "tests"sv,   "passed"sv, "probes"sv,  "pyfops_version"sv};
    return csv(columns, entries_of(runs), out);
}

std::string probes_table(const std::vector<ProbeRecord>& probes, bool with_project, const StreamTraits& out) {
    Table table({{.title = "AT", .spare = 1, .stem = 16},
                 {"PROJECT"},
                 {"FUNCTION"},
                 {"PROVIDER"},
                 {"REGION"},
                 {"SLOT"},
                 {"PROBE", true},
                 {"MEMORY", true},
                 {"VERDICT"},
                 {.title = "CALLS", .right = true, .spare = 4},
                 {.title = "PEAK", .right = true, .spare = 2},
                 {.title = "DURATION", .right = true, .spare = 3},
                 {.title = "COST", .right = true, .spare = 5},
                 {"REASON", false, true}});
    for (const ProbeRecord& probe : probes) {
        const FdIdentity& fd = probe.identity;
        table.add(
            {{to_iso8601(probe.at)},
             {with_project ? fd.project : ""},
             {fd.function},
             {fd.provider},
             {fd.region},
             {fd.slot == "auto" ? "" : fd.slot},
             {std::to_string(probe.ordinal)},
             {megabytes(probe.memory_mb)},
             {probe.verdict + (probe.doubtful ? ", doubtful" : ""), probe.verdict == "passed" ? "32" : "33"},
             {std::to_string(probe.calls)},
             {shown(probe.peak_mb, measured_megabytes)},
             {shown(probe.duration_ms, milliseconds)},
             {shown(probe.cost_usd, dollars)},
             {probe.reason}});
    }
    return table.render(out.width, out.colour);
}

json::object probes_json(const std::vector<ProbeRecord>& probes, const std::string& source) {
    return listing("report-probes", source, "probes", entries_of(probes));
}

std::string probes_csv(const std::vector<ProbeRecord>& probes, const StreamTraits& out) {
    static constexpr std::array columns{"project"sv,   "function"sv, "provider"sv,    "region"sv,
                                        "realm"sv,     "slot"sv,     "at"sv,          "ordinal"sv,
                                        "memory_mb"sv, "verdict"sv,  "reason"sv,      "doubtful"sv,
                                        "calls"sv,     "peak_mb"sv,  "duration_ms"sv, "cost_usd"sv};
    return csv(columns, entries_of(probes), out);
}

std::string afcl_table(const AfclReport& report, const StreamTraits& out) {
    Table table({{"IMPLEMENTATION AND DEPLOYMENTS"},
                 {"DEPLOYED IN", true},
                 {"PACKAGE", true},
                 {"MINIMUM", true},
                 {"RESOURCE LINK", false, true}});
    for (const AfclImplementation& implementation : report.implementations) {
        table.add({{implementation.name},
                   {shown(implementation.deployment_ms, milliseconds)},
                   {shown(implementation.package_bytes, size)},
                   {shown(implementation.minimum_memory_mb, megabytes)},
                   {counted(implementation.links.size(), "link")}});
        for (const AfclDeployment& deployment : implementation.deployments)
            table.add({{"  " + deployment.name},
                       {shown(deployment.deployment_ms, milliseconds)},
                       {shown(deployment.package_bytes, size)},
                       {shown(deployment.minimum_memory_mb, megabytes)},
                       {deployment.link}});
    }
    return table.render(out.width, out.colour) + differences_text(report, out);
}

json::object afcl_json(const AfclReport& report, const std::string& source) {
    json::array implementations;
    for (const AfclImplementation& implementation : report.implementations) {
        json::object entry = entry_of(implementation);
        entry["links"] = strings(implementation.links);
        json::array deployments;
        for (const AfclDeployment& deployment : implementation.deployments)
            deployments.push_back(entry_of(deployment));
        entry["deployments"] = std::move(deployments);
        implementations.push_back(std::move(entry));
    }
    json::object result = listing("report-afcl", source, "implementations", std::move(implementations));
    json::array differences;
    for (const AverageDifference& difference : report.differences) {
        json::array columns;
        for (const auto& column : difference.columns)
            columns.push_back({{"name", column.name},
                               {"stands", optional_json(column.stands)},
                               {"ours", optional_json(column.ours)}});
        differences.push_back({{"table", difference.table},
                               {"row", difference.row},
                               {"name", difference.name},
                               {"columns", std::move(columns)},
                               {"cause", "the AFCL cron job or another tool wrote this row"}});
    }
    result["differences"] = std::move(differences);
    return result;
}

std::string afcl_csv(const AfclReport& report, const StreamTraits& out) {
    static constexpr std::array columns{"kind"sv,          "table"sv,
                                        "row"sv,           "name"sv,
                                        "project"sv,       "function"sv,
                                        "provider"sv,      "region"sv,
                                        "realm"sv,         "slot"sv,
                                        "link"sv,          "deployment_ms"sv,
                                        "package_bytes"sv, "minimum_memory_mb"sv,
                                        "column"sv,        "stands"sv,
                                        "ours"sv};
    json::array rows;
    const auto add = [&](json::object row, std::string_view kind, std::string_view table) {
        row["kind"] = kind;
        row["table"] = table;
        rows.push_back(std::move(row));
    };
    for (const AfclImplementation& implementation : report.implementations) {
        json::object row = entry_of(implementation);
        row["link"] = fmt::format("{}", fmt::join(implementation.links, " "));
        add(std::move(row), "implementation", "functionimplementation");
        for (const AfclDeployment& deployment : implementation.deployments)
            add(entry_of(deployment), "deployment", "functiondeployment");
    }
    for (const AverageDifference& difference : report.differences)
        for (const auto& column : difference.columns)
            add({{"row", difference.row},
                 {"name", difference.name},
                 {"column", column.name},
                 {"stands", optional_json(column.stands)},
                 {"ours", optional_json(column.ours)}},
                "difference", difference.table);
    return csv(columns, rows, out);
}

} // namespace pyfops::cli

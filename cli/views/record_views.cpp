// SPDX-License-Identifier: Apache-2.0
#include "views/record_views.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pyfops::cli {

ListRow row_of(const DeploymentRecord& record) {
    return {record.identity,
            record.cloud_name,
            record.state,
            record.link,
            record.memory_mb,
            record.timeout_seconds,
            record.minimum_memory_mb,
            record.package_bytes > 0 ? std::optional(record.package_bytes) : std::nullopt,
            record.deployment_time.count() > 0 ? std::optional(record.deployment_time) : std::nullopt,
            record.updated,
            std::nullopt};
}

ListRow row_of(const Deployment& deployment) {
    ListRow row;
    row.identity = deployment.identity;
    row.cloud_name = deployment.cloud_name;
    row.state = "found";
    row.link = deployment.link;
    row.memory_mb = deployment.memory_mb;
    row.timeout_seconds = deployment.timeout_seconds;
    return row;
}

ListRow row_of(const UnaskedPlace& place, const std::string& project, Realm realm) {
    ListRow row;
    row.identity = {project, "*", place.provider, place.region, realm, "*"};
    row.state = "unknown";
    row.failure = place.failure;
    return row;
}

namespace {

const char* colour_of(const std::string& state) {
    if (state == "deployed" || state == "found") return "32";
    if (state == "failed" || state == "unknown") return "31";
    return state == "intent" ? "33" : "";
}

std::string megabytes(int value) {
    return value > 0 ? fmt::format("{} MB", value) : std::string();
}

template <class T>
json::value optional_json(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value();
}

} // namespace

std::string list_table(const std::vector<ListRow>& rows, bool with_project, const StreamTraits& out) {
    Table table({{"PROJECT"},
                 {"FUNCTION"},
                 {"PROVIDER"},
                 {"REGION"},
                 {"MEMORY", true},
                 {.title = "MINIMUM", .right = true, .spare = 2},
                 {.title = "PACKAGE", .right = true, .spare = 3},
                 {.title = "DEPLOYED IN", .right = true, .spare = 4},
                 {"STATE"},
                 {.title = "UPDATED", .spare = 1, .stem = 10},
                 {"RESOURCE LINK", false, true}});
    for (const ListRow& row : rows)
        table.add({{with_project ? row.identity.project : ""},
                   {row.identity.function},
                   {row.identity.provider},
                   {row.identity.region},
                   {megabytes(row.memory_mb)},
                   {megabytes(row.minimum_memory_mb.value_or(0))},
                   {row.package_bytes ? human_size(*row.package_bytes) : ""},
                   {row.deployment_time ? human_duration(*row.deployment_time) : ""},
                   {row.state, colour_of(row.state)},
                   {row.updated},
                   {row.link}});
    return table.render(out.width, out.colour);
}

json::object list_json(const std::vector<ListRow>& rows, const std::string& source) {
    json::object result = document("list");
    result["source"] = source;
    json::array entries;
    for (const ListRow& row : rows) {
        json::object entry;
        entry["project"] = row.identity.project;
        for (const auto& member : to_json(row.identity))
            entry[member.key()] = member.value();
        entry["cloud_name"] = row.cloud_name;
        entry["state"] = row.state;
        entry["link"] = row.link;
        entry["memory_mb"] = row.memory_mb;
        entry["timeout_s"] = row.timeout_seconds;
        entry["minimum_memory_mb"] = optional_json(row.minimum_memory_mb);
        entry["package_bytes"] = optional_json(row.package_bytes);
        entry["deployment_ms"] =
            row.deployment_time ? json::value(row.deployment_time->count()) : json::value();
        entry["updated"] = row.updated;
        entry["failure"] = to_json(row.failure);
        entries.push_back(std::move(entry));
    }
    result["deployments"] = std::move(entries);
    return result;
}

json::object invoke_json(const Invocation& call, const std::string& function) {
    json::object result = document("invoke");
    result["function"] = function;
    result["succeeded"] = !call.error;
    result["output"] = call.output ? *call.output : json::value();
    if (call.error) {
        json::object error;
        error["cause"] = std::string(to_string(call.error->cause));
        error["type"] = call.error->type;
        error["message"] = call.error->message;
        error["stack"] = strings(call.error->stack);
        result["error"] = std::move(error);
    } else {
        result["error"] = nullptr;
    }
    result["round_trip_ms"] = call.round_trip.count();
    result["duration_ms"] = optional_json(call.duration_ms);
    result["billed_ms"] = optional_json(call.billed_ms);
    result["init_ms"] = optional_json(call.init_ms);
    result["cold"] = optional_json(call.cold);
    result["memory_used_mb"] = optional_json(call.memory_used_mb);
    result["ran_on"] = call.ran_on;
    result["request_id"] = call.request_id;
    result["log_tail"] = call.log_tail;
    return result;
}

std::string render(const FunctionError& error, bool colour) {
    const std::string what = error.type.empty()      ? error.message
                             : error.message.empty() ? error.type
                                                     : error.type + ": " + error.message;
    std::string text = coloured("function error:", "1;31", colour) + " " + escape_control(what, true) + "\n";
    for (const std::string& line : error.stack) {
        std::string shown = escape_control(line, true);
        while (!shown.empty() && shown.back() == '\n')
            shown.pop_back();
        text += shown + "\n";
    }
    return text;
}

std::string invoke_remarks(const Invocation& call) {
    std::vector<std::string> parts{fmt::format("round trip {}", human_duration(call.round_trip))};
    if (call.duration_ms) parts.push_back(fmt::format("handler {:.1f} ms", *call.duration_ms));
    if (call.init_ms)
        parts.push_back(fmt::format("cold start {:.0f} ms", *call.init_ms));
    else if (call.cold)
        parts.emplace_back(*call.cold ? "cold" : "warm");
    if (call.memory_used_mb) parts.push_back(fmt::format("{} MB used", *call.memory_used_mb));
    if (!call.ran_on.empty()) parts.push_back("ran on Python " + escape_control(call.ran_on));
    return fmt::format("{}\n", fmt::join(parts, ", "));
}

json::object logs_json(const std::vector<LogLine>& lines) {
    json::object result = document("logs");
    json::array entries;
    for (const LogLine& line : lines)
        entries.push_back({{"time", to_iso8601(line.time)}, {"text", line.text}});
    result["lines"] = std::move(entries);
    return result;
}

json::object schema_json(const SchemaReport& report, const std::string& database, bool migrated) {
    json::object result = document("database");
    result["database"] = database;
    result["migrated"] = migrated;
    result["version"] = report.version;
    result["latest"] = report.latest;
    result["differences"] = strings(report.differences);
    result["findings"] = strings(report.findings);
    return result;
}

} // namespace pyfops::cli

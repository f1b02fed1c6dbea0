// SPDX-License-Identifier: Apache-2.0
#include "insights.hpp"

#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace pyfops::azure::insights {
namespace {

std::optional<std::size_t> column(const json::array& columns, std::string_view name) {
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (string_or(columns[i], "name") == name) return i;
    return std::nullopt;
}

SystemTime time_of(const json::value& value) {
    const auto* text = value.if_string();
    if (!text) return {};
    try {
        return from_iso8601(std::string(*text));
    } catch (const Error&) {
        return {};
    }
}

} // namespace

ApiCall query(const std::string& host, const std::string& application, const std::string& app,
              SystemTime since, int limit) {
    const std::string text =
        "union traces, (exceptions | extend message = outerMessage) | where timestamp >= datetime(" +
        to_iso8601(since) + ") and cloud_RoleName =~ '" + app + "' | project timestamp, message | top " +
        std::to_string(std::clamp(limit, 1, 10'000)) + " by timestamp desc | order by timestamp asc";
    ApiCall call;
    call.operation = "insights:Query";
    call.method = "POST";
    call.to = ApiCall::To::insights;
    call.token = ApiCall::Token::insights;
    call.host = host;
    call.target = "/v1/apps/" + percent_encode(application) + "/query";
    call.headers.set("Accept", "application/json");
    set_json(call, json::serialize(json::object{{"query", text}}));
    return call;
}

std::vector<LogLine> read_lines(const json::value& answer) {
    std::vector<LogLine> lines;
    const json::value* tables = find(answer, "tables");
    if (!tables || !tables->is_array() || tables->get_array().empty()) return lines;
    const json::value& table = tables->get_array().front();
    const json::value* columns = find(table, "columns");
    const json::value* rows = find(table, "rows");
    if (!columns || !columns->is_array() || !rows || !rows->is_array()) return lines;
    const auto time = column(columns->get_array(), "timestamp");
    const auto message = column(columns->get_array(), "message");
    if (!time || !message) return lines;
    for (const json::value& row : rows->get_array()) {
        if (!row.is_array() || row.get_array().size() <= std::max(*time, *message)) continue;
        const auto* text = row.get_array()[*message].if_string();
        if (text) lines.push_back({time_of(row.get_array()[*time]), std::string(*text)});
    }
    return lines;
}

} // namespace pyfops::azure::insights

// SPDX-License-Identifier: Apache-2.0
#include "logging.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace pyfops::google::logging {
namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string log_name(const std::string& project, const std::string& log) {
    return quoted("projects/" + project + "/logs/run.googleapis.com%2F" + log);
}

std::string filter_of(const Query& query) {
    const std::string system = log_name(query.project, "varlog%2Fsystem");
    std::string names = "(" + system + " OR " + log_name(query.project, "requests") + ")";
    if (!query.platform_only)
        names = "(" + log_name(query.project, "stdout") + " OR " + log_name(query.project, "stderr") +
                " OR " + system + ")";
    return "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=" + quoted(query.service) +
           " AND resource.labels.location=" + quoted(query.region) + " AND logName=" + names +
           " AND timestamp>=" + quoted(to_iso8601(query.since));
}

std::string text_of(const json::value& entry) {
    std::string text = string_or(entry, "textPayload");
    if (const json::value* payload = find(entry, "jsonPayload"); text.empty() && payload) {
        text = string_or(*payload, "message");
        if (text.empty()) text = json::serialize(*payload);
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

/// Fractions count: the lines of one call are within a second.
SystemTime time_of(const std::string& text) {
    try {
        SystemTime time = from_iso8601(text);
        if (const auto dot = text.find('.'); dot != std::string::npos) {
            const auto end = std::min(text.find_first_not_of("0123456789", dot + 1), text.size());
            std::string digits = text.substr(dot + 1, end - dot - 1);
            digits.resize(3, '0');
            time += Milliseconds(std::stoi(digits));
        }
        return time;
    } catch (const std::exception&) {
        return {};
    }
}

} // namespace

ApiCall list_entries(const Query& query, int limit, const std::string& page_token) {
    json::object body{{"resourceNames", json::array{"projects/" + query.project}},
                      {"filter", filter_of(query)},
                      {"orderBy", "timestamp desc"},
                      {"pageSize", std::clamp(limit, 1, 1000)}};
    if (!page_token.empty()) body["pageToken"] = page_token;
    ApiCall one;
    one.service = "logging";
    one.operation = "ListLogEntries";
    one.method = "POST";
    one.target = "/v2/entries:list";
    one.headers.set("Content-Type", "application/json");
    one.body = json::serialize(body);
    return one;
}

Page read_page(const json::value& answer) {
    Page page;
    page.next_token = string_or(answer, "nextPageToken");
    if (const json::value* entries = find(answer, "entries"); entries && entries->is_array())
        for (const json::value& entry : entries->as_array())
            page.lines.push_back({time_of(string_or(entry, "timestamp")), text_of(entry)});
    return page;
}

} // namespace pyfops::google::logging

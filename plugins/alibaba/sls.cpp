// SPDX-License-Identifier: Apache-2.0
#include "sls.hpp"

#include "pyfops/sdk/rest.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace pyfops::alibaba::sls {
namespace {

std::string seconds(SystemTime time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

/// "__time__" is text in some answers, a number in others.
SystemTime time_of(const json::value& line) {
    long long value = integer_or(line, "__time__");
    if (value == 0) {
        const std::string text = string_or(line, "__time__");
        std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return SystemTime(std::chrono::seconds(value));
}

} // namespace

ApiCall get_logs(const std::string& project, const std::string& store, const std::string& function,
                 SystemTime from, SystemTime to, int offset, int lines) {
    ApiCall one;
    one.service = Service::log;
    one.operation = "GetLogs";
    one.method = "GET";
    one.project = project;
    one.target = "/logstores/" + percent_encode(store) + "?" +
                 sdk::form_encode({{"from", seconds(from)},
                                   {"line", std::to_string(std::clamp(lines, 1, page_lines))},
                                   {"offset", std::to_string(offset)},
                                   {"query", "functionName: \"" + function + "\""},
                                   {"reverse", "true"},
                                   {"to", seconds(to)},
                                   {"type", "log"}});
    one.headers.set("x-log-apiversion", "0.6.0");
    one.headers.set("x-log-bodyrawsize", "0");
    one.rate = "logs";
    return one;
}

Page read_page(const HttpResponse& answer, const std::string& function, int& received) {
    Page page;
    page.complete = answer.headers.get("x-log-progress") != "Incomplete";
    const json::value body = sdk::json_body(answer, "log:GetLogs");
    const json::array* all = body.if_array();
    received = all ? static_cast<int>(all->size()) : 0;
    if (!all) return page;
    for (const json::value& line : *all) {
        if (string_or(line, "functionName", function) != function) continue;
        std::string text = string_or(line, "message");
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
            text.pop_back();
        page.lines.push_back({time_of(line), std::move(text)});
    }
    return page;
}

} // namespace pyfops::alibaba::sls

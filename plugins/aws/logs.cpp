// SPDX-License-Identifier: Apache-2.0
#include "logs.hpp"

#include <boost/json.hpp>

namespace pyfops::aws::logs {
namespace {

ApiCall call(std::string operation, const json::object& body) {
    ApiCall one;
    one.service = "logs";
    one.headers.set("X-Amz-Target", "Logs_20140328." + operation);
    one.headers.set("Content-Type", "application/x-amz-json-1.1");
    one.operation = std::move(operation);
    one.body = json::serialize(body);
    one.rate = "logs";
    return one;
}

} // namespace

std::string group_of(const std::string& function) {
    return "/aws/lambda/" + function;
}

ApiCall filter_events(const std::string& group, SystemTime since, const std::string& next_token) {
    json::object body;
    body["logGroupName"] = group;
    body["startTime"] = std::chrono::duration_cast<Milliseconds>(since.time_since_epoch()).count();
    if (!next_token.empty()) body["nextToken"] = next_token;
    return call("FilterLogEvents", body);
}

ApiCall delete_group(const std::string& group) {
    return call("DeleteLogGroup", {{"logGroupName", group}});
}

Page read_page(const json::value& answer) {
    Page page;
    page.next_token = string_or(answer, "nextToken");
    if (const json::value* events = find(answer, "events"); events && events->is_array())
        for (const json::value& event : events->as_array()) {
            std::string text = string_or(event, "message");
            while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
                text.pop_back();
            page.lines.push_back({SystemTime(Milliseconds(integer_or(event, "timestamp"))), std::move(text)});
        }
    return page;
}

} // namespace pyfops::aws::logs

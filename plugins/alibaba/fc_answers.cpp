// SPDX-License-Identifier: Apache-2.0
// What Function Compute answers, as values.
#include "fc.hpp"

#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace pyfops::alibaba::fc {
namespace {

std::map<std::string, std::string> strings_of(const json::value* value) {
    std::map<std::string, std::string> all;
    if (value && value->is_object())
        for (const auto& member : value->as_object())
            if (const auto* text = member.value().if_string())
                all.emplace(std::string(member.key()), std::string(*text));
    return all;
}

const json::array& array_of(const json::value& answer, std::string_view key) {
    static const json::array none;
    const json::value* found = find(answer, key);
    return found && found->is_array() ? found->as_array() : none;
}

int hundredths(const json::value& answer, std::string_view key) {
    const json::value* found = find(answer, key);
    if (!found || !found->is_number()) return 0;
    const double value = found->to_number<double>();
    return value > 0 && value < 1000 ? static_cast<int>(std::lround(value * 100)) : 0;
}

} // namespace

Function read_function(const json::value& answer) {
    Function function;
    function.name = string_or(answer, "functionName");
    function.arn = string_or(answer, "functionArn");
    function.runtime = string_or(answer, "runtime");
    function.handler = string_or(answer, "handler");
    function.description = string_or(answer, "description");
    function.role = string_or(answer, "role");
    function.timeout = static_cast<int>(integer_or(answer, "timeout"));
    function.memory = static_cast<int>(integer_or(answer, "memorySize"));
    function.cpu_hundredths = hundredths(answer, "cpu");
    function.disk = static_cast<int>(integer_or(answer, "diskSize"));
    function.code_checksum = string_or(answer, "codeChecksum");
    // Functions made of an archive are usable at once: their states may be left out.
    function.state = string_or(answer, "state", "Active");
    function.state_reason = string_or(answer, "stateReason");
    function.update_status = string_or(answer, "lastUpdateStatus", "Successful");
    function.update_reason = string_or(answer, "lastUpdateStatusReason");
    function.environment = strings_of(find(answer, "environmentVariables"));
    if (const json::value* logs = find(answer, "logConfig"); logs && logs->is_object())
        function.logs = {string_or(*logs, "project"), string_or(*logs, "logstore")};
    for (const json::value& tag : array_of(answer, "tags"))
        function.tags[string_or(tag, "Key")] = string_or(tag, "Value");
    return function;
}

Page read_page(const json::value& answer) {
    Page page;
    page.next_token = string_or(answer, "nextToken");
    for (const json::value& one : array_of(answer, "functions"))
        page.functions.push_back(read_function(one));
    return page;
}

TagPage read_tags(const json::value& answer) {
    TagPage page;
    page.next_token = string_or(answer, "NextToken");
    for (const json::value& one : array_of(answer, "TagResources"))
        page.by_arn[string_or(one, "ResourceId")][string_or(one, "TagKey")] = string_or(one, "TagValue");
    return page;
}

Trigger read_trigger(const json::value& answer) {
    Trigger trigger;
    trigger.name = string_or(answer, "triggerName");
    if (const json::value* http = find(answer, "httpTrigger")) trigger.url = string_or(*http, "urlInternet");
    try {
        const json::value config = parse_json(string_or(answer, "triggerConfig", "{}"), "the trigger");
        trigger.auth = string_or(config, "authType");
    } catch (const Error&) {
        // Not one of ours then: it is written anew.
    }
    return trigger;
}

TriggerPage read_triggers(const json::value& answer) {
    TriggerPage page;
    page.next_token = string_or(answer, "nextToken");
    for (const json::value& one : array_of(answer, "triggers"))
        page.names.push_back(string_or(one, "triggerName"));
    return page;
}

} // namespace pyfops::alibaba::fc

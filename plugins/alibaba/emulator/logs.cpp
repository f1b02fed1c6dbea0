// SPDX-License-Identifier: Apache-2.0
#include "logs.hpp"

#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <regex>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t most_kept = 1000; ///< invocations of one function
constexpr long long most_lines = 100;   ///< in one answer

std::string collection_of(const std::string& region) {
    return "alibaba/logs/" + region;
}

long long number(const Call& call, std::string_view name, long long otherwise) {
    const std::string text = call.parameter(name);
    long long value = otherwise;
    if (text.empty()) return value;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || value < 0)
        throw ApiError(400, "ParameterInvalid", fmt::format("parameter {} is not a number", name));
    return value;
}

/// 'functionName: "x"', the one field that can be asked for here; "" : all.
std::string wanted_function(const std::string& query) {
    static const std::regex form(R"re(\s*functionName\s*:\s*"?([A-Za-z0-9_-]+)"?\s*)re");
    if (query.empty() || query == "*") return {};
    std::smatch match;
    if (!std::regex_match(query, match, form))
        throw ApiError(400, "ParameterInvalid",
                       "the local cloud understands the query functionName: \"<name>\" only");
    return match[1];
}

} // namespace

bool Logs::exists(std::string_view project, std::string_view store) const {
    return project == log_project && store == log_store;
}

void Logs::append(const Source& source, const std::string& text) {
    const std::string collection = collection_of(source.region);
    const std::string prefix = source.function + "/";
    auto known = world_.state().keys(collection, prefix);
    if (known.size() >= most_kept) world_.state().erase(collection, known.front());
    world_.state().put(collection,
                       fmt::format("{}{:015}-{:06}", prefix, world_.now_ms(), next_++ % 1'000'000),
                       {{"ms", world_.now_ms()},
                        {"text", text},
                        {"qualifier", source.qualifier},
                        {"request", source.request_id}});
}

ServerResponse Logs::handle(const Call& call) const {
    if (call.operation != "GetLogs")
        throw ApiError(404, "NotFound",
                       fmt::format("The local cloud has no operation {} {} of SLS", call.method, call.path));
    if (call.label("project") != log_project)
        throw ApiError(404, "ProjectNotExist",
                       fmt::format("The Project does not exist : {}", call.label("project")));
    if (call.label("logstore") != log_store)
        throw ApiError(404, "LogStoreNotExist",
                       fmt::format("logstore {} does not exist", call.label("logstore")));
    const auto from = number(call, "from", 0), to = number(call, "to", 0);
    const auto offset = number(call, "offset", 0);
    const auto most = static_cast<long long>(world_.page(static_cast<std::size_t>(most_lines)));
    const auto count = std::min(number(call, "line", most_lines), most);
    if (to < from) throw ApiError(400, "InvalidTimeRange", "to is before from");
    const std::string function = wanted_function(call.parameter("query"));
    struct Line {
        long long ms;
        json::object fields;
    };
    std::vector<Line> lines;
    const std::string collection = collection_of(call.region);
    for (const auto& key : world_.state().keys(collection, function.empty() ? "" : function + "/")) {
        const auto entry = world_.state().get(collection, key);
        const auto ms = integer_or(*entry, "ms");
        if (ms / 1000 < from || ms / 1000 >= to) continue;
        const std::string text = string_or(*entry, "text");
        for (const std::string_view line : split(text, '\n'))
            if (!line.empty())
                lines.push_back({ms, json::object{{"__time__", std::to_string(ms / 1000)},
                                                  {"__source__", ""},
                                                  {"functionName", key.substr(0, key.find('/'))},
                                                  {"qualifier", string_or(*entry, "qualifier")},
                                                  {"requestId", string_or(*entry, "request")},
                                                  {"message", line}}});
    }
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.ms < b.ms; });
    if (call.parameter("reverse") == "true") std::reverse(lines.begin(), lines.end());
    json::array list;
    for (auto i = static_cast<std::size_t>(offset);
         i < lines.size() && static_cast<long long>(list.size()) < count; ++i)
        list.push_back(std::move(lines[i].fields));
    const std::string found = std::to_string(list.size());
    auto answer = json_response(200, list);
    answer.headers.set("x-log-progress", "Complete");
    answer.headers.set("x-log-count", found);
    return answer;
}

} // namespace pyfops::alibaba_emulator

// SPDX-License-Identifier: Apache-2.0
#include "logs.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::aws_emulator {

namespace {

const std::string collection = "aws/logs";

std::string event_id(std::int64_t at, std::uint64_t id) {
    return fmt::format("{:017}{:039}", at, id);
}

std::string required_text(const json::object& body, const std::string& name) {
    std::string text = string_or(body, name);
    if (text.empty())
        throw ApiError(
            400, "InvalidParameterException",
            fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: "
                        "Member must not be null",
                        name));
    return text;
}

/// CloudWatch's simple patterns: terms that must all occur; "quoted" ones hold spaces; -term must not occur;
/// ?term: one of these must.
bool matches(std::string_view pattern, std::string_view message) {
    bool any_optional = false, optional_found = false;
    while (!pattern.empty()) {
        if (pattern.front() == ' ') {
            pattern.remove_prefix(1);
            continue;
        }
        const char sign = pattern.front() == '-' || pattern.front() == '?' ? pattern.front() : '+';
        if (sign != '+') pattern.remove_prefix(1);
        std::string_view term;
        if (pattern.starts_with('"')) {
            pattern.remove_prefix(1);
            const auto end = std::min(pattern.find('"'), pattern.size());
            term = pattern.substr(0, end);
            pattern.remove_prefix(std::min(end + 1, pattern.size()));
        } else {
            const auto end = std::min(pattern.find(' '), pattern.size());
            term = pattern.substr(0, end);
            pattern.remove_prefix(end);
        }
        const bool there = message.find(term) != std::string_view::npos;
        if (sign == '+' && !there) return false;
        if (sign == '-' && there) return false;
        if (sign == '?') {
            any_optional = true;
            optional_found = optional_found || there;
        }
    }
    return !any_optional || optional_found;
}

std::size_t position(const std::string& token) {
    const auto slash = token.rfind('/');
    const std::string_view digits =
        std::string_view(token).substr(slash == std::string::npos ? 0 : slash + 1);
    const auto value = to_integer(digits);
    if (!value || *value < 0)
        throw ApiError(400, "InvalidParameterException", "The specified nextToken is invalid.");
    return static_cast<std::size_t>(*value);
}

} // namespace

Logs::Group& Logs::load(const std::string& key) {
    if (!loaded_) {
        loaded_ = true;
        for (const auto& name : world_.state().keys(collection)) {
            const auto stored = *world_.state().get(collection, name);
            Group& group = groups_[name];
            group.created = integer_or(stored, "created");
            group.retention_days = integer_or(stored, "retention");
            for (const auto& stream : stored.at("streams").as_object())
                group.streams[stream.key()] = stream.value().to_number<std::int64_t>();
            for (const auto& event : stored.at("events").as_array()) {
                const auto& fields = event.as_array();
                group.events.push_back({fields.at(0).to_number<std::int64_t>(), next_id_++,
                                        std::string(fields.at(1).as_string()),
                                        std::string(fields.at(2).as_string())});
                group.bytes += fields.at(2).as_string().size();
            }
        }
    }
    return groups_[key];
}

Logs::Group* Logs::find(const std::string& region, const std::string& name) {
    const std::string key = region + name;
    load(key);
    if (groups_[key].created != 0) return &groups_[key];
    groups_.erase(key);
    return nullptr;
}

Logs::Group& Logs::required(const Call& call, const json::object& body) {
    std::string name = string_or(body, "logGroupName");
    if (name.empty()) {
        const std::string identifier = string_or(body, "logGroupIdentifier");
        const auto mark = identifier.find(":log-group:");
        name = mark == std::string::npos ? identifier : identifier.substr(mark + 11);
        if (name.ends_with(":*")) name.resize(name.size() - 2);
    }
    if (name.empty()) required_text(body, "logGroupName");
    auto* group = find(call.region, name);
    if (!group) throw ApiError(400, "ResourceNotFoundException", "The specified log group does not exist.");
    return *group;
}

Logs::Group& Logs::make(const std::string& region, const std::string& name) {
    Group& group = load(region + name);
    if (group.created == 0) group.created = world_.now_ms();
    return group;
}

void Logs::touch(Group& group) {
    group.dirty = true;
    if (flush_pending_ || !world_.host().spawn) return;
    flush_pending_ = true;
    world_.host().spawn(flush_later());
}

Task<void> Logs::flush_later() {
    auto pause = world_.host().clock.sleep(Milliseconds(500));
    co_await std::move(pause);
    flush_pending_ = false;
    flush();
}

void Logs::flush() {
    for (auto& [key, group] : groups_) {
        if (!group.dirty) continue;
        json::object streams;
        for (const auto& [name, created] : group.streams)
            streams[name] = created;
        json::array events;
        events.reserve(group.events.size());
        for (const auto& event : group.events)
            events.push_back(json::array{event.at, event.stream, event.message});
        world_.state().put(collection, key,
                           {{"created", group.created},
                            {"retention", group.retention_days},
                            {"streams", std::move(streams)},
                            {"events", std::move(events)}});
        group.dirty = false;
    }
}

void Logs::append(const std::string& region, const std::string& name, const std::string& stream,
                  const std::vector<std::string>& messages) {
    Group& group = make(region, name);
    const auto now = world_.now_ms();
    group.streams.try_emplace(stream, now);
    for (const auto& message : messages) {
        group.bytes += message.size();
        group.events.push_back({now, next_id_++, stream, message});
    }
    std::size_t drop = 0;
    while (group.bytes > max_bytes && drop < group.events.size())
        group.bytes -= group.events[drop++].message.size();
    if (drop > 0)
        group.events.erase(group.events.begin(), group.events.begin() + static_cast<std::ptrdiff_t>(drop));
    touch(group);
}

json::object Logs::describe_groups(const Call& call, const json::object& body) {
    load({});
    groups_.erase("");
    const std::string prefix = call.region + string_or(body, "logGroupNamePrefix");
    const std::string pattern = string_or(body, "logGroupNamePattern");
    json::array list;
    for (const auto& [key, group] : groups_) {
        if (!key.starts_with(prefix)) continue;
        const std::string name = key.substr(call.region.size());
        if (name.find(pattern) == std::string::npos) continue;
        json::object entry{
            {"logGroupName", name},
            {"creationTime", group.created},
            {"metricFilterCount", 0},
            {"arn", fmt::format("arn:aws:logs:{}:{}:log-group:{}:*", call.region, account, name)},
            {"storedBytes", group.bytes},
            {"logGroupClass", "STANDARD"},
            {"logGroupArn", fmt::format("arn:aws:logs:{}:{}:log-group:{}", call.region, account, name)}};
        if (group.retention_days != 0) entry["retentionInDays"] = group.retention_days;
        list.push_back(std::move(entry));
    }
    return {{"logGroups", std::move(list)}};
}

json::object Logs::describe_streams(Group& group, const json::object& body) {
    const std::string prefix = string_or(body, "logStreamNamePrefix");
    json::array list;
    for (const auto& [name, created] : group.streams) {
        if (!name.starts_with(prefix)) continue;
        json::object entry{{"logStreamName", name}, {"creationTime", created}, {"storedBytes", 0}};
        for (const auto& event : group.events) {
            if (event.stream != name) continue;
            if (!entry.contains("firstEventTimestamp")) entry["firstEventTimestamp"] = event.at;
            entry["lastEventTimestamp"] = event.at;
            entry["lastIngestionTime"] = event.at;
        }
        list.push_back(std::move(entry));
    }
    return {{"logStreams", std::move(list)}};
}

json::object Logs::filter(Group& group, const json::object& body) {
    const std::string pattern = string_or(body, "filterPattern");
    const auto from = integer_or(body, "startTime", 0);
    const auto to = integer_or(body, "endTime", INT64_MAX);
    const auto limit = world_.page(
        static_cast<std::size_t>(std::clamp<long long>(integer_or(body, "limit", 10000), 1, 10000)));
    const std::string prefix = string_or(body, "logStreamNamePrefix");
    std::vector<std::string> names;
    if (const auto* wanted = pyfops::find(body, "logStreamNames"); wanted && wanted->is_array())
        for (const auto& name : wanted->as_array())
            if (name.is_string()) names.emplace_back(name.as_string());
    std::size_t at = 0;
    if (const auto token = string_or(body, "nextToken"); !token.empty()) {
        const auto id = position(token);
        while (at < group.events.size() && group.events[at].id < id)
            ++at;
    }
    json::array events;
    json::object answer;
    std::size_t bytes = 0;
    for (; at < group.events.size(); ++at) {
        const Event& event = group.events[at];
        // A page holds at most 1 MB.
        if (events.size() == limit || bytes > (1u << 20)) {
            answer["nextToken"] = std::to_string(event.id);
            break;
        }
        const bool stream_wanted =
            names.empty() || std::find(names.begin(), names.end(), event.stream) != names.end();
        if (!stream_wanted || !event.stream.starts_with(prefix) || event.at < from || event.at > to ||
            !matches(pattern, event.message))
            continue;
        bytes += event.message.size();
        events.push_back(json::object{{"logStreamName", event.stream},
                                      {"timestamp", event.at},
                                      {"message", event.message},
                                      {"ingestionTime", event.at},
                                      {"eventId", event_id(event.at, event.id)}});
    }
    answer["events"] = std::move(events);
    answer["searchedLogStreams"] = json::array();
    return answer;
}

json::object Logs::get_events(Group& group, const json::object& body) {
    const std::string stream = required_text(body, "logStreamName");
    if (!group.streams.contains(stream))
        throw ApiError(400, "ResourceNotFoundException", "The specified log stream does not exist.");
    const auto from = integer_or(body, "startTime", 0);
    const auto to = integer_or(body, "endTime", INT64_MAX);
    const auto limit =
        static_cast<std::size_t>(std::clamp<long long>(integer_or(body, "limit", 10000), 1, 10000));
    std::vector<const Event*> found;
    for (const auto& event : group.events)
        if (event.stream == stream && event.at >= from && event.at < to) found.push_back(&event);
    const auto* head = pyfops::find(body, "startFromHead");
    std::size_t begin =
        head && head->is_bool() && head->as_bool() ? 0 : found.size() - std::min(found.size(), limit);
    if (const auto token = string_or(body, "nextToken"); !token.empty())
        begin = std::min(position(token), found.size());
    const auto end = std::min(begin + limit, found.size());
    json::array events;
    for (auto i = begin; i < end; ++i)
        events.push_back(json::object{
            {"timestamp", found[i]->at}, {"message", found[i]->message}, {"ingestionTime", found[i]->at}});
    return {{"events", std::move(events)},
            {"nextForwardToken", fmt::format("f/{}", end)},
            {"nextBackwardToken", fmt::format("b/{}", begin - std::min(begin, limit))}};
}

ServerResponse Logs::handle(const Call& call) {
    const json::object body = json_body(call);
    const std::string& operation = call.operation;
    json::object result;
    bool output = true;
    if (operation == "CreateLogGroup") {
        const auto name = required_text(body, "logGroupName");
        if (find(call.region, name))
            throw ApiError(400, "ResourceAlreadyExistsException", "The specified log group already exists");
        touch(make(call.region, name));
        output = false;
    } else if (operation == "DeleteLogGroup") {
        required(call, body);
        const auto key = call.region + string_or(body, "logGroupName");
        groups_.erase(key);
        world_.state().erase(collection, key);
        output = false;
    } else if (operation == "CreateLogStream") {
        Group& group = required(call, body);
        if (!group.streams.try_emplace(required_text(body, "logStreamName"), world_.now_ms()).second)
            throw ApiError(400, "ResourceAlreadyExistsException", "The specified log stream already exists");
        touch(group);
        output = false;
    } else if (operation == "PutRetentionPolicy") {
        Group& group = required(call, body);
        group.retention_days = integer_or(body, "retentionInDays");
        touch(group);
        output = false;
    } else if (operation == "DescribeLogGroups") {
        result = describe_groups(call, body);
    } else if (operation == "DescribeLogStreams") {
        result = describe_streams(required(call, body), body);
    } else if (operation == "FilterLogEvents") {
        result = filter(required(call, body), body);
    } else if (operation == "GetLogEvents") {
        result = get_events(required(call, body), body);
    } else {
        throw ApiError(400, "UnknownOperationException", "");
    }
    auto answer = output ? json_response(200, result) : empty_response(200);
    answer.headers.set("Content-Type", "application/x-amz-json-1.1");
    return answer;
}

} // namespace pyfops::aws_emulator

// SPDX-License-Identifier: Apache-2.0
#include "logs.hpp"

#include "log_filter.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pyfops::google_emulator {
namespace {

const std::string collection = "google/logs";

std::string time_text(std::int64_t microseconds_since) {
    std::string text = to_iso8601(SystemTime(std::chrono::seconds(microseconds_since / 1'000'000)));
    text.pop_back();
    return fmt::format("{}.{:06}Z", text, microseconds_since % 1'000'000);
}

json::object shown(const Entry& entry, const std::string& location, const std::string& function,
                   std::uint64_t id) {
    std::string log = entry.log;
    if (const auto slash = log.find('/'); slash != std::string::npos) log.replace(slash, 1, "%2F");
    json::object all{{"insertId", fmt::format("{:016x}", id)},
                     {"logName", fmt::format("projects/{}/logs/run.googleapis.com%2F{}", project, log)},
                     {"resource", json::object{{"type", "cloud_run_revision"},
                                               {"labels", json::object{{"project_id", project},
                                                                       {"location", location},
                                                                       {"service_name", function},
                                                                       {"configuration_name", function},
                                                                       {"revision_name", entry.revision}}}}},
                     {"timestamp", time_text(entry.at_us)},
                     {"receiveTimestamp", time_text(entry.at_us)},
                     {"severity", entry.severity.empty() ? "DEFAULT" : entry.severity}};
    if (!entry.trace.empty()) all["trace"] = fmt::format("projects/{}/traces/{}", project, entry.trace);
    if (entry.payload.is_object()) all["jsonPayload"] = entry.payload;
    if (entry.payload.is_string()) all["textPayload"] = entry.payload;
    if (!entry.request.empty()) all["httpRequest"] = entry.request;
    return all;
}

std::size_t size_of(const json::object& entry) {
    return json::serialize(entry).size();
}

} // namespace

std::map<std::string, Logs::Log>& Logs::all() {
    if (loaded_) return logs_;
    loaded_ = true;
    for (const std::string& key : world_.state().keys(collection)) {
        const auto stored = world_.state().get(collection, key);
        if (!stored || !stored->contains("entries")) continue;
        Log& log = logs_[key];
        for (const json::value& entry : stored->at("entries").as_array()) {
            log.entries.push_back(entry.as_object());
            log.bytes += size_of(log.entries.back());
        }
        next_id_ += log.entries.size();
    }
    return logs_;
}

void Logs::append(const std::string& location, const std::string& function, std::vector<Entry> entries) {
    Log& log = all()[location + "/" + function];
    for (const Entry& entry : entries) {
        log.entries.push_back(shown(entry, location, function, next_id_++));
        log.bytes += size_of(log.entries.back());
    }
    std::size_t drop = 0;
    while (log.bytes > max_bytes && drop + 1 < log.entries.size())
        log.bytes -= size_of(log.entries[drop++]);
    log.entries.erase(log.entries.begin(), log.entries.begin() + static_cast<std::ptrdiff_t>(drop));
    log.dirty = true;
    if (flush_pending_ || !world_.host().spawn) return;
    flush_pending_ = true;
    world_.host().spawn(flush_later());
}

void Logs::forget(const std::string& location, const std::string& function) {
    // On the cloud the entries stay for 30 days; here nobody would ever remove them.
    const std::string key = location + "/" + function;
    all().erase(key);
    world_.state().erase(collection, key);
}

Task<void> Logs::flush_later() {
    Task<void> pause = world_.host().clock.sleep(Milliseconds(500));
    co_await std::move(pause);
    flush_pending_ = false;
    flush();
}

void Logs::flush() {
    for (auto& [key, log] : logs_) {
        if (!log.dirty) continue;
        json::array entries;
        for (const json::object& entry : log.entries)
            entries.push_back(entry);
        world_.state().put(collection, key, {{"entries", std::move(entries)}});
        log.dirty = false;
    }
}

ServerResponse Logs::list(const Call& call) {
    const json::object body = call.json_body();
    bool ours = false;
    if (const json::value* names = body.if_contains("resourceNames"); names && names->is_array())
        for (const json::value& name : names->as_array())
            ours = ours || (name.is_string() &&
                            std::string_view(name.as_string()) == fmt::format("projects/{}", project));
    if (!ours) {
        ApiError error(403, "PERMISSION_DENIED", "The caller does not have permission");
        throw error;
    }
    const LogFilter filter(string_or(body, "filter"));
    const std::string order = string_or(body, "orderBy", "timestamp asc");
    if (order != "timestamp asc" && order != "timestamp desc" && order != "timestamp")
        invalid_argument("orderBy must be 'timestamp asc' or 'timestamp desc'");
    const auto limit =
        world_.page(static_cast<std::size_t>(std::clamp(integer_or(body, "pageSize", 50), 1LL, 1000LL)));
    std::size_t from = 0;
    if (const std::string token = string_or(body, "pageToken"); !token.empty()) {
        const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), from);
        if (failure != std::errc() || end != token.data() + token.size())
            invalid_argument("page_token is not valid");
    }
    std::vector<const json::object*> found;
    for (const auto& [key, log] : all())
        for (const json::object& entry : log.entries)
            if (filter.matches(entry)) found.push_back(&entry);
    const bool newest_first = order == "timestamp desc";
    std::stable_sort(found.begin(), found.end(),
                     [newest_first](const json::object* a, const json::object* b) {
                         const auto key = [](const json::object* entry) {
                             return std::pair(string_or(*entry, "timestamp"), string_or(*entry, "insertId"));
                         };
                         return newest_first ? key(b) < key(a) : key(a) < key(b);
                     });
    json::array entries;
    for (std::size_t at = from; at < found.size() && entries.size() < limit; ++at)
        entries.push_back(*found[at]);
    json::object answer;
    if (from + entries.size() < found.size()) answer["nextPageToken"] = std::to_string(from + entries.size());
    if (!entries.empty()) answer["entries"] = std::move(entries);
    return json_response(200, answer);
}

} // namespace pyfops::google_emulator

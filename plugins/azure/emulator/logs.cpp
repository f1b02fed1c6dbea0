// SPDX-License-Identifier: Apache-2.0
#include "logs.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <regex>

namespace pyfops::azure_emulator {
namespace {

constexpr const char* collection = "azure/logs";
constexpr Milliseconds flush_delay{500};

/// How the host tells of a process that ended by itself or was killed.
std::string exit_line(const ExecutionResult& result) {
    const int code = result.outcome == ExecutionResult::Outcome::out_of_memory ? 128 + SIGKILL
                     : result.signal != 0                                      ? 128 + result.signal
                                                                               : result.exit_code;
    return fmt::format("Exception while executing function: python exited with code {} (0x{:X})", code, code);
}

std::string iso_with_ms(std::int64_t at) {
    std::string text = to_iso8601(SystemTime(Milliseconds(at)));
    text.pop_back();
    return text + fmt::format(".{:03}Z", at % 1000);
}

} // namespace

Logs::App& Logs::load(const std::string& name) {
    App& app = apps_[lower_case(name)];
    if (app.loaded) return app;
    app.loaded = true;
    if (const auto kept = world_.state().get(collection, lower_case(name)))
        for (const json::value& line : kept->at("lines").as_array())
            app.lines.push_back({line.at(0).to_number<std::int64_t>(), std::string(line.at(1).as_string())});
    return app;
}

void Logs::append(const std::string& name, const std::string& function, const std::string& invocation,
                  const ExecutionResult& result) {
    using Outcome = ExecutionResult::Outcome;
    App& app = load(name);
    const std::int64_t now = world_.now_ms();
    const auto add = [&app, now](std::string text) { app.lines.push_back({now, std::move(text)}); };
    add(fmt::format(
        "Executing 'Functions.{}' (Reason='This function was programmatically called via the host APIs.', "
        "Id={})",
        function, invocation));
    for (const std::string_view line : split(result.logs, '\n'))
        if (!line.empty()) add(std::string(line));
    if (result.outcome == Outcome::timed_out)
        add(fmt::format(
            "Timeout value of {:.0f} ms exceeded by function 'Functions.{}' (Id: '{}'). Initiating "
            "cancellation.",
            result.duration_ms, function, invocation));
    if (result.outcome == Outcome::out_of_memory || result.outcome == Outcome::exited) add(exit_line(result));
    add(fmt::format("Executed 'Functions.{}' ({}, Id={}, Duration={:.0f}ms)", function,
                    result.outcome == Outcome::answered ? "Succeeded" : "Failed", invocation,
                    result.duration_ms));
    while (app.lines.size() > max_lines)
        app.lines.pop_front();
    app.dirty = true;
    if (flush_pending_) return;
    flush_pending_ = true;
    world_.host().spawn(flush_later());
}

Task<void> Logs::flush_later() {
    auto pause = world_.host().clock.sleep(flush_delay);
    co_await std::move(pause);
    flush();
}

void Logs::flush() {
    flush_pending_ = false;
    for (auto& [name, app] : apps_) {
        if (!app.dirty) continue;
        json::array lines;
        for (const Line& line : app.lines)
            lines.push_back(json::array{line.at, line.text});
        world_.state().put(collection, name, {{"lines", std::move(lines)}});
        app.dirty = false;
    }
}

void Logs::remove(const std::string& name) {
    apps_.erase(lower_case(name));
    world_.state().erase(collection, lower_case(name));
}

ServerResponse Logs::handle(const Call& call) {
    if (call.segments.size() != 4 || call.segments[2] != insights_id)
        throw ApiError(404, "ApplicationNotFoundError", "The application could not be found.");
    const std::string text = string_or(json_body(call), "query");
    static const std::regex role("cloud_RoleName =~ '([A-Za-z0-9-]+)'"),
        since(R"(timestamp >= datetime\(([^)]+)\))"), top(R"(top (\d{1,6}) by timestamp desc)");
    std::smatch name, time, count;
    if (!std::regex_search(text, name, role) || !std::regex_search(text, time, since) ||
        !std::regex_search(text, count, top))
        throw ApiError(400, "BadArgumentError", "The local cloud only knows the queries of pyfOps.");
    std::int64_t from = 0;
    try {
        from = std::chrono::duration_cast<Milliseconds>(from_iso8601(time[1]).time_since_epoch()).count();
    } catch (const Error& failure) {
        throw ApiError(400, "BadArgumentError", failure.message());
    }
    const std::size_t limit = std::stoul(count[1]);
    json::array rows;
    for (const Line& line : load(name[1]).lines)
        if (line.at >= from) rows.push_back(json::array{iso_with_ms(line.at), line.text});
    if (rows.size() > limit) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(limit));
    const json::array columns{json::object{{"name", "timestamp"}, {"type", "datetime"}},
                              json::object{{"name", "message"}, {"type", "string"}}};
    const json::object table{{"name", "PrimaryResult"}, {"columns", columns}, {"rows", std::move(rows)}};
    return json_response(200, json::object{{"tables", json::array{table}}});
}

} // namespace pyfops::azure_emulator

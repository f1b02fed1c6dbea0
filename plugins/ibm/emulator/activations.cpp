// SPDX-License-Identifier: Apache-2.0
// Running actions, and the records that are kept of it.
#include "openwhisk.hpp"

#include "pyfops_ibm_emulator_embedded.hpp"
#include "stored_zip.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pyfops::ibm_emulator {
namespace {

constexpr const char* collection = "ibm/activations";
constexpr std::size_t most_kept = 1000;
constexpr std::size_t most_result = 1u << 20;
constexpr std::size_t most_payload = 1u << 20;

/// "2026-01-02T03:04:05.123456Z stdout: hi". Which stream a line came by is not known here.
json::array log_lines_of(const std::string& text, SystemTime now) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const std::string at = fmt::format(
        "{:%FT%H:%M:%S}.{:06}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), micros % 1'000'000);
    json::array lines;
    for (const std::string_view line : split(text, '\n'))
        if (!line.empty()) lines.push_back(json::string(at + " stdout: " + std::string(line)));
    return lines;
}

struct Response {
    std::string status;
    json::value result;
};

Response developer_error(const std::string& message) {
    return {"action developer error", json::object{{"error", message}}};
}

/// In the words of the platform (Messages.scala).
Response response_of(const ExecutionResult& result, long long timeout_ms) {
    using Outcome = ExecutionResult::Outcome;
    switch (result.outcome) {
    case Outcome::timed_out:
        return developer_error("The action exceeded its time limits of " + std::to_string(timeout_ms) +
                               " milliseconds.");
    case Outcome::out_of_memory:
        return developer_error("The action exhausted its memory and was aborted.");
    case Outcome::init_error: {
        std::string why = "The action failed to initialize.";
        try {
            why += " " + string_or(parse_json(result.body, "the reason"), "errorMessage");
        } catch (const Error&) { // the sentence alone will do
        }
        return developer_error(why);
    }
    case Outcome::function_error:
        if (result.error_type == "Function.ResponseSizeTooLarge")
            return developer_error("The action produced a response that is larger than 1048576 bytes.");
        return developer_error("The action did not return a dictionary or array.");
    case Outcome::exited:
        return developer_error("The action did not produce a valid response and exited unexpectedly.");
    case Outcome::answered:
        break;
    }
    json::value value =
        parse_json(result.body, "the answer", {.max_bytes = 2 * most_result, .max_depth = 500});
    const bool failed = value.is_object() && value.as_object().contains("error");
    return {failed ? "application error" : "success", std::move(value)};
}

json::object merged(const json::object& stored, const json::object& arguments) {
    json::object all;
    for (const json::value& one : stored.at("parameters").as_array())
        all[string_or(one, "key")] = one.at("value");
    for (const auto& member : arguments)
        all[member.key()] = member.value();
    return all;
}

} // namespace

std::shared_ptr<const FunctionImage> OpenWhisk::image(const json::object& stored) {
    const std::string id = string_or(stored, "image");
    if (const auto known = images_.find(id); known != images_.end()) return known->second;
    const json::object& exec = stored.at("exec").as_object();
    const json::object& limits = stored.at("limits").as_object();
    const Bytes content = world_.state().blob(string_or(exec, "blob"));
    auto made = std::make_shared<FunctionImage>();
    made->id = id;
    made->archive = exec.at("binary").as_bool()
                        ? content
                        : Bytes(stored_zip({{"__main__.py", std::string(content.view())}}));
    made->python = string_or(exec, "kind").substr(std::string_view("python:").size());
    made->memory_mb = static_cast<int>(integer_or(limits, "memory", 256));
    made->timeout = Milliseconds(integer_or(limits, "timeout", 60000));
    made->max_answer_bytes = most_result;
    made->environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                         {"LC_CTYPE", "C.UTF-8"},
                         {"PYTHONDONTWRITEBYTECODE", "1"},
                         {"__OW_API_HOST", world_.host().base_url + "/" + std::string(openwhisk_host)},
                         {"__OW_WAIT_FOR_ACK", "1"}};
    for (const char* file : {"pyfops_openwhisk.py", "pyfops_action_loop.py"})
        made->runtime_files[file] = std::string(runtime_files::text(file));
    made->arguments = {"/opt/pyfops-runtime/pyfops_openwhisk.py", "{task}", string_or(exec, "main")};
    return images_[id] = made;
}

Task<OpenWhisk::Run> OpenWhisk::run(json::object stored, json::object arguments, std::string id) {
    const std::shared_ptr<const FunctionImage> runs = image(stored);
    const json::object& limits = stored.at("limits").as_object();
    const std::string name = string_or(stored, "name"), path = string_or(stored, "namespace") + "/" + name;
    const std::int64_t start = world_.now_ms(), timeout = integer_or(limits, "timeout");
    const json::object event{{"value", merged(stored, arguments)},
                             {"activation_id", id},
                             {"namespace", "guest"},
                             {"action_name", "/" + path},
                             {"action_version", string_or(stored, "version")},
                             {"transaction_id", world_.uuid()},
                             {"deadline", std::to_string(start + timeout)}};
    auto executing = world_.host().instances.execute(runs, id, json::serialize(event), {});
    const ExecutionResult result = co_await std::move(executing);
    Response response = response_of(result, timeout);
    Run done;
    done.id = id;
    done.ran_on = result.ran_on;
    done.succeeded = response.status == "success";
    json::array annotations{
        json::object{{"key", "path"}, {"value", path}},
        json::object{{"key", "kind"}, {"value", string_or(stored.at("exec").as_object(), "kind")}},
        json::object{{"key", "limits"}, {"value", limits}}, json::object{{"key", "waitTime"}, {"value", 1}}};
    if (result.init_ms)
        annotations.push_back(json::object{{"key", "initTime"}, {"value", std::llround(*result.init_ms)}});
    const std::size_t size = json::serialize(response.result).size();
    const auto duration = std::llround(result.duration_ms + result.init_ms.value_or(0));
    done.activation = {{"activationId", id},
                       {"namespace", "guest"},
                       {"name", name},
                       {"version", string_or(stored, "version")},
                       {"subject", "guest"},
                       {"start", start},
                       {"end", start + duration},
                       {"duration", duration},
                       {"publish", false},
                       {"annotations", std::move(annotations)},
                       {"logs", log_lines_of(result.logs, world_.now())},
                       {"response",
                        {{"status", response.status},
                         {"success", done.succeeded},
                         {"size", size},
                         {"result", std::move(response.result)}}}};
    keep(done.activation);
    co_return done;
}

void OpenWhisk::keep(const json::object& activation) {
    // Keys in the order of time, so that the oldest go first and lists need no sorting.
    const std::string key =
        fmt::format("{:015}-{}", integer_or(activation, "start"), string_or(activation, "activationId"));
    world_.state().put(collection, key, activation);
    const auto keys = world_.state().keys(collection);
    for (std::size_t i = 0; keys.size() > most_kept && i < keys.size() - most_kept; ++i)
        world_.state().erase(collection, keys[i]);
}

Task<void> OpenWhisk::run_alone(json::object stored, json::object arguments, std::string id) {
    auto running = run(std::move(stored), std::move(arguments), std::move(id));
    co_await std::move(running);
}

Task<ServerResponse> OpenWhisk::invoke(HttpCall call, Name name) {
    json::object stored = action(name);
    if (call.body.size() > most_payload)
        throw ApiError(413, "",
                       "The size of the activation payload is larger than allowed: " +
                           std::to_string(call.body.size()) + " > 1048576 bytes.");
    json::object arguments = json_object(call);
    if (annotation_is_true(stored, "final"))
        for (const json::value& one : stored.at("parameters").as_array())
            if (arguments.contains(string_or(one, "key")))
                throw ApiError(
                    400, "", "Request defines parameters that are not allowed (e.g., reserved properties).");
    const std::string id = hex(random_bytes(16));
    if (query_field(call.query, "blocking") != "true") {
        world_.host().spawn(run_alone(std::move(stored), std::move(arguments), id));
        ServerResponse answer = json_response(202, json::object{{"activationId", id}});
        answer.headers.set("x-openwhisk-activation-id", id);
        co_return answer;
    }
    auto running = run(std::move(stored), std::move(arguments), id);
    Run done = co_await std::move(running);
    const json::object& response = done.activation.at("response").as_object();
    const bool result_only = query_field(call.query, "result") == "true";
    json::object whole = done.activation;
    whole["logs"] = json::array(); // they are collected later
    ServerResponse answer =
        json_response(done.succeeded ? 200 : 502, result_only ? response.at("result") : json::value(whole));
    answer.headers.set("x-openwhisk-activation-id", id);
    answer.headers.set("x-pyfops-ran-on", done.ran_on);
    co_return answer;
}

json::object OpenWhisk::activation(const std::string& id) const {
    for (const std::string& key : world_.state().keys(collection))
        if (key.ends_with("-" + id))
            if (const auto found = world_.state().get(collection, key)) return *found;
    throw ApiError(404, "", "The requested resource does not exist.");
}

ServerResponse OpenWhisk::activations(const HttpCall& call) const {
    const auto& parts = call.segments;
    if (parts.size() > 5) {
        const json::object found = activation(parts[5]);
        const json::object& response = found.at("response").as_object();
        if (parts.size() == 6) return json_response(200, found);
        if (parts[6] == "logs") return json_response(200, json::object{{"logs", found.at("logs")}});
        if (parts[6] == "result")
            return json_response(200, json::object{{"result", response.at("result")},
                                                   {"status", response.at("status")},
                                                   {"success", response.at("success")},
                                                   {"size", response.at("size")}});
        throw ApiError(404, "", "The requested resource does not exist.");
    }
    const Window window = window_of(world_, call);
    const auto time = [&](const char* name, long long otherwise) {
        const auto text = query_field(call.query, name);
        return text ? std::atoll(text->c_str()) : otherwise;
    };
    const long long since = time("since", 0), upto = time("upto", INT64_MAX);
    const auto name = query_field(call.query, "name");
    const bool whole = query_field(call.query, "docs") == "true";
    std::vector<std::string> keys = world_.state().keys(collection);
    std::reverse(keys.begin(), keys.end()); // the newest first
    json::array all;
    std::size_t at = 0;
    for (const std::string& key : keys) {
        const auto found = world_.state().get(collection, key);
        if (!found) continue;
        const long long start = integer_or(*found, "start");
        if (start < since || start > upto) continue;
        if (name && string_or(*found, "name") != *name) continue;
        if (at++ < window.skip || all.size() >= window.limit) continue;
        json::object shown = *found;
        if (!whole) {
            shown.erase("logs");
            shown.erase("response");
        }
        all.push_back(std::move(shown));
    }
    return json_response(200, all);
}

} // namespace pyfops::ibm_emulator

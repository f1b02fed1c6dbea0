// SPDX-License-Identifier: Apache-2.0
// Requests to a function's own address: who may, how many at a time, and what the platform answers when the
// function's instance does not.
#include "functions.hpp"

#include "checks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/emulator/http_event.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "pyfops_google_emulator_embedded.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pyfops::google_emulator {
namespace {

constexpr std::size_t largest_request = 32u << 20;
constexpr std::size_t largest_answer = 32u << 20;
constexpr std::string_view trace_header = "X-Cloud-Trace-Context";
constexpr std::string_view no_answer = "The request failed because either the HTTP response was malformed or "
                                       "connection to the instance had an error.";

using Outcome = ExecutionResult::Outcome;

bool is_hex(std::string_view text) {
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return std::isxdigit(static_cast<unsigned char>(c)) != 0;
           });
}

/// The client's trace, or a new one.
std::string trace_of(const HttpHeaders& headers) {
    const std::string given = headers.get(trace_header);
    const std::string id = lower_case(given.substr(0, given.find_first_of("/;")));
    return is_hex(id) ? id : hex(random_bytes(16));
}

/// As the front end passes a request on: no usable token, and what it knows of the request.
ServerRequest forwarded(ServerRequest request, const Call& call, const std::string& trace) {
    const std::string token = bearer_token(request.headers);
    if (const auto dot = token.rfind('.'); !token.empty() && dot != std::string::npos)
        request.headers.set("Authorization",
                            "Bearer " + token.substr(0, dot) + ".SIGNATURE_REMOVED_BY_GOOGLE");
    request.headers.erase("X-Serverless-Authorization");
    request.headers.set("Host", call.http.host);
    request.headers.set(std::string(trace_header), trace + "/0;o=0");
    request.headers.set("X-Forwarded-For", "127.0.0.1");
    request.headers.set("X-Forwarded-Proto", "https");
    request.headers.set("Function-Execution-Id", base64url(random_bytes(9)));
    return request;
}

/// Path and query as the function sees them: without the host and, below cloudfunctions.net, without its
/// name.
std::string inner_target(const ServerRequest& request, const Call& call) {
    std::string target = request.target.substr(call.http.prefix.size());
    if (call.http.host.ends_with(".cloudfunctions.net")) {
        const auto end = std::min(target.find_first_of("/?", 1), target.size());
        target.erase(0, end);
    }
    if (!target.starts_with('/')) target.insert(0, "/");
    return target;
}

/// One entry a line; a line that is a JSON object is a structured one.
std::vector<Entry> lines_of(const std::string& text, const Entry& like) {
    std::vector<Entry> entries;
    for (const std::string_view line : split(text, '\n')) {
        if (trimmed(line).empty()) continue;
        Entry entry = like;
        entry.log = "stdout";
        entry.payload = json::string(line);
        if (line.starts_with('{')) {
            try {
                json::value structured = parse_json(line, "a line");
                if (structured.is_object() && structured.as_object().contains("message")) {
                    entry.severity = string_or(structured, "severity");
                    structured.as_object().erase("severity");
                    entry.payload = std::move(structured);
                }
            } catch (const Error&) { // a line that only looks like JSON
            }
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace

std::string Functions::url(const Function& function) const {
    return fmt::format("{}/{}-{}.cloudfunctions.net/{}", world_.host().base_url, function.location(), project,
                       function.name());
}

std::string Functions::uri(const Function& function) const {
    return fmt::format("{}/{}-{}.{}.run.app", world_.host().base_url, function.name(), project_number,
                       function.location());
}

bool Functions::is_public(const Function& function) const {
    const json::value* bindings = find(function.document.at("policy"), "bindings");
    if (!bindings || !bindings->is_array()) return false;
    for (const json::value& binding : bindings->as_array()) {
        const std::string role = string_or(binding, "role");
        if (role != "roles/run.invoker" && role != "roles/run.servicesInvoker") continue;
        for (const json::value& member : binding.at("members").as_array())
            if (member.is_string() && std::string_view(member.as_string()) == "allUsers") return true;
    }
    return false;
}

std::shared_ptr<const FunctionImage> Functions::image(const Function& function) {
    const json::object& serving = *function.serving();
    const std::string id = string_or(serving, "image");
    if (const auto known = images_.find(id); known != images_.end()) return known->second;
    json::object resource = serving.at("resource").as_object();
    apply_defaults(resource);
    const json::object& build = resource.at("buildConfig").as_object();
    const json::object& config = resource.at("serviceConfig").as_object();
    const std::string runtime = string_or(build, "runtime"); // "python311"
    const json::value* build_variables = build.if_contains("environmentVariables");
    auto made = std::make_shared<FunctionImage>();
    made->id = id;
    made->archive = world_.state().blob(string_or(serving, "blob"));
    made->python = fmt::format("3.{}", runtime.substr(std::string_view("python3").size()));
    made->memory_mb = memory_mb(resource);
    made->timeout = std::chrono::seconds(integer_or(config, "timeoutSeconds", 60));
    made->init_timeout = Milliseconds(world_.setting("google.init_timeout_ms", 240'000));
    made->max_answer_bytes = largest_answer + (64u << 10); // with its head
    auto& environment = made->environment;
    if (const json::value* own = config.if_contains("environmentVariables"))
        for (const auto& variable : own->as_object())
            environment[variable.key()] = std::string(variable.value().as_string());
    const std::map<std::string, std::string> provided{
        {"K_SERVICE", function.name()},
        {"K_CONFIGURATION", function.name()},
        {"K_REVISION", string_or(serving, "revision")},
        {"PORT", "8080"},
        {"FUNCTION_TARGET", string_or(build, "entryPoint")},
        {"FUNCTION_SIGNATURE_TYPE", "http"},
        {"FUNCTION_SOURCE",
         build_variables ? string_or(*build_variables, "GOOGLE_FUNCTION_SOURCE", "main.py") : "main.py"},
        {"LANG", "C.UTF-8"},
        {"PYTHONPATH", "/opt/pyfops-runtime"}};
    for (const auto& [name, value] : provided)
        environment[name] = value;
    environment.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
    made->runtime_files = {
        {"pyfops_google_runtime.py", std::string(runtime_files::text("pyfops_google_runtime.py"))}};
    made->arguments = {"-m", "pyfops_google_runtime", "{task}"};
    images_[id] = made;
    return made;
}

ServerResponse Functions::answer_of(const Function& function, ExecutionResult result, Entry entry) {
    const auto platform = [&entry](const std::string& text, const std::string& severity) {
        Entry line = entry;
        line.log = "varlog/system";
        line.severity = severity;
        line.payload = json::string(text);
        return line;
    };
    std::vector<Entry> entries;
    if (result.init_ms)
        entries.push_back(
            platform("Starting new instance. Reason: AUTOSCALING - Instance started due to traffic "
                     "increase.",
                     "INFO"));
    for (Entry& line : lines_of(result.logs, entry))
        entries.push_back(std::move(line));
    ServerResponse answer;
    std::string_view remark; // in the log of requests
    switch (result.outcome) {
    case Outcome::answered:
        try {
            answer = from_http_event(result.body);
            // The framework's own sign of an exception does not leave the platform.
            answer.headers.erase("X-Google-Status");
        } catch (const Error&) {
            answer = text_response(503, "text/plain", std::string(no_answer));
        }
        if (answer.body.size() > largest_answer) {
            remark = "Response size was too large. Please consider reducing response size.";
            answer = text_response(500, "text/plain", "Internal Server Error");
        }
        break;
    case Outcome::timed_out:
        answer = text_response(504, "text/plain", "upstream request timeout");
        entries.push_back(
            platform("The request has been terminated because it has reached the maximum request "
                     "timeout.",
                     "ERROR"));
        break;
    case Outcome::out_of_memory: {
        const int limit = memory_mb(function.serving()->at("resource").as_object());
        answer = text_response(503, "text/plain", std::string(no_answer));
        entries.push_back(platform(fmt::format("Memory limit of {} MiB exceeded with {} MiB used. Consider "
                                               "increasing the memory limit, see "
                                               "https://cloud.google.com/run/docs/configuring/memory-limits",
                                               limit, std::max(result.memory_used_mb, limit + 1)),
                                   "ERROR"));
        break;
    }
    case Outcome::exited:
        answer = text_response(503, "text/plain", std::string(no_answer));
        entries.push_back(platform(result.signal != 0
                                       ? fmt::format("Container terminated on signal {}.", result.signal)
                                       : fmt::format("Container called exit({}).", result.exit_code),
                                   "WARNING"));
        break;
    case Outcome::init_error:
    case Outcome::function_error:
        // What this machine cannot run (a wheel for another Python) is told as the function's failure.
        if (result.error_type.starts_with("Pyfops.")) {
            answer = text_response(500, "application/json", result.body);
            answer.headers.set("x-pyfops-error", "function");
        } else {
            answer = text_response(500, "text/plain", "Internal Server Error");
            entries.push_back(platform("Container called exit(1).", "WARNING"));
        }
        break;
    }
    Entry request = entry;
    request.log = "requests";
    request.severity = answer.status >= 500 ? "ERROR" : answer.status >= 400 ? "WARNING" : "INFO";
    request.request["status"] = answer.status;
    request.request["responseSize"] = std::to_string(answer.body.size());
    request.request["latency"] = fmt::format("{:.6f}s", result.duration_ms / 1000);
    request.payload = nullptr;
    if (!remark.empty()) request.payload = json::string(remark);
    entries.push_back(std::move(request));
    for (Entry& one : entries)
        if (one.log != "requests") one.request.clear();
    logs_.append(function.location(), function.name(), std::move(entries));
    answer.headers.set("x-pyfops-ran-on", result.ran_on);
    return answer;
}

Task<ServerResponse> Functions::invoke(ServerRequest request, Call call) {
    auto function = call.project == project || call.http.host.ends_with(".run.app")
                        ? load(call.location, call.name)
                        : std::nullopt;
    if (!function || !function->serving())
        throw ApiError(404, "Not Found", "The requested URL was not found on this server.");
    if (!is_public(*function))
        tokens_.check_id_token(call.http, {url(*function), uri(*function),
                                           fmt::format("https://{}-{}.cloudfunctions.net/{}",
                                                       function->location(), project, function->name())});
    if (request.body.size() > largest_request)
        throw ApiError(413, "Request Entity Too Large", "Your client issued a request that was too large.");
    const json::object& resource = function->serving()->at("resource").as_object();
    const json::value* config = resource.if_contains("serviceConfig");
    const auto most = config ? integer_or(*config, "maxInstanceCount", 100) : 100;
    const std::string slot = function->location() + "/" + function->name();
    if (const auto busy = running_->find(slot); busy != running_->end() && busy->second >= most)
        throw ApiError(429, "Too Many Requests", "Rate exceeded.");
    struct Counter {
        std::shared_ptr<std::map<std::string, std::int64_t>> running;
        std::string key;
        ~Counter() {
            if (--(*running)[key] == 0) running->erase(key);
        }
    };
    ++(*running_)[slot];
    const Counter counter{running_, slot};

    Entry entry;
    entry.trace = trace_of(request.headers);
    entry.revision = string_or(*function->serving(), "revision");
    entry.at_us = world_.now_ms() * 1000;
    entry.request = json::object{{"requestMethod", request.method},
                                 {"requestUrl", "https://" + call.http.host + call.http.path},
                                 {"userAgent", request.headers.get("User-Agent")}};
    const std::string target = inner_target(request, call);
    const ServerRequest passed = forwarded(std::move(request), call, entry.trace);
    std::string event = to_http_event(passed, target);
    Task<ExecutionResult> running =
        world_.host().instances.execute(image(*function), world_.uuid(), std::move(event), {});
    ExecutionResult result = co_await std::move(running);
    const std::string trace = entry.trace;
    ServerResponse answer = answer_of(*function, std::move(result), std::move(entry));
    answer.headers.set(std::string(trace_header), trace + ";o=1");
    co_return answer;
}

} // namespace pyfops::google_emulator

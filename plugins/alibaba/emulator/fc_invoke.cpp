// SPDX-License-Identifier: Apache-2.0
#include "fc.hpp"

#include "pyfops_alibaba_emulator_embedded.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t most_sync = 32u << 20;
constexpr std::size_t most_async = 128u << 10;
constexpr std::size_t log_tail = 4096;
constexpr const char* unhandled = "UnhandledInvocationError";

std::string error_document(const std::string& message) {
    return json::serialize(json::object{{"errorMessage", message}});
}

/// What the runtime posted, as Function Compute shows it: without a request id.
std::string cleaned(const std::string& body) {
    try {
        json::value document = parse_json(body, "the error", {.max_bytes = 8u << 20});
        if (auto* object = document.if_object()) object->erase("requestId");
        return json::serialize(document);
    } catch (const Error&) {
        return error_document(body);
    }
}

} // namespace

std::shared_ptr<const FunctionImage> FunctionCompute::image(const Function& function,
                                                            const json::object& record,
                                                            const std::string& qualifier,
                                                            const std::string& version) {
    const std::string id = string_or(record, "image");
    if (const auto known = images_.find(id); known != images_.end()) return known->second;
    const json::object& config = record.at("config").as_object();
    const std::string runtime = string_or(config, "runtime"), handler = string_or(config, "handler");
    if (!runtime.starts_with("python3."))
        throw ApiError(400, "InvalidArgument",
                       "the local cloud runs the Python runtimes only, not '" + runtime + "'");
    auto made = std::make_shared<FunctionImage>();
    made->id = id;
    made->archive = world_.state().blob(string_or(record, "blob"));
    made->python = runtime.substr(std::string_view("python").size());
    made->memory_mb = static_cast<int>(integer_or(config, "memorySize", 512));
    made->timeout = Milliseconds(integer_or(config, "timeout", 3) * 1000);
    made->init_timeout = Milliseconds(world_.setting("alibaba.init_timeout_ms", 300'000));
    made->max_answer_bytes = most_sync;
    auto& environment = made->environment;
    if (const auto* own = config.if_contains("environmentVariables"))
        for (const auto& variable : own->as_object())
            environment[variable.key()] = std::string(variable.value().as_string());
    std::string project, store;
    if (const auto* logs = config.if_contains("logConfig")) {
        project = string_or(*logs, "project");
        store = string_or(*logs, "logstore");
    }
    const std::map<std::string, std::string> provided{
        {"FC_FUNC_CODE_PATH", "/code/"},
        {"FC_ACCOUNT_ID", std::string(account)},
        {"FC_FUNCTION_HANDLER", handler},
        {"FC_FUNCTION_MEMORY_SIZE", std::to_string(made->memory_mb)},
        {"FC_FUNCTION_NAME", function.name()},
        {"FC_REGION", function.region()},
        {"FC_INSTANCE_ID", "c-" + hex(random_bytes(16))},
        {"FC_QUALIFIER", qualifier},
        {"FC_CUSTOM_LISTEN_PORT", "9000"},
        {"FC_RUNTIME", runtime},
        {"FC_TIMEOUT", std::to_string(integer_or(config, "timeout", 3))},
        {"PYFOPS_FC_VERSION", version},
        {"PYFOPS_FC_LOG_PROJECT", project},
        {"PYFOPS_FC_LOG_STORE", store},
        {"PYTHONPATH", "/opt/pyfops-runtime"},
        {"LANG", "C.UTF-8"},
    };
    for (const auto& [name, value] : provided)
        environment[name] = value;
    // Only functions with a role have keys; of this local account: what they call with them comes back here.
    if (const std::string role = string_or(config, "role"); !role.empty()) {
        const auto key = keys_.of_role(role);
        environment["ALIBABA_CLOUD_ACCESS_KEY_ID"] = key.id;
        environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = key.secret.expose();
        environment["ALIBABA_CLOUD_SECURITY_TOKEN"] = key.token;
    }
    environment.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
    made->runtime_files = {
        {"pyfops_fc_runtime.py", std::string(runtime_files::text("pyfops_fc_runtime.py"))}};
    made->arguments = {"-m", "pyfops_fc_runtime", handler};
    images_[id] = made;
    return made;
}

FunctionCompute::Target FunctionCompute::target(Function& function, const std::string& qualifier) {
    std::string chosen = qualifier.empty() ? "LATEST" : qualifier;
    // An alias may share its events between two versions.
    if (const auto* alias = function.member("aliases").if_contains(chosen)) {
        std::string version = string_or(*alias, "versionId");
        if (const auto* weights = find(*alias, "additionalVersionWeight"); weights && weights->is_object())
            for (const auto& weight : weights->as_object())
                if (world_.host().random.uniform() < weight.value().to_number<double>())
                    version = weight.key();
        chosen = version;
    }
    const json::object* found = &record(function, chosen);
    if (found == &function.latest())
        if (const auto* running = function.document.if_contains("running")) found = &running->as_object();
    if (string_or(*found, "state") == "Failed")
        throw ApiError(400, "FunctionNotReady",
                       "the function's creation failed: " + string_or(*found, "trouble"));
    Target target;
    target.version = chosen == "LATEST" ? "" : chosen;
    target.image = image(function, *found, qualifier.empty() ? "LATEST" : qualifier, target.version);
    target.name = function.name();
    target.region = function.region();
    target.qualifier = qualifier.empty() ? "LATEST" : qualifier;
    target.checksum = string_or(*found, "checksum");
    target.log_project = target.image->environment.at("PYFOPS_FC_LOG_PROJECT");
    target.log_store = target.image->environment.at("PYFOPS_FC_LOG_STORE");
    target.timeout = integer_or(found->at("config"), "timeout", 3);
    target.memory_mb = target.image->memory_mb;
    target.ready_at = string_or(*found, "state") == "Pending" ? integer_or(*found, "ready_at") : 0;
    if (const auto* reserved = function.document.if_contains("reserved"))
        target.reserved = reserved->to_number<std::int64_t>();
    return target;
}

void FunctionCompute::check_concurrency(const Target& target) const {
    const auto busy = running_->find(target.region + "/" + target.name);
    if (target.reserved && (busy == running_->end() ? 0 : busy->second) >= *target.reserved)
        throw ApiError(429, "ResourceExhausted",
                       fmt::format("the function's {} reserved instances are busy", *target.reserved));
}

Task<FunctionCompute::Execution> FunctionCompute::execute(Target target, std::string request_id,
                                                          std::string event) {
    using Outcome = ExecutionResult::Outcome;
    struct Counter {
        std::shared_ptr<std::map<std::string, std::int64_t>> running;
        std::string key;
        ~Counter() {
            if (--(*running)[key] == 0) running->erase(key);
        }
    };
    const std::string slot = target.region + "/" + target.name;
    ++(*running_)[slot];
    const Counter counter{running_, slot};
    // A function that is still being created takes the call when it is there.
    if (const auto wait = target.ready_at - world_.now_ms(); target.ready_at != 0 && wait > 0) {
        auto pause = world_.host().clock.sleep(Milliseconds(wait));
        co_await std::move(pause);
    }
    Execution execution;
    auto running = world_.host().instances.execute(target.image, request_id, std::move(event), {});
    execution.result = co_await std::move(running);
    const ExecutionResult& result = execution.result;
    const bool full = result.outcome == Outcome::out_of_memory;
    execution.used_mb = full ? target.memory_mb : std::min(result.memory_used_mb, target.memory_mb);
    if (result.outcome != Outcome::answered) execution.error_type = unhandled;
    switch (result.outcome) {
    case Outcome::answered:
        execution.body = result.body;
        break;
    case Outcome::timed_out:
        execution.body =
            error_document(fmt::format("Function timed out after {} seconds (maxMemoryUsage: {:.2f}MB)",
                                       target.timeout, execution.used_mb));
        break;
    case Outcome::out_of_memory:
    case Outcome::exited:
        execution.body = error_document(
            fmt::format("Process exited unexpectedly before completing request (duration: {:.0f}ms, "
                        "maxMemoryUsage: {:.2f}MB)",
                        result.duration_ms, execution.used_mb));
        break;
    case Outcome::function_error:
    case Outcome::init_error:
        execution.body = cleaned(result.body);
        break;
    }
    std::string printed = result.logs;
    if (!printed.empty() && !printed.ends_with('\n')) printed += '\n';
    execution.log = fmt::format("FC Invoke Start RequestId: {}\n{}", request_id, printed);
    if (!execution.error_type.empty()) execution.log += execution.body + "\n";
    execution.log += fmt::format("FC Invoke End RequestId: {}\n", request_id);
    if (!target.log_project.empty())
        logs_.append(
            {target.region, target.log_project, target.log_store, target.name, target.qualifier, request_id},
            execution.log);
    co_return execution;
}

Task<void> FunctionCompute::execute_async(Target target, std::string request_id, std::string event) {
    // A function that fails is tried three more times.
    for (int attempt = 0; attempt <= 3; ++attempt) {
        auto running = execute(target, request_id, event);
        const Execution execution = co_await std::move(running);
        if (execution.error_type.empty()) co_return;
        auto pause = world_.host().clock.sleep(Milliseconds(world_.setting("alibaba.async_retry_ms", 1000)));
        co_await std::move(pause);
    }
}

void FunctionCompute::add_headers(ServerResponse& answer, const Execution& execution,
                                  const Target& target) const {
    answer.headers.set("x-fc-invocation-duration", fmt::format("{:.0f}", execution.result.duration_ms));
    answer.headers.set("x-fc-max-memory-usage", fmt::format("{:.2f}", execution.used_mb));
    answer.headers.set("x-fc-code-checksum", target.checksum);
    if (!execution.error_type.empty()) answer.headers.set("X-Fc-Error-Type", execution.error_type);
    // What really ran it: not of Alibaba Cloud, ours.
    answer.headers.set("x-pyfops-ran-on", execution.result.ran_on);
}

Task<ServerResponse> FunctionCompute::invoke(Call call) {
    Function function = required(call);
    Target asked = target(function, call.parameter("qualifier"));
    const std::string type = call.headers.get("x-fc-invocation-type");
    const bool async = type == "Async";
    if (!type.empty() && !async && type != "Sync")
        invalid_argument("x-fc-invocation-type should be Sync or Async");
    const std::size_t limit = async ? most_async : most_sync;
    if (call.body.size() > limit)
        throw ApiError(400, "EntityTooLarge",
                       fmt::format("payload size exceeds maximum allowed size ({} bytes)", limit));
    if (async) {
        world_.host().spawn(execute_async(std::move(asked), call.request_id, std::move(call.body)));
        co_return empty_response(202);
    }
    check_concurrency(asked);
    auto running = execute(asked, call.request_id, std::move(call.body));
    Execution execution = co_await std::move(running);
    ServerResponse answer;
    answer.status = 200;
    answer.headers.set("Content-Type",
                       execution.error_type.empty() ? "application/octet-stream" : "application/json");
    add_headers(answer, execution, asked);
    if (call.headers.get("x-fc-log-type") == "Tail") {
        const auto start = execution.log.size() - std::min(execution.log.size(), log_tail);
        answer.headers.set("x-fc-log-result", base64(std::string_view(execution.log).substr(start)));
    }
    answer.body = Bytes(std::move(execution.body));
    co_return answer;
}

} // namespace pyfops::alibaba_emulator

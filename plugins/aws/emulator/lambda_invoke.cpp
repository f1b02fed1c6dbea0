// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "pyfops_aws_emulator_embedded.hpp"

#include "lambda_checks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <filesystem>

namespace pyfops::aws_emulator {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_sync = 6 * 1024 * 1024;
constexpr std::size_t max_async = 1024 * 1024;
constexpr std::size_t max_response = max_sync + 100;
constexpr std::size_t log_tail = 4096;

/// As the platform's supervisor writes a wait status.
std::string exit_reason(const ExecutionResult& result) {
    if (result.signal != 0) {
        const char* name = result.signal == SIGKILL   ? "killed"
                           : result.signal == SIGSEGV ? "segmentation fault"
                           : result.signal == SIGABRT ? "aborted"
                           : result.signal == SIGTERM ? "terminated"
                           : result.signal == SIGBUS  ? "bus error"
                           : result.signal == SIGFPE  ? "floating point exception"
                                                      : nullptr;
        return "Runtime exited with error: signal: " +
               (name ? name : fmt::format("signal {}", result.signal));
    }
    if (result.exit_code > 0)
        return fmt::format("Runtime exited with error: exit status {}", result.exit_code);
    return "Runtime exited without providing a reason";
}

std::string error_document(std::string_view type, const std::string& message) {
    return json::serialize(json::object{{"errorType", type}, {"errorMessage", message}});
}

/// A directory of pure and compiled Python files, as the sandbox gets them.
std::map<std::string, std::string> read_tree(const fs::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file() && entry.path().extension() != ".pyc")
            files[fs::relative(entry.path(), directory).generic_string()] = read_file(entry.path());
    return files;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> found;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = text.find('\n', at);
        found.push_back(text.substr(at, end == std::string::npos ? end : end - at + 1));
        // The runtime keeps several lines of one message together with carriage returns.
        std::replace(found.back().begin(), found.back().end(), '\r', '\n');
        if (end == std::string::npos) break;
        at = end + 1;
    }
    return found;
}

} // namespace

std::shared_ptr<const FunctionImage> Lambda::image(const Function& function, const json::object& record) {
    const std::string id = string_or(record, "image");
    if (const auto known = images_.find(id); known != images_.end()) return known->second;
    const json::object& config = record.at("config").as_object();
    const std::string version = string_or(record, "version");
    const std::string runtime = string_or(config, "Runtime");
    const std::string handler = string_or(config, "Handler");
    const auto described = describe(record, function.reference().arn(), false);
    auto made = std::make_shared<FunctionImage>();
    made->id = id;
    made->archive = world_.state().blob(string_or(record, "blob"));
    made->python = runtime.substr(std::string_view("python").size());
    made->memory_mb = static_cast<int>(integer_or(config, "MemorySize", 128));
    made->timeout = Milliseconds(integer_or(config, "Timeout", 3) * 1000);
    made->init_timeout = Milliseconds(world_.setting("lambda.init_timeout_ms", 10'000));
    auto& environment = made->environment;
    if (const auto* own = config.if_contains("Environment"))
        for (const auto& variable : own->at("Variables").as_object())
            environment[variable.key()] = std::string(variable.value().as_string());
    const auto role = keys_.of_role(string_or(config, "Role"));
    const auto stream =
        fmt::format("{}/[{}]{}", to_iso8601(world_.now()).substr(0, 10), version, hex(random_bytes(16)));
    const std::map<std::string, std::string> provided{
        {"_HANDLER", handler},
        {"LAMBDA_TASK_ROOT", "/var/task"},
        {"LAMBDA_RUNTIME_DIR", "/var/runtime"},
        {"AWS_LAMBDA_FUNCTION_NAME", function.name()},
        {"AWS_LAMBDA_FUNCTION_VERSION", version},
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(made->memory_mb)},
        {"AWS_LAMBDA_LOG_GROUP_NAME", string_or(described.at("LoggingConfig"), "LogGroup")},
        {"AWS_LAMBDA_LOG_STREAM_NAME", stream},
        {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
        {"AWS_LAMBDA_LOG_FORMAT", "Text"},
        {"AWS_EXECUTION_ENV", "AWS_Lambda_" + runtime},
        {"AWS_REGION", function.region()},
        {"AWS_DEFAULT_REGION", function.region()},
        // Keys of this local account only: a function that calls AWS comes back here.
        {"AWS_ACCESS_KEY_ID", role.id},
        {"AWS_SECRET_ACCESS_KEY", role.secret.expose()},
        {"AWS_SESSION_TOKEN", role.token},
        {"AWS_ENDPOINT_URL", world_.host().base_url},
        {"TZ", ":UTC"},
        {"LANG", "en_US.UTF-8"},
        {"PYTHONPATH", "/opt/pyfops-runtime"},
    };
    for (const auto& [name, value] : provided)
        environment[name] = value;
    environment.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
    // The real runtime interface client can be put in the place of ours.
    if (const auto client = world_.setting_text("lambda.runtime_client"); !client.empty()) {
        made->runtime_files = read_tree(client);
        made->arguments = {"-m", "awslambdaric", handler};
    } else {
        made->runtime_files = {
            {"pyfops_lambda_runtime.py", std::string(runtime_files::text("pyfops_lambda_runtime.py"))}};
        made->arguments = {"-m", "pyfops_lambda_runtime", handler};
    }
    images_[id] = made;
    return made;
}

Lambda::Target Lambda::target(const FunctionReference& reference) {
    auto function = load(reference.region, reference.name);
    FunctionReference asked = reference;
    if (!function) {
        if (asked.qualifier.empty()) asked.qualifier = "$LATEST";
        function_not_found(asked.arn());
    }
    // An alias may share its events between two versions.
    FunctionReference chosen = reference;
    if (const auto* alias = function->member("aliases").if_contains(reference.qualifier)) {
        chosen.qualifier = string_or(*alias, "FunctionVersion");
        const auto* routing = alias->as_object().if_contains("RoutingConfig");
        const auto* weights = routing ? find(*routing, "AdditionalVersionWeights") : nullptr;
        if (weights && weights->is_object())
            for (const auto& weight : weights->as_object())
                if (world_.host().random.uniform() < weight.value().to_number<double>())
                    chosen.qualifier = weight.key();
    }
    const json::object* found = &record(*function, chosen);
    if (found == &function->latest())
        if (const auto* running = function->document.if_contains("running")) found = &running->as_object();
    if (const auto state = string_or(*found, "state"); state == "Pending" || state == "Failed")
        throw ApiError(
            409, "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the following "
            "state: " +
                state);
    Target target;
    target.image = image(*function, *found);
    target.arn = reference.arn();
    target.version = string_or(*found, "version");
    target.name = function->name();
    target.region = function->region();
    target.log_group = target.image->environment.at("AWS_LAMBDA_LOG_GROUP_NAME");
    target.log_stream = target.image->environment.at("AWS_LAMBDA_LOG_STREAM_NAME");
    target.runtime = string_or(found->at("config"), "Runtime");
    target.memory_mb = target.image->memory_mb;
    target.timeout = integer_or(found->at("config"), "Timeout", 3);
    if (const auto* reserved = function->document.if_contains("reserved"))
        target.reserved = reserved->to_number<std::int64_t>();
    return target;
}

void Lambda::write_log(Execution& execution, const Target& target) {
    const ExecutionResult& result = execution.result;
    const std::string& id = execution.request_id;
    using Outcome = ExecutionResult::Outcome;
    std::string log = fmt::format("START RequestId: {} Version: {}\n", id, target.version) + result.logs;
    if (!log.ends_with('\n')) log += '\n';
    std::string status;
    if (result.outcome == Outcome::timed_out) {
        log += fmt::format("{} {} Task timed out after {:.2f} seconds\n\n", to_iso8601(world_.now()), id,
                           static_cast<double>(target.timeout));
        status = "Status: timeout";
    } else if (result.outcome == Outcome::out_of_memory || result.outcome == Outcome::exited) {
        log +=
            fmt::format("RequestId: {} Error: {}\nRuntime.ExitError\n", id,
                        result.outcome == Outcome::out_of_memory ? "Runtime exited with error: signal: killed"
                                                                 : exit_reason(result));
        status = fmt::format("Status: error\tError Type: {}", result.outcome == Outcome::out_of_memory
                                                                  ? "Runtime.OutOfMemory"
                                                                  : "Runtime.ExitError");
    }
    log += fmt::format("END RequestId: {}\n", id);
    log += fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {:.0f} ms\tMemory Size: {} MB\tMax "
        "Memory Used: {} MB\t",
        id, result.duration_ms, std::max(1.0, std::ceil(result.duration_ms)), target.memory_mb,
        std::min(result.memory_used_mb, target.memory_mb));
    if (result.init_ms) log += fmt::format("Init Duration: {:.2f} ms\t", *result.init_ms);
    log += status + "\n";
    auto messages = lines(log);
    if (result.init_ms)
        messages.insert(
            messages.begin(),
            fmt::format("INIT_START Runtime Version: {}:{}\tRuntime Version ARN: arn:aws:lambda:{}::runtime:"
                        "{}\n",
                        "python", result.ran_on, target.region, sha256_hex(target.runtime)));
    logs_.append(target.region, target.log_group, target.log_stream, messages);
    std::replace(log.begin(), log.end(), '\r', '\n');
    execution.log = std::move(log);
}

Task<Lambda::Execution> Lambda::execute(Target target, std::string request_id, std::string event,
                                        HttpHeaders headers) {
    using Outcome = ExecutionResult::Outcome;
    headers.set("Lambda-Runtime-Invoked-Function-Arn", target.arn);
    headers.set("Lambda-Runtime-Trace-Id",
                fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0;Lineage=1:00000000:0",
                            world_.now_ms() / 1000, hex(random_bytes(12)), hex(random_bytes(8))));
    const std::string slot = target.region + "/" + target.name;
    struct Counter {
        std::shared_ptr<std::map<std::string, std::int64_t>> running;
        std::string key;
        ~Counter() {
            if (--(*running)[key] == 0) running->erase(key);
        }
    };
    ++(*running_)[slot];
    const Counter counter{running_, slot};
    Execution execution;
    execution.request_id = request_id;
    execution.version = target.version;
    auto running =
        world_.host().instances.execute(target.image, request_id, std::move(event), std::move(headers));
    execution.result = co_await std::move(running);
    const ExecutionResult& result = execution.result;
    execution.failed = result.outcome != Outcome::answered;
    switch (result.outcome) {
    case Outcome::answered:
        execution.body = result.body;
        if (execution.body.size() > max_response) {
            execution.failed = true;
            execution.body = error_document(
                "Function.ResponseSizeTooLarge",
                fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).",
                            max_response));
        }
        break;
    case Outcome::timed_out:
        execution.body = error_document(
            "Sandbox.Timedout", fmt::format("RequestId: {} Error: Task timed out after {:.2f} seconds",
                                            request_id, static_cast<double>(target.timeout)));
        break;
    case Outcome::out_of_memory:
        execution.body = error_document(
            "Runtime.OutOfMemory",
            fmt::format("RequestId: {} Error: Runtime exited with error: signal: killed", request_id));
        break;
    case Outcome::function_error:
    case Outcome::init_error:
    case Outcome::exited:
        execution.body = result.body;
        if (execution.body.empty())
            execution.body = error_document(
                "Runtime.ExitError", fmt::format("RequestId: {} Error: {}", request_id, exit_reason(result)));
        break;
    }
    write_log(execution, target);
    co_return execution;
}

Task<void> Lambda::execute_event(Target target, std::string request_id, std::string event,
                                 HttpHeaders headers) {
    // An event that fails is tried twice more, a minute and then two minutes later.
    const Milliseconds pauses[] = {Milliseconds(world_.setting("lambda.async_retry_ms", 60'000)),
                                   Milliseconds(world_.setting("lambda.async_retry_ms", 60'000) * 2)};
    for (std::size_t attempt = 0;; ++attempt) {
        auto running = execute(target, request_id, event, headers);
        const Execution execution = co_await std::move(running);
        if (!execution.failed || attempt == std::size(pauses)) co_return;
        auto pause = world_.host().clock.sleep(pauses[attempt]);
        co_await std::move(pause);
    }
}

Task<ServerResponse> Lambda::invoke(Call call) {
    const FunctionReference reference = read_reference(call);
    Target asked = target(reference);
    const std::string type = call.headers.get("X-Amz-Invocation-Type");
    const bool event = type == "Event";
    if (!type.empty() && !event && type != "RequestResponse" && type != "DryRun") {
        Violations violations;
        violations.add(type, "invocationType",
                       "Member must satisfy enum value set: [Event, RequestResponse, DryRun]");
        violations.check();
    }
    const std::size_t limit = event ? max_async : max_sync;
    if (call.body.size() > limit)
        throw ApiError(413, "RequestTooLargeException",
                       fmt::format("{} byte payload is too large for the {} invocation type (limit {} bytes)",
                                   call.body.size(), event ? "Event" : "RequestResponse", limit));
    try {
        if (!call.body.empty())
            parse_json(call.body, "The payload", {.max_bytes = max_sync, .max_depth = 1000});
    } catch (const Error& error) {
        throw ApiError(400, "InvalidRequestContentException",
                       "Could not parse request body into json: Could not parse payload into json: " +
                           error.message());
    }
    if (type == "DryRun") co_return empty_response(204);
    HttpHeaders headers;
    if (const auto context = call.headers.get("X-Amz-Client-Context"); !context.empty()) {
        try {
            headers.set("Lambda-Runtime-Client-Context",
                        canonical_json(parse_json(base64_decode(context), "it")));
        } catch (const Error&) {
            throw ApiError(400, "InvalidRequestContentException",
                           "Client context must be a valid Base64-encoded JSON "
                           "object.");
        }
    }
    std::string payload = call.body.empty() ? "{}" : std::move(call.body);
    if (event) {
        world_.host().spawn(
            execute_event(std::move(asked), call.request_id, std::move(payload), std::move(headers)));
        co_return empty_response(202);
    }
    const auto busy = running_->find(asked.region + "/" + asked.name);
    if (asked.reserved && (busy == running_->end() ? 0 : busy->second) >= *asked.reserved) {
        ApiError error(429, "TooManyRequestsException", "Rate Exceeded.");
        error.members = {{"Reason", "ReservedFunctionConcurrentInvocationLimitExceeded"}};
        throw error;
    }
    auto running = execute(std::move(asked), call.request_id, std::move(payload), std::move(headers));
    Execution execution = co_await std::move(running);
    ServerResponse answer;
    answer.status = 200;
    answer.headers.set("Content-Type", "application/json");
    answer.headers.set("X-Amz-Executed-Version", execution.version);
    if (execution.failed) answer.headers.set("X-Amz-Function-Error", "Unhandled");
    if (call.headers.get("X-Amz-Log-Type") == "Tail") {
        const auto start = execution.log.size() - std::min(execution.log.size(), log_tail);
        answer.headers.set("X-Amz-Log-Result", base64(std::string_view(execution.log).substr(start)));
    }
    // What really ran it: not of AWS, ours.
    answer.headers.set("x-pyfops-ran-on", execution.result.ran_on);
    answer.body = Bytes(std::move(execution.body));
    co_return answer;
}

} // namespace pyfops::aws_emulator

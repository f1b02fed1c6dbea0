// SPDX-License-Identifier: Apache-2.0
// Requests to the endpoints of functions.
#include "code_engine.hpp"

#include "function_checks.hpp"
#include "pyfops_ibm_emulator_embedded.hpp"
#include "stored_zip.hpp"

#include "pyfops/emulator/http_event.hpp"
#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::size_t most_body = 5u << 20;

struct Host {
    std::string function, subdomain, region;
};

/// "fn.subdomain.region.codeengine.appdomain.cloud"
Host read_host(const std::string& host) {
    const auto first = host.find('.'), second = host.find('.', first + 1), third = host.find('.', second + 1);
    return {host.substr(0, first), host.substr(first + 1, second - first - 1),
            host.substr(second + 1, third - second - 1)};
}

int memory_of(const json::object& config) {
    const std::string text = string_or(config, "scale_memory_limit");
    return text == "1G" ? 1024 : text == "2G" ? 2048 : 4096;
}

/// What the platform answers in the place of a function that gave no answer. IBM documents the statuses, not
/// which one an ended process has: 424 is "the code could not be executed".
ServerResponse platform_answer(const ExecutionResult& result) {
    using Outcome = ExecutionResult::Outcome;
    const auto say = [](int status, const std::string& message) {
        return error_answer(Api::endpoint, ApiError(status, "", message), "");
    };
    switch (result.outcome) {
    case Outcome::timed_out:
        return say(299, "The function exceeded its maximum execution time and was aborted.");
    case Outcome::out_of_memory:
        return say(424, "The code could not be executed: the instance ran out of memory.");
    case Outcome::init_error: {
        // A wheel that this machine cannot load, a module that cannot be imported.
        std::string why = "The code of the function is not valid.";
        try {
            why += " " + string_or(parse_json(result.body, "the reason"), "errorMessage");
        } catch (const Error&) { // the sentence alone will do
        }
        return say(422, why);
    }
    case Outcome::function_error:
        if (result.error_type == "Function.ResponseSizeTooLarge") return say(416, "The response is too big.");
        return say(422, "The function code cannot be processed: " + result.error_type);
    default:
        return say(424, "The code could not be executed: the instance ended.");
    }
}

} // namespace

std::map<std::string, std::string> CodeEngine::environment(const json::object& project,
                                                           const json::object& config,
                                                           const std::string& name) const {
    std::map<std::string, std::string> variables;
    const std::string id = string_or(project, "id");
    for (const json::value& one : config.at("run_env_variables").as_array()) {
        const std::string type = string_or(one, "type", "literal"), variable = string_or(one, "name");
        if (type == "literal") {
            variables[variable] = string_or(one, "value");
            continue;
        }
        const char* kind = type.starts_with("secret") ? "ibm/secrets" : "ibm/config_maps";
        const auto found = world_.state().get(kind, id + "/" + string_or(one, "reference"));
        if (!found) continue;
        const json::object& data = found->at("data").as_object();
        if (type.ends_with("key_reference"))
            variables[variable] = string_or(data, string_or(one, "key"));
        else
            for (const auto& member : data)
                variables[string_or(one, "prefix") + std::string(member.key())] =
                    std::string(member.value().as_string());
    }
    const std::string runtime = string_or(config, "runtime"), region = string_or(project, "region");
    const std::map<std::string, std::string> provided{
        {"CE_FUNCTION", name},
        {"CE_DOMAIN", region + ".codeengine.appdomain.cloud"},
        {"CE_SUBDOMAIN", string_or(project, "subdomain")},
        {"CE_REGION", region},
        {"CE_PROJECT_ID", id},
        {"CE_API_BASE_URL", "https://api." + region + ".codeengine.cloud.ibm.com"},
        {"CE_EXECUTION_ENV", "ibm/action-python-v" + runtime.substr(runtime.find('-') + 1)},
        {"CE_ALLOW_CONCURRENT", "false"},
        {"HOME", "/tmp"},
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"LC_CTYPE", "C.UTF-8"},
        {"PYTHONIOENCODING", "UTF-8"},
        {"PYTHONDONTWRITEBYTECODE", "1"},
        {"PYFOPS_CODE_MAIN", string_or(config, "code_main")}};
    for (const auto& [key, value] : provided)
        variables[key] = value;
    return variables;
}

std::shared_ptr<const FunctionImage> CodeEngine::image(const json::object& project,
                                                       const json::object& stored) {
    const bool old = stored.contains("running");
    const json::object& running = old ? stored.at("running").as_object() : stored;
    const json::object& config = running.at("config").as_object();
    const std::string id = string_or(running, "image");
    if (const auto known = images_.find(id); known != images_.end()) return known->second;
    const std::string code = string_or(config, "code_reference"), runtime = string_or(config, "runtime");
    auto made = std::make_shared<FunctionImage>();
    made->id = id;
    if (code.starts_with("data:")) {
        std::string source = decode_data_url(code);
        const bool zip = source.starts_with("PK\x03\x04");
        made->archive = Bytes(zip ? std::move(source) : stored_zip({{"__main__.py", source}}));
    } else {
        const auto bundle = world_.state().get("ibm/images", code);
        if (!bundle) throw ApiError(422, "", "There is no code bundle " + code);
        made->archive = world_.state().blob(string_or(*bundle, "blob"));
    }
    made->python = runtime.substr(runtime.find('-') + 1);
    made->memory_mb = memory_of(config);
    made->timeout = std::chrono::seconds(integer_or(config, "scale_max_execution_time", 60));
    made->max_answer_bytes = most_body + (64u << 10); // with its head
    made->environment = environment(project, config, string_or(stored, "name"));
    made->runtime_files = {
        {"pyfops_code_engine.py", std::string(runtime_files::text("pyfops_code_engine.py"))}};
    made->arguments = {"/opt/pyfops-runtime/pyfops_code_engine.py", "{task}"};
    return images_[id] = made;
}

Task<ServerResponse> CodeEngine::invoke(ServerRequest request, HttpCall call) {
    const Host host = read_host(call.host);
    std::optional<json::object> inside;
    for (const std::string& key : world_.state().keys("ibm/projects"))
        if (const auto one = world_.state().get("ibm/projects", key);
            one && string_or(*one, "subdomain") == host.subdomain && string_or(*one, "region") == host.region)
            inside = one;
    const std::string id = inside ? string_or(*inside, "id") : std::string();
    const auto stored = inside ? function(id, host.function) : std::nullopt;
    if (!stored || string_or(stored->at("config").as_object(), "managed_domain_mappings") != "local_public")
        throw ApiError(404, "", "There is no such function.");
    const json::object described = describe_function(*inside, *stored);
    const std::string status = string_or(described, "status");
    if (status == "failed" || status == "deploying")
        throw ApiError(503, "", "The function is '" + status + "'.");
    if (request.body.size() > most_body) throw ApiError(413, "", "The request body is larger than 5 MB.");
    const std::string request_id = world_.uuid(), activation = world_.uuid();
    request.headers.set("X-Request-Id", request_id);
    request.headers.set("X-Faas-Activation-Id", activation);
    request.headers.erase("Host");
    request.headers.set("Host", call.host);
    const std::shared_ptr<const FunctionImage> runs = image(*inside, *stored);
    const std::string target = addressed_host(request).target;
    auto executing = world_.host().instances.execute(runs, activation, to_http_event(request, target), {});
    const ExecutionResult result = co_await std::move(executing);
    log_lines(world_, host.region + "/" + host.function, result.logs);
    ServerResponse answer;
    if (result.outcome == ExecutionResult::Outcome::answered) {
        answer = from_http_event(result.body);
        if (answer.body.size() > most_body)
            answer = error_answer(Api::endpoint, ApiError(416, "", "The response is too big."), "");
    } else {
        answer = platform_answer(result);
    }
    answer.headers.set("x-request-id", request_id);
    answer.headers.set("x-faas-activation-id", activation);
    answer.headers.set("x-faas-prewarmed", result.init_ms ? "false" : "true");
    answer.headers.set("x-pyfops-ran-on", result.ran_on);
    co_return answer;
}

} // namespace pyfops::ibm_emulator

// SPDX-License-Identifier: Apache-2.0
// Builds and build runs. A run fetches a git repository and makes a code bundle of it: what comes from there
// is not trusted, so git and pip run in a sandbox of their own, as an instance of the pool, and a zip comes
// back.
#include "code_engine.hpp"

#include "pyfops_ibm_emulator_embedded.hpp"
#include "stored_zip.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/scrub.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

#include <regex>

namespace pyfops::ibm_emulator {
namespace {

constexpr const char* runs = "ibm/build_runs";
constexpr int builder_memory_mb = 2048;
constexpr std::size_t most_bytes = 200u << 20;
constexpr std::string_view strategy = "codebundle-";
constexpr std::string_view python_strategy = "codebundle-python-";

[[noreturn]] void not_found() {
    throw ApiError(404, "resource_not_found", "Resource not found.");
}

/// Members that a build and a run have in common.
constexpr const char* shared[] = {"output_image",   "output_secret", "source_context_dir", "source_revision",
                                  "source_secret",  "source_type",   "source_url",         "strategy_size",
                                  "strategy_type",  "timeout",       "strategy_spec_file", "run_build_params",
                                  "service_account"};

json::object default_fields() {
    return {{"source_type", "git"},
            {"timeout", 600},
            {"strategy_size", "medium"},
            {"run_build_params", json::array()}};
}

json::object fields_of(const json::object& body, json::object known) {
    for (const char* name : shared)
        if (const json::value* value = body.if_contains(name)) known[name] = *value;
    return known;
}

void check_fields(const json::object& fields) {
    for (const char* needed : {"output_image", "output_secret", "strategy_type"})
        if (string_or(fields, needed).empty())
            throw ApiError(400, "bad_request", std::string("Field '") + needed + "' is required.");
    const std::string type = string_or(fields, "strategy_type");
    if (type.starts_with(strategy) &&
        (!type.starts_with(python_strategy) || type.size() == python_strategy.size()))
        throw ApiError(400, "bad_request", "Field 'strategy_type' is not valid.");
    const long long timeout = integer_or(fields, "timeout", 600);
    if (timeout < 1 || timeout > 3600) throw ApiError(400, "bad_request", "Field 'timeout' is not valid.");
}

/// Whether an address has a password in it, before the host or in its query.
bool holds_credentials(std::string_view address) {
    const auto scheme = address.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::string_view rest = address.substr(scheme + 3);
    return rest.substr(0, rest.find('/')).find('@') != std::string_view::npos || scrub(address) != address;
}

/// Where this machine's pip finds packages is the build's matter too; passwords are not, what is built comes
/// from anywhere.
std::map<std::string, std::string> pip_settings() {
    std::map<std::string, std::string> settings;
    for (const auto& [name, value] : real_system().variables()) {
        if (!name.starts_with("PIP_") || name == "PIP_CONFIG_FILE") continue;
        std::string kept; // some are lists of addresses
        for (const std::string_view one : split(value, ' '))
            if (!one.empty() && !holds_credentials(one)) kept += (kept.empty() ? "" : " ") + std::string(one);
        if (!kept.empty()) settings[name] = kept;
    }
    return settings;
}

} // namespace

json::object CodeEngine::describe_build(const json::object& project, const json::object& stored,
                                        const std::string& kind) const {
    const bool run = kind == "build_runs";
    json::object all = stored.at("fields").as_object();
    const std::string name = string_or(stored, "name");
    all["created_at"] = string_or(stored, "created_at");
    all["href"] = href(project, "/" + kind + "/" + name);
    all["id"] = string_or(stored, "id");
    all["name"] = name;
    all["project_id"] = string_or(project, "id");
    all["region"] = string_or(project, "region");
    all["resource_type"] = run ? "build_run_v2" : "build_v2";
    all["status"] = string_or(stored, "status");
    if (run) {
        all["build_name"] = string_or(stored, "build_name");
        if (!all.contains("service_account")) all["service_account"] = "default";
        all["status_details"] = {{"reason", string_or(stored, "reason")}};
        if (const std::string digest = string_or(stored, "digest"); !digest.empty())
            all["status_details"].as_object()["output_digest"] = "sha256:" + digest;
    } else {
        all["entity_tag"] = string_or(stored, "entity_tag");
        all["status_details"] = {{"reason", "registered"}};
    }
    return all;
}

ServerResponse CodeEngine::builds(const HttpCall& call, const json::object& project,
                                  const std::string& name) {
    const std::string collection = "ibm/builds", id = string_or(project, "id");
    if (name.empty() && call.method == "GET") {
        json::array all;
        for (const json::value& one : documents(collection, id))
            all.push_back(describe_build(project, one.as_object(), "builds"));
        return list(call, "builds", all);
    }
    json::object stored;
    if (name.empty()) {
        const json::object body = json_object(call);
        stored = {{"name", string_or(body, "name")},
                  {"id", world_.uuid()},
                  {"created_at", to_iso8601(world_.now())},
                  {"status", "ready"},
                  {"fields", fields_of(body, default_fields())}};
        if (string_or(stored, "name").empty())
            throw ApiError(400, "bad_request", "Field 'name' is required.");
        check_fields(stored.at("fields").as_object());
        if (world_.state().get(collection, id + "/" + string_or(stored, "name")))
            throw ApiError(409, "resource_already_exists", "Resource already exists.");
    } else {
        const auto known = world_.state().get(collection, id + "/" + name);
        if (!known) not_found();
        if (call.method == "GET") return json_response(200, describe_build(project, *known, "builds"));
        if (call.method == "DELETE") {
            world_.state().erase(collection, id + "/" + name);
            return empty_response(202);
        }
        match(call, *known);
        stored = *known;
        stored["fields"] = fields_of(json_object(call), stored.at("fields").as_object());
        check_fields(stored.at("fields").as_object());
    }
    stored["entity_tag"] = new_tag();
    world_.state().put(collection, id + "/" + string_or(stored, "name"), stored);
    return json_response(name.empty() ? 201 : 200, describe_build(project, stored, "builds"));
}

ServerResponse CodeEngine::build_runs(const HttpCall& call, const json::object& project,
                                      const std::string& name) {
    const std::string id = string_or(project, "id");
    if (name.empty() && call.method == "GET") {
        json::array all;
        for (const json::value& one : documents(runs, id))
            all.push_back(describe_build(project, one.as_object(), "build_runs"));
        return list(call, "build_runs", all);
    }
    if (name.empty()) {
        const json::object body = json_object(call);
        json::object fields = default_fields();
        const std::string build = string_or(body, "build_name");
        if (!build.empty()) {
            const auto known = world_.state().get("ibm/builds", id + "/" + build);
            if (!known) not_found();
            fields = known->at("fields").as_object();
        }
        fields = fields_of(body, std::move(fields));
        check_fields(fields);
        const std::string wanted = string_or(
            body, "name", build.empty() ? "" : build + "-run-" + world_.random_text(6, "0123456789"));
        static const std::regex allowed(R"([a-z0-9]([\-a-z0-9]*[a-z0-9])?)");
        if (wanted.size() > 63 || !std::regex_match(wanted, allowed))
            throw ApiError(400, "bad_request", "Field 'name' is not valid.");
        const std::string key = id + "/" + wanted;
        if (world_.state().get(runs, key))
            throw ApiError(409, "resource_already_exists", "Resource already exists.");
        const json::object stored{{"name", wanted},      {"build_name", build},
                                  {"id", world_.uuid()}, {"created_at", to_iso8601(world_.now())},
                                  {"status", "pending"}, {"reason", "pending"},
                                  {"fields", fields}};
        world_.state().put(runs, key, stored);
        world_.host().spawn(run_build(key));
        return json_response(202, describe_build(project, stored, "build_runs"));
    }
    const auto known = world_.state().get(runs, id + "/" + name);
    if (!known) not_found();
    if (call.method == "GET") return json_response(200, describe_build(project, *known, "build_runs"));
    world_.state().erase(runs, id + "/" + name);
    return empty_response(202);
}

void CodeEngine::end_build(const std::string& key, const std::string& status, const std::string& reason) {
    auto stored = world_.state().get(runs, key);
    if (!stored) return; // deleted meanwhile
    (*stored)["status"] = status;
    (*stored)["reason"] = reason;
    world_.state().put(runs, key, *stored);
}

Task<void> CodeEngine::run_build(std::string key) {
    const auto stored = world_.state().get(runs, key);
    if (!stored) co_return;
    const json::object fields = stored->at("fields").as_object();
    const std::string project = key.substr(0, key.find('/')), type = string_or(fields, "strategy_type");
    auto pause = world_.host().clock.sleep(Milliseconds(world_.setting("ibm.build_ms", 100)));
    co_await std::move(pause);
    if (!type.starts_with(strategy) || string_or(fields, "source_type") != "git") {
        end_build(key, "failed", "unknown_strategy");
        co_return;
    }
    const auto secret = world_.state().get("ibm/secrets", project + "/" + string_or(fields, "output_secret"));
    const std::string image_name = string_or(fields, "output_image");
    const std::string registry = image_name.substr(0, image_name.find('/'));
    if (!secret || string_or(*secret, "format") != "registry") {
        end_build(key, "failed", "missing_secrets");
        co_return;
    }
    if (string_or(secret->at("data"), "server") != registry) {
        end_build(key, "failed", "missing_registry_access");
        co_return;
    }
    end_build(key, "running", "running");
    auto builder = std::make_shared<FunctionImage>();
    builder->id = "build-" + world_.uuid();
    builder->archive = Bytes(stored_zip({{"README", "What is built is fetched.\n"}}));
    builder->memory_mb = builder_memory_mb;
    builder->python = "host"; // git is not in a runtime root
    builder->timeout = std::chrono::seconds(integer_or(fields, "timeout", 600));
    builder->max_answer_bytes = most_bytes * 4 / 3 + 1024;
    builder->environment = pip_settings();
    builder->runtime_files = {
        {"pyfops_code_bundle.py", std::string(runtime_files::text("pyfops_code_bundle.py"))}};
    builder->arguments = {"/opt/pyfops-runtime/pyfops_code_bundle.py"};
    const std::shared_ptr<const FunctionImage> image = builder;
    const json::object order{{"url", string_or(fields, "source_url")},
                             {"revision", string_or(fields, "source_revision")},
                             {"directory", string_or(fields, "source_context_dir")},
                             {"python", type.substr(python_strategy.size())}};
    ExecutionResult result;
    try {
        auto running = world_.host().instances.execute(image, world_.uuid(), json::serialize(order), {});
        result = co_await std::move(running);
    } catch (const Error& failure) { // no interpreter, no sandbox
        world_.host().log.warning(std::string("build ") + key + ": " + failure.what());
        result.outcome = ExecutionResult::Outcome::exited;
    }
    world_.host().instances.retire(image->id);
    log_lines(world_, "build " + key, result.logs);
    if (result.outcome != ExecutionResult::Outcome::answered) {
        const bool late = result.outcome == ExecutionResult::Outcome::timed_out;
        std::string reason = late ? "timeout" : result.error_type;
        if (!late && !reason.starts_with("missing_") && !reason.starts_with("invalid_")) reason = "failed";
        end_build(key, "failed", reason);
        co_return;
    }
    const std::string digest = world_.state().put_blob(result.body);
    world_.state().put("ibm/images", image_name, {{"blob", digest}});
    if (auto done = world_.state().get(runs, key)) {
        (*done)["digest"] = digest;
        world_.state().put(runs, key, *done);
    }
    end_build(key, "succeeded", "succeeded");
}

} // namespace pyfops::ibm_emulator

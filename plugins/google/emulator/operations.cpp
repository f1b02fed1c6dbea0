// SPDX-License-Identifier: Apache-2.0
// Long-running operations, and what a build makes of an archive.
#include "functions.hpp"

#include "pyfops/error.hpp"
#include "pyfops/package.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pyfops::google_emulator {
namespace {

const std::string collection = "google/operations";
constexpr std::int64_t kept_ms = 3'600'000;

json::object status(std::string_view code, const std::string& message) {
    return {{"code", code_number(code)}, {"message", message}};
}

} // namespace

json::object Functions::describe_operation(const json::object& operation) const {
    const bool done = operation.at("done").as_bool();
    const std::string type = string_or(operation, "type");
    const bool builds = type != "DELETE_FUNCTION";
    json::object metadata{{"@type", "type.googleapis.com/google.cloud.functions.v2.OperationMetadata"},
                          {"createTime", google_time(integer_or(operation, "created"))},
                          {"target", string_or(operation, "target")},
                          {"verb", string_or(operation, "verb")},
                          {"cancelRequested", false},
                          {"apiVersion", "v2"},
                          {"operationType", type}};
    if (builds)
        metadata["stages"] =
            json::array{json::object{{"name", "BUILD"}, {"state", done ? "COMPLETE" : "IN_PROGRESS"}},
                        json::object{{"name", "SERVICE"}, {"state", done ? "COMPLETE" : "NOT_STARTED"}}};
    json::object shown{{"name", string_or(operation, "name")}, {"metadata", metadata}, {"done", done}};
    if (!done) return shown;
    shown["metadata"].as_object()["endTime"] = google_time(integer_or(operation, "ready_at"));
    if (const json::value* error = operation.if_contains("error"))
        shown["error"] = *error;
    else if (const json::value* response = operation.if_contains("response"))
        shown["response"] = *response;
    return shown;
}

json::object Functions::start(Function& function, std::string_view type, std::string_view verb,
                              std::int64_t duration, std::optional<json::object> failure) {
    for (const std::string& key : world_.state().keys(collection))
        if (const auto old = world_.state().get(collection, key);
            old && integer_or(*old, "ready_at") + kept_ms < world_.now_ms())
            world_.state().erase(collection, key);
    const std::string id = "operation-" + world_.uuid();
    json::object operation{
        {"name", fmt::format("projects/{}/locations/{}/operations/{}", project, function.location(), id)},
        {"location", function.location()},
        {"function", function.name()},
        {"target", function.resource_name()},
        {"type", type},
        {"verb", verb},
        {"created", world_.now_ms()},
        {"ready_at", world_.now_ms() + duration},
        {"done", false}};
    if (failure) operation["error"] = std::move(*failure);
    function.document["operation"] = id;
    function.document["state"] = type == "DELETE_FUNCTION" ? "DELETING" : "DEPLOYING";
    function.document.erase("messages");
    world_.state().put(collection, id, operation);
    return describe_operation(operation);
}

void Functions::retire(const Function& function) {
    const json::object* serving = function.serving();
    if (!serving) return;
    const std::string id = string_or(*serving, "image");
    images_.erase(id);
    world_.host().instances.retire(id);
}

void Functions::serve(Function& function) {
    retire(function);
    const auto revision = integer_or(function.document, "revisions") + 1;
    function.document["revisions"] = revision;
    function.document["serving"] = json::object{
        {"image", world_.uuid()},
        {"blob", function.text("blob")},
        {"resource", function.resource()},
        {"revision", fmt::format("{}-{:05}-{}", function.name(), revision, world_.uuid().substr(0, 3))}};
}

bool Functions::settle(Function& function) {
    const std::string id = function.text("operation");
    if (id.empty()) return false;
    auto operation = world_.state().get(collection, id);
    if (operation && integer_or(*operation, "ready_at") > world_.now_ms()) return false;
    if (operation)
        if (auto failure = wanted_failure(string_or(*operation, "verb")))
            (*operation)["error"] = std::move(*failure);
    const json::value* error = operation ? operation->if_contains("error") : nullptr;
    const bool deletes = operation && string_or(*operation, "type") == "DELETE_FUNCTION";
    function.document["operation"] = "";
    bool gone = false;
    if (error) {
        function.document["state"] = deletes ? "ACTIVE" : "FAILED";
        function.document["messages"] =
            json::array{json::object{{"severity", "ERROR"},
                                     {"type", deletes ? "DeleteFailed" : "BuildFailed"},
                                     {"message", string_or(*error, "message")}}};
    } else if (deletes) {
        retire(function);
        world_.state().erase("google/functions", function.location() + "/" + function.name());
        logs_.forget(function.location(), function.name());
        (*operation)["response"] = json::object{{"@type", "type.googleapis.com/google.protobuf.Empty"}};
        gone = true;
    } else {
        serve(function);
        function.document["state"] = "ACTIVE";
        if (operation) {
            json::object response = describe(function);
            response["@type"] = "type.googleapis.com/google.cloud.functions.v2.Function";
            (*operation)["response"] = std::move(response);
        }
    }
    if (operation) {
        (*operation)["done"] = true;
        world_.state().put(collection, id, *operation);
    }
    if (!gone) save(function);
    return gone;
}

ServerResponse Functions::operations(const Call& call) {
    const auto refreshed = [this](const std::string& id) {
        auto operation = world_.state().get(collection, id);
        if (operation && !operation->at("done").as_bool()) {
            load(string_or(*operation, "location"), string_or(*operation, "function"));
            operation = world_.state().get(collection, id);
        }
        return operation;
    };
    if (call.operation == "GetOperation") {
        const auto operation = refreshed(call.name);
        if (!operation || string_or(*operation, "location") != call.location)
            not_found(fmt::format("{}/operations/{}", call.parent(), call.name));
        return json_response(200, describe_operation(*operation));
    }
    json::array all;
    for (const std::string& id : world_.state().keys(collection))
        if (const auto operation = refreshed(id);
            operation && string_or(*operation, "location") == call.location)
            all.push_back(describe_operation(*operation));
    return json_response(200, json::object{{"operations", std::move(all)}});
}

/// By the settings `google.operation_error`, {"code": 3, "message": "...", "verb": "create"}, and
/// `states.fail`.
std::optional<json::object> Functions::wanted_failure(std::string_view verb) const {
    if (const auto words = world_.setting("states.fail"); words && words->is_string())
        return status("INTERNAL", std::string(words->as_string()));
    const auto wanted = world_.setting("google.operation_error");
    if (!wanted || !wanted->is_object()) return std::nullopt;
    const std::string only = string_or(*wanted, "verb");
    if (!only.empty() && only != verb) return std::nullopt;
    return status(code_name(static_cast<int>(integer_or(*wanted, "code", 13))),
                  string_or(*wanted, "message", "A failure that was asked for"));
}

std::optional<json::object> Functions::build_failure(const json::object& resource,
                                                     const std::string& blob) const {
    const json::object& build = resource.at("buildConfig").as_object();
    const json::value* variables = build.if_contains("environmentVariables");
    const std::string source =
        variables ? string_or(*variables, "GOOGLE_FUNCTION_SOURCE", "main.py") : "main.py";
    const std::string entry = string_or(build, "entryPoint");
    const std::string log =
        fmt::format("; see the build log: https://console.cloud.google.com/cloud-build/builds;"
                    "region={{region}}?project={}",
                    project);
    SourceTree tree;
    try {
        const Bytes archive = world_.state().blob(blob);
        tree = read_zip(archive.view());
    } catch (const Error& error) {
        return status("INVALID_ARGUMENT",
                      "Build failed: the source is no zip archive: " + error.message() + log);
    }
    const SourceFile* file = tree.find(source);
    if (!file)
        return status(
            "INVALID_ARGUMENT",
            fmt::format("Build failed: missing {} and GOOGLE_FUNCTION_SOURCE not specified. Either create "
                        "the function in {} or specify GOOGLE_FUNCTION_SOURCE to point to the file that "
                        "contains the function",
                        source, source) +
                log);
    if (!tree.find("functions_framework/__init__.py"))
        return status("INVALID_ARGUMENT",
                      "Build failed: the local cloud runs no pip: functions-framework and what "
                      "requirements.txt names must be in the archive" +
                          log);
    if (file->content.view().find(entry.empty() ? "def " : entry) == std::string_view::npos)
        return status(
            "INVALID_ARGUMENT",
            fmt::format("Could not create or update Cloud Run service. Container Healthcheck failed: "
                        "function '{}' is not defined in {}",
                        entry, source));
    return std::nullopt;
}

} // namespace pyfops::google_emulator

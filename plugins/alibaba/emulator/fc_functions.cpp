// SPDX-License-Identifier: Apache-2.0
#include "fc.hpp"

#include "fc_checks.hpp"
#include "paging.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops_alibaba/crc64.hpp"
#include "zip.hpp"

#include <fmt/format.h>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t most_in_request = 100u << 20; ///< of the base64 text
constexpr std::size_t most_at_all = 500u << 20;

Bytes decoded(const std::string& text) {
    if (text.size() > most_in_request)
        throw ApiError(400, "EntityTooLarge",
                       fmt::format("payload size exceeds maximum allowed size ({} bytes)", most_in_request));
    try {
        return Bytes(base64_decode(text));
    } catch (const Error&) {
        invalid_argument("zipFile is not base64");
    }
}

} // namespace

void FunctionCompute::set_code(json::object& record, const json::object& body, const Call& call) {
    const auto* code = body.if_contains("code");
    if (!code || !code->is_object()) invalid_argument("code is required");
    Bytes archive;
    if (const std::string bucket = string_or(*code, "ossBucketName"); !bucket.empty())
        archive = oss_.fetch(call.region, bucket, string_or(*code, "ossObjectName"));
    else
        archive = decoded(string_or(*code, "zipFile"));
    if (archive.size() > most_at_all)
        throw ApiError(400, "EntityTooLarge",
                       fmt::format("payload size exceeds maximum allowed size ({} bytes)", most_at_all));
    if (!is_zip(archive.view())) invalid_argument("the code package is not a valid zip archive");
    const std::string made = alibaba::checksum(archive.view());
    if (const std::string given = string_or(*code, "checksum"); !given.empty() && given != made)
        invalid_argument(fmt::format("the checksum of the code package is {}, not {}", made, given));
    record["blob"] = world_.state().put_blob(archive.view());
    record["checksum"] = made;
    record["size"] = archive.size();
}

void FunctionCompute::check_logs(const json::object& config, const Call& call) const {
    const auto* logs = config.if_contains("logConfig");
    if (!logs) return;
    const std::string project = string_or(*logs, "project"), store = string_or(*logs, "logstore");
    if (project.empty() && store.empty()) return;
    if (!logs_.exists(project, store))
        invalid_argument(
            fmt::format("project '{}' or logstore '{}' does not exist in {}", project, store, call.region));
}

ServerResponse FunctionCompute::create_function(const Call& call) {
    const json::object body = json_body(call);
    const std::string name = string_or(body, "functionName");
    check_name(name, "functionName");
    json::object config;
    apply_configuration(body, config, true);
    check_logs(config, call);
    json::object tags;
    if (const auto* given = body.if_contains("tags"); given && !given->is_null()) add_tags(*given, tags);
    if (load(call.region, name))
        throw ApiError(409, "FunctionAlreadyExists", fmt::format("function '{}' already exists", name));
    const std::string now = to_iso8601(world_.now());
    json::object record{
        {"config", config},       {"state", "Pending"},
        {"update", "Successful"}, {"modified", now},
        {"image", world_.uuid()}, {"ready_at", world_.now_ms() + world_.setting("alibaba.pending_ms", 100)}};
    set_code(record, body, call);
    Function function{{{"name", name},
                       {"region", call.region},
                       {"id", world_.uuid()},
                       {"created", now},
                       {"latest", record},
                       {"versions", json::object()},
                       {"next", 1},
                       {"aliases", json::object()},
                       {"triggers", json::object()},
                       {"tags", tags}}};
    save(function);
    return json_response(200, describe(function, function.latest()));
}

ServerResponse FunctionCompute::update_function(const Call& call) {
    const json::object body = json_body(call);
    Function function = required(call);
    json::object changed = function.latest();
    if (string_or(changed, "state") == "Pending" || string_or(changed, "update") == "InProgress")
        throw ApiError(409, "ConcurrentUpdateError",
                       fmt::format("function '{}' is being updated, try again later", function.name()));
    json::object& config = changed["config"].as_object();
    apply_configuration(body, config, false);
    check_logs(config, call);
    if (body.contains("code")) set_code(changed, body, call);
    // Invocations use what was there before until the update is done, and after one that failed.
    if (!function.document.contains("running")) function.document["running"] = function.latest();
    changed["modified"] = to_iso8601(world_.now());
    changed["image"] = world_.uuid();
    changed["update"] = "InProgress";
    changed["ready_at"] = world_.now_ms() + world_.setting("alibaba.update_ms", 100);
    function.document["latest"] = std::move(changed);
    save(function);
    return json_response(200, describe(function, function.latest()));
}

ServerResponse FunctionCompute::get_function(const Call& call) {
    Function function = required(call);
    return json_response(200, describe(function, record(function, call.parameter("qualifier"))));
}

ServerResponse FunctionCompute::get_code(const Call& call) {
    Function function = required(call);
    const json::object& found = record(function, call.parameter("qualifier"));
    const std::string blob = string_or(found, "blob");
    // Unguessable for who cannot read the state, as a presigned URL is.
    const std::string token = sha256_hex(keys_.client().secret.expose() + blob);
    return json_response(200,
                         json::object{{"url", fmt::format("{}/fc-code.oss-{}.aliyuncs.com/{}?token={}",
                                                          world_.host().base_url, call.region, blob, token)},
                                      {"checksum", found.at("checksum")}});
}

ServerResponse FunctionCompute::download(const Call& call) {
    const std::string blob = call.segments.empty() ? "" : call.segments.front();
    if (!equal_secret(call.parameter("token"), sha256_hex(keys_.client().secret.expose() + blob)))
        throw ApiError(403, "AccessDenied", "You have no right to access this object.");
    auto answer = empty_response(200);
    answer.headers.set("Content-Type", "application/zip");
    answer.body = world_.state().blob(blob);
    return answer;
}

ServerResponse FunctionCompute::list_functions(const Call& call) {
    const std::string start = call.region + "/";
    const std::string runtime = call.parameter("runtime");
    std::vector<std::string> names;
    for (const auto& key : world_.state().keys("alibaba/functions", start + call.parameter("prefix"))) {
        const std::string name = key.substr(start.size());
        if (!runtime.empty()) {
            auto function = load(call.region, name);
            if (!function || string_or(function->latest().at("config"), "runtime") != runtime) continue;
        }
        names.push_back(name);
    }
    const NamePage page = page_of(world_, call, std::move(names));
    json::array list;
    for (const std::string& name : page.names)
        if (auto function = load(call.region, name)) list.push_back(describe(*function, function->latest()));
    json::object answer{{"functions", std::move(list)}};
    if (!page.next_token.empty()) answer["nextToken"] = page.next_token;
    return json_response(200, answer);
}

ServerResponse FunctionCompute::delete_function(const Call& call) {
    Function function = required(call);
    if (!function.member("triggers").empty())
        throw ApiError(409, "FunctionNotEmpty",
                       fmt::format("function '{}' has triggers: delete them first", function.name()));
    retire(function.latest());
    if (const auto* running = function.document.if_contains("running")) retire(*running);
    for (const auto& version : function.member("versions"))
        retire(version.value());
    world_.state().erase("alibaba/functions", call.region + "/" + function.name());
    return empty_response(204);
}

} // namespace pyfops::alibaba_emulator

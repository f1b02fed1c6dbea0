// SPDX-License-Identifier: Apache-2.0
// Secrets and build runs of a Code Engine project.
#include "code_engine.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm::code_engine {
namespace {

ApiCall call(std::string operation, std::string method, const std::string& project, const std::string& kind,
             const std::string& name, std::string resource) {
    ApiCall one;
    one.operation = "codeengine:" + std::move(operation);
    one.method = std::move(method);
    one.target = "/projects/" + percent_encode(project) + "/" + kind;
    if (!name.empty()) one.target += "/" + percent_encode(name);
    one.resource = std::move(resource);
    return one;
}

void set_json(ApiCall& one, const json::value& body) {
    one.headers.set("Content-Type", "application/json");
    one.body = json::serialize(body);
}

json::object to_json(const SecretData& data) {
    json::object all;
    for (const auto& [key, value] : data)
        all[key] = value.expose();
    return all;
}

} // namespace

ApiCall get_secret(const std::string& project, const std::string& name) {
    ApiCall one = call("GetSecret", "GET", project, "secrets", name, "the secret " + name);
    one.secret_answer = true;
    return one;
}

ApiCall create_secret(const std::string& project, const std::string& name, const std::string& format,
                      const SecretData& data) {
    ApiCall one = call("CreateSecret", "POST", project, "secrets", "", "the secret " + name);
    one.secret_body = one.secret_answer = true;
    set_json(one, json::object{{"format", format}, {"name", name}, {"data", to_json(data)}});
    return one;
}

ApiCall replace_secret(const std::string& project, const std::string& name, const std::string& format,
                       const SecretData& data, const std::string& entity_tag) {
    ApiCall one = call("ReplaceSecret", "PUT", project, "secrets", name, "the secret " + name);
    one.secret_body = one.secret_answer = true;
    one.headers.set("If-Match", entity_tag);
    set_json(one, json::object{{"format", format}, {"data", to_json(data)}});
    return one;
}

ApiCall delete_secret(const std::string& project, const std::string& name) {
    return call("DeleteSecret", "DELETE", project, "secrets", name, "the secret " + name);
}

StoredSecret read_secret(const json::value& answer) {
    StoredSecret secret;
    secret.entity_tag = string_or(answer, "entity_tag");
    if (const json::value* data = find(answer, "data"); data && data->is_object())
        for (const auto& member : data->as_object())
            if (const auto* text = member.value().if_string())
                secret.data[std::string(member.key())] = Secret(std::string(*text));
    return secret;
}

ApiCall create_build_run(const std::string& project, const std::string& name, const BuildSettings& build,
                         const std::string& image, const std::string& runtime) {
    ApiCall one = call("CreateBuildRun", "POST", project, "build_runs", "", "the build run " + name);
    json::object body{{"name", name},
                      {"output_image", image},
                      {"output_secret", build.output_secret},
                      {"source_type", "git"},
                      {"source_url", build.source_url},
                      {"strategy_type", "codebundle-" + runtime},
                      {"timeout", build.timeout_seconds}};
    if (!build.context_dir.empty()) body["source_context_dir"] = build.context_dir;
    if (!build.revision.empty()) body["source_revision"] = build.revision;
    if (!build.source_secret.empty()) body["source_secret"] = build.source_secret;
    set_json(one, body);
    return one;
}

ApiCall get_build_run(const std::string& project, const std::string& name) {
    return call("GetBuildRun", "GET", project, "build_runs", name, "the build run " + name);
}

ApiCall delete_build_run(const std::string& project, const std::string& name) {
    return call("DeleteBuildRun", "DELETE", project, "build_runs", name, "the build run " + name);
}

BuildRun read_build_run(const json::value& answer) {
    BuildRun run;
    run.status = string_or(answer, "status");
    if (const json::value* details = find(answer, "status_details"))
        run.reason = string_or(*details, "reason");
    return run;
}

} // namespace pyfops::ibm::code_engine

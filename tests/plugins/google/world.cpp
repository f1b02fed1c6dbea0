// SPDX-License-Identifier: Apache-2.0
#include "plugins/google/world.hpp"

#include "pyfops/sdk/jwt.hpp"

#include <algorithm>
#include <stdexcept>

namespace google_test {

using namespace pyfops;
using testing::reply;

namespace {

const std::string parent = "/v2/projects/proj-1/locations/europe-west1";

std::string last_part(const std::string& path) {
    const std::string plain = path.substr(0, path.find_first_of("?"));
    return plain.substr(plain.rfind('/') + 1);
}

std::string field(const std::string& text, const std::string& name) {
    const std::string padded = "&" + text;
    const auto at = padded.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const std::string rest = padded.substr(at + name.size() + 2);
    return percent_decode(rest.substr(0, rest.find('&')));
}

json::object describe(const std::string& name, const StoredFunction& function) {
    json::object all = function.resource;
    all["name"] = "projects/proj-1/locations/europe-west1/functions/" + name;
    all["state"] = function.busy > 0 ? "DEPLOYING" : function.state;
    all["url"] = "https://europe-west1-proj-1.cloudfunctions.net/" + name;
    if (!function.problem.empty())
        all["stateMessages"] =
            json::array{json::object{{"severity", "ERROR"}, {"message", function.problem}}};
    json::object& config = all["serviceConfig"].as_object();
    if (function.state == "ACTIVE") {
        config["uri"] = "https://" + name + "-abc123-ew.a.run.app";
        config["service"] = "projects/proj-1/locations/europe-west1/services/" + name;
        config["revision"] = name + "-00001";
    }
    return all;
}

/// Copies what the mask names, as the API does.
void patch(json::object& resource, const json::object& sent, const std::string& mask) {
    std::string rest = mask;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const std::string path = rest.substr(0, comma);
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
        const auto dot = path.find('.');
        if (dot == std::string::npos) {
            resource[path] = sent.at(path);
            continue;
        }
        const std::string group = path.substr(0, dot), member = path.substr(dot + 1);
        resource[group].as_object()[member] = sent.at(group).as_object().at(member);
    }
}

} // namespace

const RsaKeyPair& key_pair() {
    static const RsaKeyPair pair = make_rsa_key_pair();
    return pair;
}

std::string key_file(const std::string& email) {
    return json::serialize(json::object{{"type", "service_account"},
                                        {"project_id", "proj-1"},
                                        {"private_key_id", "key-1"},
                                        {"private_key", key_pair().private_pem.expose()},
                                        {"client_email", email},
                                        {"token_uri", "https://oauth2.googleapis.com/token"}});
}

HttpResponse error(int status, const std::string& code, const std::string& message, json::array details) {
    json::object inner{{"code", status}, {"message", message}, {"status", code}};
    if (!details.empty()) inner["details"] = std::move(details);
    return reply(status, json::serialize(json::object{{"error", inner}}));
}

json::value body(const HttpRequest& request) {
    return parse_json(request.body.view(), "the request");
}

std::string form(const HttpRequest& request, const std::string& name) {
    return field(std::string(request.body.view()), name);
}

std::string query(const HttpRequest& request, const std::string& name) {
    return field(std::string(request.url.query()), name);
}

HttpResponse exchange_assertion(const HttpRequest& request) {
    if (form(request, "grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer")
        return reply(400, R"({"error":"unsupported_grant_type"})");
    const sdk::Jwt assertion = sdk::decode_jwt(form(request, "assertion"));
    if (string_or(assertion.header, "alg") != "RS256" ||
        !rsa_sha256_verify(key_pair().public_pem, assertion.signed_text, assertion.signature))
        return reply(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
    if (string_or(assertion.claims, "aud") != "https://oauth2.googleapis.com/token" ||
        integer_or(assertion.claims, "exp") - integer_or(assertion.claims, "iat") != 3600)
        return reply(400, R"({"error":"invalid_grant","error_description":"Invalid JWT"})");
    if (const std::string audience = string_or(assertion.claims, "target_audience"); !audience.empty())
        return reply(200, json::serialize(json::object{{"id_token", "id-token-for-" + audience}}));
    return reply(200,
                 json::serialize(json::object{{"access_token", "access-token-value"}, {"expires_in", 3599}}));
}

World::World() {
    host.system.environment = {{"GOOGLE_APPLICATION_CREDENTIALS", "/key.json"}};
    host.system.files["/key.json"] = key_file();
    function.name = "thumbnail";
    function.type = "thumbnailType";
    function.module = "thumbnail";
    function.callable = "handler";
    target.identity = {"gate", "thumbnail", "google", "europe-west1", Realm::real, "auto"};
    target.memory_mb = 256;
    target.timeout_seconds = 30;
    target.python = "3.11";
    target.runtime = "python311";
    target.glibc = "2.35";
    target.cloud_name = "gate-thumbnail";
    set_package("first");
    host.http.on("POST https://oauth2.googleapis.com/token", exchange_assertion);
    host.http.on("* https://cloudfunctions.googleapis.com/*",
                 [this](const HttpRequest& request) { return functions_api(request); });
    host.http.on("* https://run.googleapis.com/*",
                 [this](const HttpRequest& request) { return run_api(request); });
    host.http.on("PUT https://storage.googleapis.com/*", [this](const HttpRequest& request) {
        if (request.headers.has("Authorization"))
            return reply(403, "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>");
        uploads.emplace_back(request.body.view());
        return reply(200);
    });
}

void World::set_package(const std::string& content) {
    package = testing::fake_package(content);
    mark = {"gate", target.identity.str(), sha256_hex("configuration" + package.content_hash)};
}

HttpResponse World::start(const std::string& name, bool deletes) {
    const std::string operation = "operation-" + std::to_string(pending_.size() + 1);
    pending_[operation] = {name, deletes, slow, next_error};
    next_error.reset();
    if (slow == 0) return get_operation(operation);
    return reply(
        200, json::serialize(json::object{
                 {"name", "projects/proj-1/locations/europe-west1/operations/" + operation},
                 {"metadata", json::object{{"stages", json::array{json::object{{"name", "BUILD"},
                                                                               {"state", "IN_PROGRESS"}}}}}},
                 {"done", false}}));
}

HttpResponse World::get_operation(const std::string& name) {
    Pending& one = pending_.at(name);
    json::object answer{{"name", "projects/proj-1/locations/europe-west1/operations/" + name}};
    if (one.polls-- > 0) {
        answer["done"] = false;
        return reply(200, json::serialize(answer));
    }
    answer["done"] = true;
    StoredFunction& stored = functions[one.function];
    stored.busy = 0;
    if (one.error) {
        answer["error"] = *one.error;
        stored.state = "FAILED";
        stored.problem = string_or(*one.error, "message");
    } else if (one.deletes) {
        functions.erase(one.function);
        answer["response"] = json::object{{"@type", "type.googleapis.com/google.protobuf.Empty"}};
    } else {
        stored.state = "ACTIVE";
        stored.problem.clear();
        answer["response"] = describe(one.function, stored);
    }
    return reply(200, json::serialize(answer));
}

HttpResponse World::functions_api(const HttpRequest& request) {
    if (request.headers.get("Authorization") != "Bearer access-token-value")
        return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
    const std::string& target_path = request.url.target;
    if (target_path == parent + "/functions:generateUploadUrl")
        return reply(
            200,
            R"({"uploadUrl":"https://storage.googleapis.com/uploads/u.zip?X-Goog-SignedHeaders=content-type%3Bhost",)"
            R"("storageSource":{"bucket":"uploads","object":"u.zip"}})");
    if (target_path.find("/operations/") != std::string::npos) return get_operation(last_part(target_path));
    if (request.method == "POST") {
        const std::string name = query(request, "functionId");
        if (functions.contains(name))
            return error(409, "ALREADY_EXISTS", "Resource '" + name + "' already exists");
        StoredFunction& stored = functions[name];
        stored.resource = body(request).as_object();
        stored.state = "DEPLOYING";
        return start(name, false);
    }
    if (request.method == "GET" && std::string(request.url.path()) == parent + "/functions") {
        const std::string token = query(request, "pageToken");
        json::array page;
        json::object answer;
        for (auto next = functions.upper_bound(token); next != functions.end(); ++next) {
            if (page.size() == 2) { // small pages: paging is always walked
                answer["nextPageToken"] = std::prev(next)->first;
                break;
            }
            page.push_back(describe(next->first, next->second));
        }
        answer["functions"] = page;
        return reply(200, json::serialize(answer));
    }
    return one_function(last_part(target_path), request);
}

HttpResponse World::one_function(const std::string& name, const HttpRequest& request) {
    const auto found = functions.find(name);
    if (found == functions.end()) return error(404, "NOT_FOUND", "Resource '" + name + "' was not found");
    StoredFunction& stored = found->second;
    if (request.method == "GET") {
        const json::object answer = describe(name, stored);
        if (stored.busy > 0) --stored.busy;
        return reply(200, json::serialize(answer));
    }
    if (stored.busy > 0)
        return error(409, "ABORTED", "An operation on function " + name + " is already in progress.");
    if (request.method == "DELETE") return start(name, true);
    patch(stored.resource, body(request).as_object(), query(request, "updateMask"));
    return start(name, false);
}

HttpResponse World::run_api(const HttpRequest& request) {
    std::string name = last_part(request.url.target);
    name = name.substr(0, name.find(':'));
    const auto found = functions.find(name);
    if (found == functions.end()) return error(404, "NOT_FOUND", "no such service");
    json::object& policy = found->second.policy;
    if (request.method == "GET") return reply(200, json::serialize(policy));
    const json::object sent = body(request).at("policy").as_object();
    if (policy_conflicts > 0 || string_or(sent, "etag") != string_or(policy, "etag")) {
        --policy_conflicts;
        return error(409, "ABORTED", "There were concurrent policy changes.");
    }
    policy = sent;
    policy["etag"] = string_or(policy, "etag") + "x";
    return reply(200, json::serialize(policy));
}

Names World::operations() {
    const auto all = host.http.operations();
    Names fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
}

Names World::writes() {
    Names all = operations();
    std::erase_if(all, [](const std::string& name) {
        const std::string verb = name.substr(name.find(':') + 1);
        return verb.starts_with("Get") || verb.starts_with("Generate") || verb.starts_with("List") ||
               verb == "Token";
    });
    return all;
}

HttpRequest World::last(const std::string& operation) const {
    const auto& all = host.http.requests();
    const auto found = std::find_if(all.rbegin(), all.rend(),
                                    [&](const HttpRequest& one) { return one.operation == operation; });
    if (found == all.rend()) throw std::runtime_error("no request of " + operation);
    return *found;
}

Deployment World::deploy() {
    StageContext context = host.context();
    const DeployRequest request{function, target, package, environment, secrets, mark, settings};
    return host.run(provider.deployer().deploy(request, context));
}

Error World::deploy_error() {
    try {
        deploy();
    } catch (const Error& failure) {
        return failure;
    }
    throw std::runtime_error("the deployment went well");
}

std::optional<Deployment> World::find() {
    StageContext context = host.context();
    const FindRequest request{target.identity, target.cloud_name, settings};
    return host.run(provider.deployer().find(request, context));
}

void World::remove() {
    StageContext context = host.context();
    const RemoveRequest request{target.identity, target.cloud_name, settings};
    host.run(provider.deployer().remove(request, context));
}

} // namespace google_test

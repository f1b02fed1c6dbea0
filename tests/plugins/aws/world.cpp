// SPDX-License-Identifier: Apache-2.0
#include "plugins/aws/world.hpp"

#include "pyfops/crypto.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace aws_test {

using namespace pyfops;
using testing::reply;

namespace {

const std::string account = "123456789012";

json::object describe(const std::string& name, StoredFunction& function) {
    json::object all = function.configuration;
    all["FunctionName"] = name;
    all["FunctionArn"] = "arn:aws:lambda:eu-central-1:" + account + ":function:" + name;
    all["Version"] = "$LATEST";
    const bool pending = function.pending > 0;
    all["State"] = pending ? "Pending" : "Active";
    if (pending) all["StateReason"] = "The function is being created.";
    all["LastUpdateStatus"] = function.in_progress > 0 ? "InProgress" : "Successful";
    all["RevisionId"] = "revision-" + std::to_string(function.pending + function.in_progress);
    return all;
}

std::string path_part(const std::string& target, const std::string& before) {
    const auto at = target.find(before);
    const std::string rest = target.substr(at + before.size());
    return percent_decode(rest.substr(0, rest.find_first_of("/?")));
}

} // namespace

HttpResponse error(int status, const std::string& code, const std::string& message) {
    return reply(status, json::serialize(json::object{{"Type", "User"}, {"Message", message}}),
                 {{"x-amzn-ErrorType", code}});
}

std::string form(const HttpRequest& request, const std::string& name) {
    const std::string text = "&" + std::string(request.body.view());
    const auto at = text.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const std::string rest = text.substr(at + name.size() + 2);
    return percent_decode(rest.substr(0, rest.find('&')));
}

json::value body(const HttpRequest& request) {
    return parse_json(request.body.view(), "the request");
}

World::World() {
    host.system.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                               {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}};
    function.name = "thumbnail";
    function.type = "thumbnailType";
    function.module = "thumbnail";
    function.callable = "handler";
    target.identity = {"gate", "thumbnail", "aws", "eu-central-1", Realm::real, "auto"};
    target.memory_mb = 256;
    target.timeout_seconds = 30;
    target.python = "3.11";
    target.runtime = "python3.11";
    target.glibc = "2.26";
    target.cloud_name = "gate-thumbnail";
    set_package("first");
    host.http.on("* https://sts.*",
                 reply(200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::" +
                                account + ":user/dev</Arn><UserId>AIDA</UserId><Account>" + account +
                                "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"));
    host.http.on("* https://lambda.*", [this](const HttpRequest& request) { return lambda(request); });
    host.http.on("* https://iam.*", [this](const HttpRequest& request) { return iam(request); });
    host.http.on("* https://*s3.*", [this](const HttpRequest& request) { return s3(request); });
    host.http.on("* https://logs.*", [this](const HttpRequest& request) {
        if (log_groups.erase(string_or(body(request), "logGroupName")) == 0)
            return reply(
                400,
                R"({"__type":"ResourceNotFoundException","message":"The specified log group does not exist."})");
        return reply(200, "");
    });
}

void World::set_package(const std::string& content) {
    package = testing::fake_package(content);
    mark = {"gate", target.identity.str(), sha256_hex("configuration" + package.content_hash)};
}

HttpResponse World::lambda(const HttpRequest& request) {
    const std::string& target_path = request.url.target;
    if (target_path.starts_with("/2017-03-31/tags/")) {
        const std::string arn = path_part(target_path, "/tags/");
        const auto found = functions.find(arn.substr(arn.rfind(':') + 1));
        if (found == functions.end())
            return error(404, "ResourceNotFoundException", "Function not found: " + arn);
        auto& tags = found->second.tags;
        if (request.method == "GET") {
            json::object all;
            for (const auto& [key, value] : tags)
                all[key] = value;
            return reply(200, json::serialize(json::object{{"Tags", all}}));
        }
        if (request.method == "DELETE") {
            tags.erase(percent_decode(target_path.substr(target_path.find("tagKeys=") + 8)));
            return reply(204);
        }
        const json::value sent = body(request);
        for (const auto& member : pyfops::find(sent, "Tags")->as_object())
            tags[std::string(member.key())] = std::string(member.value().as_string());
        return reply(204);
    }
    const std::string functions_path = "/functions";
    if (request.method == "POST" && target_path.ends_with(functions_path)) {
        json::object sent = body(request).as_object();
        const std::string name(sent["FunctionName"].as_string());
        if (functions.contains(name))
            return error(409, "ResourceConflictException", "Function already exist: " + name);
        if (role_unknown > 0) {
            --role_unknown;
            return error(400, "InvalidParameterValueException",
                         "The role defined for the function cannot be assumed by Lambda.");
        }
        StoredFunction& stored = functions[name];
        for (const auto& member : sent["Tags"].as_object())
            stored.tags[std::string(member.key())] = std::string(member.value().as_string());
        const json::object code = sent["Code"].as_object();
        stored.configuration = sent;
        stored.configuration.erase("Code");
        stored.configuration.erase("Tags");
        stored.configuration["CodeSha256"] =
            code.contains("ZipFile")
                ? base64(sha256(base64_decode(std::string(code.at("ZipFile").as_string()))))
                : "sha-of-" + std::string(code.at("S3Key").as_string());
        stored.pending = slow_create;
        log_groups.insert("/aws/lambda/" + name);
        return reply(201, json::serialize(describe(name, stored)));
    }
    if (request.method == "GET" && target_path.starts_with("/2015-03-31/functions?")) {
        const auto marker_at = target_path.find("Marker=");
        const std::string marker = marker_at == std::string::npos ? "" : target_path.substr(marker_at + 7);
        json::array page;
        json::object answer;
        for (auto next = functions.upper_bound(marker); next != functions.end(); ++next) {
            if (page.size() == 2) { // small pages: paging is always walked
                answer["NextMarker"] = std::prev(next)->first;
                break;
            }
            page.push_back(describe(next->first, next->second));
        }
        answer["Functions"] = page;
        return reply(200, json::serialize(answer));
    }
    const std::string name = path_part(target_path, "/functions/");
    const std::string rest = target_path.substr(target_path.find(name) + name.size());
    return one_function(name, rest, request);
}

HttpResponse World::one_function(const std::string& name, const std::string& rest,
                                 const HttpRequest& request) {
    const auto found = functions.find(name);
    if (found == functions.end())
        return error(404, "ResourceNotFoundException",
                     "Function not found: arn:aws:lambda:eu-central-1:" + account + ":function:" + name);
    StoredFunction& stored = found->second;
    if (rest.empty() && request.method == "GET") {
        json::object tags;
        for (const auto& [key, value] : stored.tags)
            tags[key] = value;
        const json::object answer{{"Configuration", describe(name, stored)}, {"Tags", tags}};
        if (stored.pending > 0) --stored.pending;
        if (stored.in_progress > 0) --stored.in_progress;
        return reply(200, json::serialize(answer));
    }
    if (rest.empty() && request.method == "DELETE") {
        functions.erase(found);
        return reply(204);
    }
    if (rest == "/code" || rest == "/configuration") {
        if (stored.pending > 0)
            return error(409, "ResourceConflictException",
                         "The operation cannot be performed at this time. The function is currently in the "
                         "following state: Pending");
        if (stored.in_progress > 0)
            return error(
                409, "ResourceConflictException",
                "The operation cannot be performed at this time. An update is in progress for resource: x");
        const json::object sent = body(request).as_object();
        if (sent.contains("ZipFile"))
            stored.configuration["CodeSha256"] =
                base64(sha256(base64_decode(std::string(sent.at("ZipFile").as_string()))));
        for (const auto& member : sent)
            if (member.key() != "ZipFile" && member.key() != "Publish")
                stored.configuration[member.key()] = member.value();
        stored.in_progress = slow_update;
        return reply(200, json::serialize(describe(name, stored)));
    }
    if (rest == "/url") {
        const std::string answer =
            R"({"FunctionUrl":"https://abc.lambda-url.eu-central-1.on.aws/","AuthType":"NONE"})";
        if (request.method == "POST") {
            if (stored.url)
                return error(409, "ResourceConflictException",
                             "FunctionUrlConfig exists for this Lambda function");
            stored.url = true;
            return reply(201, answer);
        }
        if (!stored.url)
            return error(404, "ResourceNotFoundException", "The resource you requested does not exist.");
        if (request.method == "DELETE") {
            stored.url = false;
            return reply(204);
        }
        return reply(200, answer);
    }
    if (rest == "/policy" && request.method == "POST") {
        const std::string id = string_or(body(request), "StatementId");
        stored.statements.push_back(id);
        return reply(201, R"({"Statement":"{}"})");
    }
    if (rest == "/policy") {
        if (stored.statements.empty())
            return error(404, "ResourceNotFoundException",
                         "No policy is associated with the given resource.");
        json::array all;
        for (const std::string& id : stored.statements)
            all.push_back(json::object{{"Sid", id}});
        const std::string policy = json::serialize(json::object{{"Statement", all}});
        return reply(200, json::serialize(json::object{{"Policy", policy}}));
    }
    if (rest.starts_with("/policy/") && request.method == "DELETE") {
        std::erase(stored.statements, rest.substr(8));
        return reply(204);
    }
    return error(500, "ServiceException", "the scripted AWS does not know " + request.method + " " + rest);
}

HttpResponse World::iam(const HttpRequest& request) {
    const std::string action = form(request, "Action"), name = form(request, "RoleName");
    const auto refuse = [](int status, const std::string& code) {
        return reply(status, "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" +
                                 code + "</Message></Error><RequestId>1</RequestId></ErrorResponse>");
    };
    const auto role = [&](const std::string& result) {
        std::string tags;
        for (const auto& [key, value] : roles[name])
            tags += "<member><Key>" + key + "</Key><Value>" + value + "</Value></member>";
        return reply(200, "<" + action + "Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><" +
                              result + "><Role><RoleName>" + name +
                              "</RoleName><Arn>arn:aws:iam::" + account + ":role/" + name + "</Arn><Tags>" +
                              tags + "</Tags></Role></" + result + "></" + action + "Response>");
    };
    if (action == "CreateRole") {
        if (roles.contains(name)) return refuse(409, "EntityAlreadyExists");
        roles[name][form(request, "Tags.member.1.Key")] = form(request, "Tags.member.1.Value");
        return role("CreateRoleResult");
    }
    if (!roles.contains(name)) return refuse(404, "NoSuchEntity");
    if (action == "GetRole") return role("GetRoleResult");
    if (action == "AttachRolePolicy") attached.insert(name);
    if (action == "DetachRolePolicy") attached.erase(name);
    if (action == "DeleteRole") {
        if (attached.contains(name)) return refuse(409, "DeleteConflict");
        roles.erase(name);
    }
    if (action == "ListAttachedRolePolicies") {
        const std::string member = attached.contains(name)
                                       ? "<member><PolicyArn>arn:aws:iam::aws:policy/service-role/"
                                         "AWSLambdaBasicExecutionRole</PolicyArn></member>"
                                       : "";
        return reply(
            200,
            "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies>" + member +
                "</AttachedPolicies></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>");
    }
    return reply(200, "<Response/>");
}

HttpResponse World::s3(const HttpRequest& request) {
    const std::string bucket = request.url.host.substr(0, request.url.host.find(".s3."));
    const std::string& path = request.url.target;
    const bool tags_asked = path == "/?tagging=";
    const auto refuse = [](int status, const std::string& code) {
        return reply(status, "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
    };
    if (path == "/" && request.method == "PUT") {
        if (buckets.contains(bucket)) return refuse(409, "BucketAlreadyOwnedByYou");
        buckets[bucket];
        return reply(200);
    }
    const auto found = buckets.find(bucket);
    if (found == buckets.end()) return request.method == "HEAD" ? reply(404) : refuse(404, "NoSuchBucket");
    if (tags_asked && request.method == "PUT") {
        const std::string text(request.body.view());
        const auto at = text.find("<Value>") + 7;
        found->second["pyfops:project"] = text.substr(at, text.find("</Value>") - at);
        return reply(204);
    }
    if (tags_asked) {
        if (found->second.empty()) return refuse(404, "NoSuchTagSet");
        return reply(200, "<Tagging><TagSet><Tag><Key>pyfops:project</Key><Value>" +
                              found->second["pyfops:project"] + "</Value></Tag></TagSet></Tagging>");
    }
    if (path == "/" && request.method == "DELETE") {
        const bool used = std::any_of(objects.begin(), objects.end(),
                                      [&](const auto& key) { return key.starts_with(bucket + "/"); });
        if (used) return refuse(409, "BucketNotEmpty");
        buckets.erase(found);
        return reply(204);
    }
    if (path.starts_with("/?list-type=2")) {
        std::string all;
        for (const std::string& key : objects)
            if (key.starts_with(bucket + "/"))
                all += "<Contents><Key>" + key.substr(bucket.size() + 1) + "</Key></Contents>";
        return reply(200, "<ListBucketResult><IsTruncated>false</IsTruncated>" + all + "</ListBucketResult>");
    }
    if (request.method == "PUT" && !path.starts_with("/?")) objects.insert(bucket + path);
    if (request.method == "DELETE") objects.erase(bucket + path);
    return reply(200);
}

std::vector<std::string> World::operations() {
    const auto all = host.http.operations();
    std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
}

std::vector<std::string> World::writes() {
    auto all = operations();
    std::erase_if(all, [](const std::string& name) {
        const std::string verb = name.substr(name.find(':') + 1);
        return verb.starts_with("Get") || verb.starts_with("List") || verb.starts_with("Head");
    });
    return all;
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

Task<HttpResponse> World::send(HttpRequest request, StageContext& context) {
    Task<HttpResponse> sending = host.http.send(std::move(request), context.deadline);
    co_return co_await std::move(sending);
}

void World::remove() {
    StageContext context = host.context();
    const RemoveRequest request{target.identity, target.cloud_name, settings};
    host.run(provider.deployer().remove(request, context));
}

} // namespace aws_test

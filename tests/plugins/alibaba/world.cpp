// SPDX-License-Identifier: Apache-2.0
#include "plugins/alibaba/world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops_alibaba/crc64.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace alibaba_test {

using namespace pyfops;
using testing::reply;

namespace {

const std::string account = "1234567890123456";

json::array to_json(const std::map<std::string, std::string>& tags) {
    json::array all;
    for (const auto& [key, value] : tags)
        all.push_back(json::object{{"Key", key}, {"Value", value}});
    return all;
}

void add(std::map<std::string, std::string>& tags, const json::value* sent) {
    if (sent)
        for (const json::value& tag : sent->as_array())
            tags[string_or(tag, "Key")] = string_or(tag, "Value");
}

std::string arn_of(const std::string& name) {
    return "acs:fc:eu-central-1:" + account + ":functions/" + name;
}

void take_code(json::object& configuration, const json::object& sent) {
    const json::value* code = sent.if_contains("code");
    if (!code) return;
    const std::string zip = string_or(*code, "zipFile");
    configuration["codeChecksum"] =
        zip.empty() ? string_or(*code, "checksum") : alibaba::checksum(base64_decode(zip));
}

} // namespace

HttpResponse error(int status, const std::string& code, const std::string& message) {
    return reply(status,
                 json::serialize(json::object{{"RequestId", "1-2"}, {"Code", code}, {"Message", message}}));
}

json::value body(const HttpRequest& request) {
    return parse_json(request.body.view(), "the request");
}

std::string query(const HttpRequest& request, const std::string& name) {
    const std::string text = "&" + std::string(request.url.query());
    const auto at = text.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const std::string rest = text.substr(at + name.size() + 2);
    return percent_decode(rest.substr(0, rest.find('&')));
}

World::World() {
    restart();
    host.system.environment = {{"ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIEXAMPLE"},
                               {"ALIBABA_CLOUD_ACCESS_KEY_SECRET", "example-secret-of-the-test"}};
    function.name = "thumbnail";
    function.type = "thumbnailType";
    function.module = "thumbnail";
    function.callable = "handler";
    target.identity = {"gate", "thumbnail", "alibaba", "eu-central-1", Realm::real, "auto"};
    target.memory_mb = 256;
    target.timeout_seconds = 30;
    target.python = "3.10";
    target.runtime = "python3.10";
    target.glibc = "2.28";
    target.cloud_name = "gate-thumbnail";
    set_package("first");
    host.http.on("* https://sts.*",
                 reply(200, json::serialize(json::object{{"AccountId", account},
                                                         {"Arn", "acs:ram::" + account + ":user/dev"},
                                                         {"IdentityType", "RAMUser"}})));
    host.http.on("* https://fcv3.eu-central-1.aliyuncs.com/*",
                 [this](const HttpRequest& request) { return last_or_not(&World::fc, request); });
    host.http.on("* https://*.oss-eu-central-1.aliyuncs.com/*",
                 [this](const HttpRequest& request) { return last_or_not(&World::oss, request); });
}

void World::set_package(const std::string& content) {
    package = testing::fake_package(content);
    mark = {"gate", target.identity.str(), sha256_hex("configuration" + package.content_hash)};
}

json::object World::describe(const std::string& name, const StoredFunction& stored) const {
    json::object all = stored.configuration;
    all["functionName"] = name;
    all["functionArn"] = arn_of(name);
    all["state"] = stored.failed ? "Failed" : stored.pending > 0 ? "Pending" : "Active";
    all["lastUpdateStatus"] = stored.in_progress > 0 ? "InProgress" : "Successful";
    if (tags_in_answers) all["tags"] = to_json(stored.tags);
    return all;
}

HttpResponse World::list(const HttpRequest& request) {
    json::array page;
    json::object answer;
    const std::string after = query(request, "nextToken"), prefix = query(request, "prefix");
    for (auto next = functions.upper_bound(after); next != functions.end(); ++next) {
        if (!next->first.starts_with(prefix)) continue;
        if (page.size() == 2) { // small pages: paging is always walked
            answer["nextToken"] = string_or(page.back(), "functionName");
            break;
        }
        page.push_back(describe(next->first, next->second));
    }
    answer["functions"] = page;
    return reply(200, json::serialize(answer));
}

HttpResponse World::tags(const HttpRequest& request) {
    if (request.method == "POST") {
        const json::value sent = body(request);
        for (const json::value& arn : pyfops::find(sent, "ResourceId")->as_array()) {
            const std::string text(arn.as_string());
            add(functions.at(text.substr(text.rfind('/') + 1)).tags, pyfops::find(sent, "Tag"));
        }
        return reply(200, "{}");
    }
    json::array all;
    const json::value ids = parse_json(query(request, "ResourceId"), "the ids");
    for (const json::value& arn : ids.as_array()) {
        const std::string text(arn.as_string());
        const auto found = functions.find(text.substr(text.rfind('/') + 1));
        if (found == functions.end()) continue;
        for (const auto& [key, value] : found->second.tags)
            all.push_back(json::object{
                {"ResourceId", text}, {"ResourceType", "FUNCTION"}, {"TagKey", key}, {"TagValue", value}});
    }
    return reply(200, json::serialize(json::object{{"TagResources", all}}));
}

HttpResponse World::last_or_not(HttpResponse (World::*service)(const HttpRequest&),
                                const HttpRequest& request) {
    return stop.around([&] { return (this->*service)(request); });
}

HttpResponse World::fc(const HttpRequest& request) {
    const std::string path(request.url.path());
    const std::string start = "/2023-03-30/functions";
    if (path == "/2023-03-30/tags-v2") return tags(request);
    if (path == start && request.method == "GET") return list(request);
    if (path == start) {
        json::object sent = body(request).as_object();
        const std::string name = string_or(sent, "functionName");
        if (functions.contains(name))
            return error(409, "FunctionAlreadyExists", "function '" + name + "' already exists");
        StoredFunction& stored = functions[name];
        add(stored.tags, sent.if_contains("tags"));
        stored.configuration = sent;
        take_code(stored.configuration, sent);
        stored.configuration.erase("code");
        stored.configuration.erase("tags");
        stored.pending = slow_create;
        return reply(200, json::serialize(describe(name, stored)));
    }
    const std::string rest = path.substr(start.size() + 1);
    const auto slash = rest.find('/');
    return one_function(percent_decode(rest.substr(0, slash)),
                        slash == std::string::npos ? "" : rest.substr(slash), request);
}

HttpResponse World::one_function(const std::string& name, const std::string& rest,
                                 const HttpRequest& request) {
    const auto found = functions.find(name);
    if (found == functions.end())
        return error(404, "FunctionNotFound", "function '" + name + "' does not exist");
    StoredFunction& stored = found->second;
    if (rest.starts_with("/triggers")) return triggers(stored, rest.substr(9), request);
    if (!rest.empty()) return error(400, "PathNotSupported", rest);
    if (request.method == "GET") {
        const json::object answer = describe(name, stored);
        if (stored.pending > 0) --stored.pending;
        if (stored.in_progress > 0) --stored.in_progress;
        return reply(200, json::serialize(answer));
    }
    if (request.method == "DELETE") {
        if (!stored.triggers.empty()) return error(409, "FunctionNotEmpty", "delete the triggers first");
        functions.erase(found);
        return reply(204);
    }
    if (stored.pending > 0 || stored.in_progress > 0)
        return error(409, "ConcurrentUpdateError", "the function is being updated");
    const json::object sent = body(request).as_object();
    for (const auto& member : sent)
        if (member.key() != "code") stored.configuration[member.key()] = member.value();
    take_code(stored.configuration, sent);
    stored.in_progress = slow_update;
    return reply(200, json::serialize(describe(name, stored)));
}

HttpResponse World::triggers(StoredFunction& stored, const std::string& rest, const HttpRequest& request) {
    if (rest.empty() && request.method == "POST") {
        json::object sent = body(request).as_object();
        const std::string name = string_or(sent, "triggerName");
        if (stored.triggers.contains(name))
            return error(409, "TriggerAlreadyExists", "trigger '" + name + "' already exists");
        sent["httpTrigger"] = {{"urlInternet", "https://abc.eu-central-1.fcapp.run"},
                               {"urlIntranet", "https://abc.eu-central-1-vpc.fcapp.run"}};
        stored.triggers[name] = sent;
        return reply(200, json::serialize(sent));
    }
    if (rest.empty()) {
        json::array all;
        for (const auto& [name, trigger] : stored.triggers)
            all.push_back(trigger);
        return reply(200, json::serialize(json::object{{"triggers", all}}));
    }
    const auto found = stored.triggers.find(rest.substr(1));
    if (found == stored.triggers.end()) return error(404, "TriggerNotFound", "no trigger " + rest);
    if (request.method == "DELETE") {
        stored.triggers.erase(found);
        return reply(204);
    }
    if (request.method == "PUT") found->second["triggerConfig"] = string_or(body(request), "triggerConfig");
    return reply(200, json::serialize(found->second));
}

HttpResponse World::oss(const HttpRequest& request) {
    const std::string bucket = request.url.host.substr(0, request.url.host.find(".oss-"));
    const std::string target_path = request.url.target;
    const auto refuse = [](int status, const std::string& code) {
        return reply(status, "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
    };
    if (target_path == "/" && request.method == "PUT") {
        buckets[bucket];
        return reply(200);
    }
    const auto found = buckets.find(bucket);
    if (found == buckets.end()) return refuse(404, "NoSuchBucket");
    if (target_path == "/?tagging" && request.method == "PUT") {
        const std::string text(request.body.view());
        const auto at = text.find("<Value>") + 7;
        found->second["pyfops:project"] = text.substr(at, text.find("</Value>") - at);
        return reply(200);
    }
    if (target_path == "/?tagging") {
        std::string all;
        for (const auto& [key, value] : found->second)
            all += "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
        return reply(200, "<Tagging><TagSet>" + all + "</TagSet></Tagging>");
    }
    if (target_path == "/?bucketInfo") return reply(200, "<BucketInfo/>");
    if (target_path == "/" && request.method == "DELETE") {
        const bool used = std::any_of(objects.begin(), objects.end(),
                                      [&](const auto& key) { return key.starts_with(bucket + "/"); });
        if (used) return refuse(409, "BucketNotEmpty");
        buckets.erase(found);
        return reply(204);
    }
    if (target_path.starts_with("/?list-type=2")) {
        std::string all;
        const std::string start = bucket + "/" + query(request, "prefix");
        for (const std::string& key : objects)
            if (key.starts_with(start))
                all += "<Contents><Key>" + key.substr(bucket.size() + 1) + "</Key></Contents>";
        return reply(200, "<ListBucketResult><IsTruncated>false</IsTruncated>" + all + "</ListBucketResult>");
    }
    if (request.method == "PUT") objects.insert(bucket + target_path);
    if (request.method == "DELETE") objects.erase(bucket + target_path);
    return reply(request.method == "DELETE" ? 204 : 200);
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
        return verb.starts_with("Get") || verb.starts_with("List");
    });
    return all;
}

Deployment World::deploy() {
    StageContext context = host.context();
    const DeployRequest request{function, target, package, environment, secrets, mark, settings};
    return host.run(provider().deployer().deploy(request, context));
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
    return host.run(provider().deployer().find(request, context));
}

void World::remove() {
    StageContext context = host.context();
    const RemoveRequest request{target.identity, target.cloud_name, settings};
    host.run(provider().deployer().remove(request, context));
}

void World::remove_shared() {
    StageContext context = host.context();
    const ListRequest request{target.identity.project, target.identity.region, target.identity.realm,
                              settings};
    host.run(provider().deployer().remove_shared(request, context));
}

} // namespace alibaba_test

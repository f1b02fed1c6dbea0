// SPDX-License-Identifier: Apache-2.0
#include "storage.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "pyfops_azure/sas.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace pyfops::azure_emulator {
namespace {

constexpr const char* accounts = "azure/accounts";
constexpr const char* blobs = "azure/blobs";

bool is_account_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 24 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

bool is_container_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 63 && name.find("--") == std::string_view::npos &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos &&
           name.front() != '-' && name.back() != '-';
}

json::object containers_of(const json::object& account) {
    const json::value* all = find(account, "containers");
    return all && all->is_object() ? all->get_object() : json::object();
}

} // namespace

Storage::Storage(World& world, Resources& resources) : world_(world), resources_(resources) {
    resources_.on_group_deleted([this](const std::string& group) {
        for (const std::string& name : world_.state().keys(accounts))
            if (const auto account = world_.state().get(accounts, name);
                account && string_or(*account, "group") == group)
                remove(name);
    });
    resources_.on_listing([this](const std::string& group, json::array& into) {
        for (const std::string& name : world_.state().keys(accounts)) {
            const auto account = world_.state().get(accounts, name);
            if (!account || string_or(*account, "group") != group) continue;
            json::object one = describe(*account);
            one.erase("properties");
            into.push_back(std::move(one));
        }
    });
}

void Storage::remove(const std::string& name) {
    for (const std::string& key : world_.state().keys(blobs, "/" + name + "/"))
        world_.state().erase(blobs, key);
    world_.state().erase(accounts, name);
}

json::object Storage::describe(const json::object& account) const {
    const std::string name = string_or(account, "name");
    const bool ready = integer_or(account, "ready_ms") <= world_.now_ms();
    return {{"id", Resources::group_path(string_or(account, "group_name")) +
                       "/providers/Microsoft.Storage/storageAccounts/" + name},
            {"name", name},
            {"type", "Microsoft.Storage/storageAccounts"},
            {"location", string_or(account, "location")},
            {"kind", string_or(account, "kind")},
            {"sku", account.at("sku")},
            {"tags", account.at("tags")},
            {"properties",
             {{"provisioningState", ready ? "Succeeded" : "Creating"},
              {"primaryEndpoints", {{"blob", "https://" + name + blob_suffix + "/"}}},
              {"creationTime", string_or(account, "created")}}}};
}

json::object Storage::require_account(const Call& call) const {
    auto account = world_.state().get(accounts, call.label("name"));
    if (!account || string_or(*account, "group") != Resources::key_of(call))
        throw ApiError(404, "ResourceNotFound",
                       "The Resource 'Microsoft.Storage/storageAccounts/" + call.label("name") +
                           "' under resource group '" + call.label("group") + "' was not found.");
    return *account;
}

ServerResponse Storage::put_account(const Call& call) {
    resources_.require_registered("Microsoft.Storage");
    const json::object group = resources_.require_lasting_group(call);
    const std::string& name = call.label("name");
    if (!is_account_name(name))
        throw ApiError(
            400, "AccountNameInvalid",
            name + " is not a valid storage account name. Storage account name must be between 3 and 24 "
                   "characters in length and use numbers and lower-case letters only.");
    const json::object body = json_body(call);
    const std::string location = location_of(body, "Microsoft.Storage/storageAccounts");
    const json::value* sku = find(body, "sku");
    if (!sku || !sku->is_object() || string_or(body, "kind").empty())
        throw ApiError(400, "InvalidRequestContent", "sku and kind are required.");
    if (auto known = world_.state().get(accounts, name)) {
        if (string_or(*known, "group") != Resources::key_of(call))
            throw ApiError(409, "StorageAccountAlreadyTaken",
                           "The storage account named " + name + " is already taken.");
        if (integer_or(*known, "ready_ms") > world_.now_ms())
            throw ApiError(409, "StorageAccountOperationInProgress",
                           "An operation is currently performing on this storage account that requires "
                           "exclusive access.");
        if (string_or(*known, "location") != location)
            throw ApiError(409, "InvalidResourceLocation",
                           "The resource '" + name + "' already exists in location '" +
                               string_or(*known, "location") + "' in resource group '" + call.label("group") +
                               "'.");
        (*known)["tags"] = tags_of(body);
        world_.state().put(accounts, name, *known);
        return json_response(200, describe(*known));
    }
    const std::int64_t duration = world_.setting("azure.storage_ms", 100);
    world_.state().put(accounts, name,
                       {{"name", name},
                        {"group", Resources::key_of(call)},
                        {"group_name", string_or(group, "name")},
                        {"location", location},
                        {"kind", string_or(body, "kind")},
                        {"sku", *sku},
                        {"tags", tags_of(body)},
                        {"created", world_.now_text()},
                        {"ready_ms", world_.now_ms() + duration},
                        {"keys", {world_.key(64), world_.key(64)}}});
    const std::string operation = resources_.start_operation(duration);
    return accepted("Location",
                    call.base + "/subscriptions/" + subscription_id +
                        "/providers/Microsoft.Storage/locations/" + location + "/asyncoperations/" +
                        operation + "?monitor=true&api-version=2024-01-01&account=" + name,
                    duration);
}

ServerResponse Storage::containers(const Call& call, const json::object& account) {
    json::object all = containers_of(account);
    const auto described = [&](const std::string& name) {
        return json::object{
            {"id", string_or(describe(account), "id") + "/blobServices/default/containers/" + name},
            {"name", name},
            {"type", "Microsoft.Storage/storageAccounts/blobServices/containers"},
            {"properties", {{"publicAccess", "None"}}}};
    };
    if (call.operation == "storage:ListContainers") {
        json::array value;
        for (const auto& member : all)
            value.push_back(described(std::string(member.key())));
        return page_of(call, std::move(value), world_);
    }
    const std::string& name = call.label("container");
    const bool known = all.contains(name);
    if (call.operation == "storage:GetContainer") {
        if (!known) throw ApiError(404, "ContainerNotFound", "The specified container does not exist.");
        return json_response(200, described(name));
    }
    const std::string key = string_or(account, "name");
    json::object changed = account;
    if (call.operation == "storage:PutContainer") {
        if (!is_container_name(name))
            throw ApiError(400, "InvalidResourceName",
                           "The specified resource name contains invalid characters.");
        all[name] = world_.now_text();
    } else {
        for (const std::string& blob : world_.state().keys(blobs, "/" + key + "/" + name + "/"))
            world_.state().erase(blobs, blob);
        all.erase(name);
    }
    changed["containers"] = std::move(all);
    world_.state().put(accounts, key, changed);
    if (call.operation == "storage:DeleteContainer") return empty_response(known ? 200 : 204);
    return json_response(known ? 200 : 201, described(name));
}

ServerResponse Storage::handle(const Call& call) {
    resources_.require_subscription(call);
    const std::string& operation = call.operation;
    if (operation == "storage:CheckName") {
        const std::string name = string_or(json_body(call), "name");
        const bool taken = world_.state().get(accounts, name).has_value();
        json::object answer{{"nameAvailable", !taken && is_account_name(name)}};
        if (taken) answer["reason"] = "AlreadyExists";
        return json_response(200, answer);
    }
    if (operation == "storage:ListAccounts") {
        if (call.labels.contains("group")) resources_.require_group(call);
        json::array all;
        for (const std::string& name : world_.state().keys(accounts)) {
            const auto account = world_.state().get(accounts, name);
            if (account &&
                (!call.labels.contains("group") || string_or(*account, "group") == Resources::key_of(call)))
                all.push_back(describe(*account));
        }
        return page_of(call, std::move(all), world_);
    }
    if (operation == "storage:GetOperation") {
        const std::string name = call.parameter("account").value_or("");
        const auto account = world_.state().get(accounts, name);
        if (!resources_.has_ended(call.label("operation")))
            return accepted("Location", call.base + call.path + "?api-version=2024-01-01&account=" + name,
                            world_.setting("azure.storage_ms", 100));
        if (const std::string words = world_.failure(); !words.empty()) {
            remove(name);
            throw ApiError(409, "StorageAccountOperationFailed", words);
        }
        if (!account) throw ApiError(404, "ResourceNotFound", "The account does not exist.");
        return json_response(200, describe(*account));
    }
    if (operation == "storage:PutAccount") return put_account(call);
    if (operation == "storage:DeleteAccount") {
        const auto account = world_.state().get(accounts, call.label("name"));
        if (!account || string_or(*account, "group") != Resources::key_of(call)) return empty_response(204);
        remove(call.label("name"));
        return empty_response(200);
    }
    resources_.require_group(call);
    const json::object account = require_account(call);
    if (operation == "storage:GetAccount") return json_response(200, describe(account));
    if (integer_or(account, "ready_ms") > world_.now_ms())
        throw ApiError(409, "StorageAccountIsNotProvisioned",
                       "The storage account provisioning state must be 'Succeeded' before executing the "
                       "operation.");
    if (operation == "storage:ListKeys") {
        json::array keys;
        for (const json::value& key : account.at("keys").as_array())
            keys.push_back(json::object{{"keyName", "key" + std::to_string(keys.size() + 1)},
                                        {"value", key},
                                        {"permissions", "FULL"}});
        return json_response(200, json::object{{"keys", std::move(keys)}});
    }
    return containers(call, account);
}

/// The key of the blob that a request may use that way.
std::string Storage::require_blob(const Call& call, char permission) const {
    const std::string account_name = call.host.substr(0, call.host.find('.'));
    const auto account = world_.state().get(accounts, account_name);
    if (!account) throw ApiError(404, "ResourceNotFound", "The account does not exist.");
    if (call.segments.size() != 2)
        throw ApiError(400, "InvalidUri", "The requested URI does not represent a blob.");
    const auto field = [&call](const char* name) { return call.parameter(name).value_or(""); };
    azure::BlobSignature signature{field("sp"), field("se"),
                                   "/blob/" + account_name + "/" + call.segments[0] + "/" + call.segments[1]};
    bool fits = false;
    for (const json::value& key : account->at("keys").as_array())
        fits = fits ||
               equal_secret(field("sig"), azure::sign_blob(signature, Secret(std::string(key.as_string()))));
    if (!fits || field("sv") != azure::signature_version || field("sr") != "b")
        throw ApiError(
            403, "AuthenticationFailed",
            "Server failed to authenticate the request. Make sure the value of Authorization header is "
            "formed correctly including the signature.");
    if (signature.permissions.find(permission) == std::string::npos)
        throw ApiError(403, "AuthorizationPermissionMismatch",
                       "This request is not authorized to perform this operation using this permission.");
    try {
        if (from_iso8601(signature.expiry) <= world_.now())
            throw ApiError(403, "AuthenticationFailed", "Signature not valid in the specified time frame.");
    } catch (const Error&) {
        throw ApiError(403, "AuthenticationFailed", "The expiry of the signature is not a time.");
    }
    if (!containers_of(*account).contains(call.segments[0]))
        throw ApiError(404, "ContainerNotFound", "The specified container does not exist.");
    return "/" + account_name + "/" + call.segments[0] + "/" + call.segments[1];
}

ServerResponse Storage::handle_blob(const Call& call) {
    if (call.operation == "blob:PutBlob") {
        const std::string key = require_blob(call, 'w');
        if (call.headers.get("x-ms-blob-type") != "BlockBlob")
            throw ApiError(400, "InvalidHeaderValue",
                           "The value for one of the HTTP headers is not in the correct format.");
        world_.state().put(blobs, key, {{"sha256", world_.state().put_blob(call.body)}});
        return empty_response(201);
    }
    const std::string key = require_blob(call, call.operation == "blob:GetBlob" ? 'r' : 'd');
    const auto blob = world_.state().get(blobs, key);
    if (!blob) throw ApiError(404, "BlobNotFound", "The specified blob does not exist.");
    if (call.operation == "blob:DeleteBlob") {
        world_.state().erase(blobs, key);
        return empty_response(202);
    }
    ServerResponse answer = text_response(200, "application/octet-stream", "");
    answer.body = world_.state().blob(string_or(*blob, "sha256"));
    return answer;
}

std::optional<Bytes> Storage::fetch(const std::string& address) const {
    try {
        const Url url = Url::parse(address);
        ServerRequest request;
        request.method = "GET";
        request.target = "/" + url.host + url.target;
        Call call;
        static_cast<HttpCall&>(call) = read_call(request);
        const auto blob = world_.state().get(blobs, require_blob(call, 'r'));
        if (blob) return world_.state().blob(string_or(*blob, "sha256"));
    } catch (const ApiError&) { // the platform says nothing more than that it is not there
    } catch (const Error&) {
    }
    return std::nullopt;
}

bool Storage::has_container(const std::string& address) const {
    try {
        const Url url = Url::parse(address);
        const auto account = world_.state().get(accounts, url.host.substr(0, url.host.find('.')));
        return url.host.ends_with(blob_suffix) && account &&
               containers_of(*account).contains(url.target.substr(1));
    } catch (const Error&) {
        return false;
    }
}

} // namespace pyfops::azure_emulator

// SPDX-License-Identifier: Apache-2.0
#include "storage.hpp"

#include "pyfops/error.hpp"
#include "pyfops_azure/sas.hpp"
#include "resources.hpp"

#include <boost/json.hpp>

namespace pyfops::azure::storage {
namespace {

constexpr const char* version = "2024-01-01";
constexpr const char* blob_version = "2021-08-06";

std::string account_path(const std::string& group, const std::string& name) {
    return group + "/providers/Microsoft.Storage/storageAccounts/" + percent_encode(name);
}

std::string container_path(const std::string& group, const std::string& account,
                           const std::string& container) {
    return account_path(group, account) + "/blobServices/default/containers/" + percent_encode(container);
}

ApiCall blob_call(std::string operation, std::string method, const std::string& host,
                  const std::string& target) {
    ApiCall call;
    call.operation = std::move(operation);
    call.method = std::move(method);
    call.to = ApiCall::To::storage;
    call.token = ApiCall::Token::none; // the signature in the target is the right
    call.host = host;
    call.target = target;
    call.headers.set("x-ms-version", blob_version);
    return call;
}

} // namespace

ApiCall get_account(const std::string& group, const std::string& name) {
    return manager_call("storage:GetAccount", "GET", account_path(group, name), version);
}

std::string provisioning_state(const json::value& account) {
    const json::value* properties = find(account, "properties");
    return properties ? string_or(*properties, "provisioningState") : std::string();
}

ApiCall put_account(const std::string& group, const std::string& name, const std::string& region,
                    const Tags& tags) {
    ApiCall call = manager_call("storage:PutAccount", "PUT", account_path(group, name), version);
    const json::object body{{"sku", {{"name", "Standard_LRS"}}},
                            {"kind", "StorageV2"},
                            {"location", region},
                            {"tags", resources::to_json(tags)},
                            {"properties",
                             {{"allowBlobPublicAccess", false},
                              {"minimumTlsVersion", "TLS1_2"},
                              {"supportsHttpsTrafficOnly", true}}}};
    set_json(call, json::serialize(body));
    return call;
}

ApiCall delete_account(const std::string& group, const std::string& name) {
    return manager_call("storage:DeleteAccount", "DELETE", account_path(group, name), version);
}

ApiCall list_keys(const std::string& group, const std::string& name) {
    ApiCall call = manager_call("storage:ListKeys", "POST", account_path(group, name) + "/listKeys", version);
    call.secret_answer = true;
    return call;
}

Secret read_key(const json::value& answer) {
    if (const json::value* keys = find(answer, "keys"); keys && keys->is_array())
        for (const json::value& key : keys->get_array())
            if (std::string value = string_or(key, "value"); !value.empty()) return Secret(std::move(value));
    throw Error(ErrorKind::unavailable, "the storage account has no key")
        .hint("allow shared keys for it, or name another account: providers.azure.storage_account");
}

ApiCall get_container(const std::string& group, const std::string& account, const std::string& container) {
    return manager_call("storage:GetContainer", "GET", container_path(group, account, container), version);
}

ApiCall put_container(const std::string& group, const std::string& account, const std::string& container) {
    ApiCall call =
        manager_call("storage:PutContainer", "PUT", container_path(group, account, container), version);
    set_json(call, R"({"properties":{"publicAccess":"None"}})");
    return call;
}

ApiCall delete_container(const std::string& group, const std::string& account, const std::string& container) {
    return manager_call("storage:DeleteContainer", "DELETE", container_path(group, account, container),
                        version);
}

Secret connection_string(const std::string& account, const Secret& key, const std::string& suffix) {
    return Secret("DefaultEndpointsProtocol=https;AccountName=" + account + ";AccountKey=" + key.expose() +
                  ";EndpointSuffix=" + suffix);
}

std::string blob_host(const std::string& account, const std::string& suffix) {
    return account + ".blob." + suffix;
}

std::string signed_target(const std::string& account, const Secret& key, const std::string& container,
                          const std::string& blob, const std::string& permissions, SystemTime expires) {
    BlobSignature signature;
    signature.permissions = permissions;
    signature.expiry = to_iso8601(expires);
    signature.resource = "/blob/" + account + "/" + container + "/" + blob;
    return "/" + container + "/" + blob + "?" + signed_query(signature, key);
}

ApiCall put_blob(const std::string& host, const std::string& target, Bytes content) {
    ApiCall call = blob_call("blob:PutBlob", "PUT", host, target);
    call.headers.set("x-ms-blob-type", "BlockBlob");
    call.headers.set("Content-Type", "application/zip");
    call.body = std::move(content);
    return call;
}

ApiCall delete_blob(const std::string& host, const std::string& target) {
    return blob_call("blob:DeleteBlob", "DELETE", host, target);
}

} // namespace pyfops::azure::storage

// SPDX-License-Identifier: Apache-2.0
#include "fc.hpp"

#include "paging.hpp"
#include "regions.hpp"

#include <fmt/format.h>

namespace pyfops::alibaba_emulator {

namespace {

const std::string collection = "alibaba/functions";

ServerResponse describe_regions() {
    json::array all;
    for (const std::string_view code : region_codes())
        all.push_back(json::object{{"RegionId", code}, {"LocalName", code}});
    return json_response(200, json::object{{"Regions", json::object{{"Region", std::move(all)}}}});
}

} // namespace

std::string Function::arn() const {
    return fmt::format("acs:fc:{}:{}:functions/{}", region(), account, name());
}

std::optional<Function> FunctionCompute::load(const std::string& region, const std::string& name) {
    auto document = world_.state().get(collection, region + "/" + name);
    if (!document) return std::nullopt;
    Function function{std::move(*document)};
    if (settle(function)) save(function);
    return function;
}

Function FunctionCompute::required(const Call& call) {
    const std::string& name = call.label("functionName");
    auto function = load(call.region, name);
    if (!function) throw ApiError(404, "FunctionNotFound", fmt::format("function '{}' does not exist", name));
    return std::move(*function);
}

void FunctionCompute::save(const Function& function) {
    world_.state().put(collection, function.region() + "/" + function.name(), function.document);
}

void FunctionCompute::retire(const json::value& record) {
    const std::string id = string_or(record, "image");
    images_.erase(id);
    world_.host().instances.retire(id);
}

bool FunctionCompute::settle(Function& function) {
    json::object& latest = function.latest();
    const auto ready = integer_or(latest, "ready_at");
    if (ready == 0 || ready > world_.now_ms()) return false;
    latest["ready_at"] = 0;
    const std::string trouble = world_.setting_text("states.fail", {});
    const bool created = string_or(latest, "state") == "Pending";
    latest["state"] = created && !trouble.empty() ? "Failed" : "Active";
    latest["update"] = trouble.empty() ? "Successful" : "Failed";
    latest["trouble"] = trouble;
    if (!trouble.empty()) return true; // what was there before goes on running
    if (const auto* before = function.document.if_contains("running")) {
        if (string_or(*before, "image") != string_or(latest, "image")) retire(*before);
        function.document.erase("running");
    }
    return true;
}

const json::object& FunctionCompute::record(Function& function, const std::string& qualifier) {
    if (qualifier.empty() || qualifier == "LATEST") return function.latest();
    std::string version = qualifier;
    if (const auto* alias = function.member("aliases").if_contains(version))
        version = string_or(*alias, "versionId");
    const auto* found = function.member("versions").if_contains(version);
    if (!found)
        throw ApiError(
            404, "VersionNotFound",
            fmt::format("version or alias '{}' of function '{}' does not exist", qualifier, function.name()));
    return found->as_object();
}

json::object FunctionCompute::describe(const Function& function, const json::object& record) const {
    json::object answer = record.at("config").as_object();
    answer["functionName"] = function.name();
    answer["functionArn"] = function.arn();
    answer["functionId"] = function.document.at("id");
    answer["codeSize"] = record.at("size");
    answer["codeChecksum"] = record.at("checksum");
    answer["createdTime"] = function.document.at("created");
    answer["lastModifiedTime"] = record.at("modified");
    answer["state"] = record.at("state");
    answer["lastUpdateStatus"] = record.at("update");
    if (const std::string trouble = string_or(record, "trouble"); !trouble.empty()) {
        const char* what = record.at("state") == "Failed" ? "stateReason" : "lastUpdateStatusReason";
        answer[what] = trouble;
        answer[std::string(what) + "Code"] = "InternalError";
    }
    if (record.at("state") == "Pending") {
        answer["stateReason"] = "The function is being created.";
        answer["stateReasonCode"] = "Creating";
    }
    if (record.at("update") == "InProgress") {
        answer["lastUpdateStatusReason"] = "The function is being updated.";
        answer["lastUpdateStatusReasonCode"] = "Updating";
    }
    json::array tags;
    for (const auto& tag : function.document.at("tags").as_object())
        tags.push_back(json::object{{"Key", tag.key()}, {"Value", tag.value()}});
    if (!tags.empty()) answer["tags"] = std::move(tags);
    return answer;
}

ServerResponse FunctionCompute::handle(const Call& call) {
    const std::string& operation = call.operation;
    if (operation == "CreateFunction") return create_function(call);
    if (operation == "UpdateFunction") return update_function(call);
    if (operation == "GetFunction") return get_function(call);
    if (operation == "GetFunctionCode") return get_code(call);
    if (operation == "ListFunctions") return list_functions(call);
    if (operation == "DeleteFunction") return delete_function(call);
    if (operation.find("Trigger") != std::string::npos) return triggers(call);
    if (operation.find("FunctionVersion") != std::string::npos) return versions(call);
    if (operation.find("Alias") != std::string::npos) return aliases(call);
    if (operation.ends_with("Resources")) return tags(call);
    if (operation.ends_with("ConcurrencyConfig")) return concurrency(call);
    if (operation == "DescribeRegions") return describe_regions();
    throw ApiError(
        400, "PathNotSupported",
        fmt::format("The local cloud has no operation {} {} (docs/emulator.md lists what there is)",
                    call.method, call.path));
}

} // namespace pyfops::alibaba_emulator

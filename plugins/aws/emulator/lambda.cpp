// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "lambda_checks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::aws_emulator {

namespace {

const std::string collection = "aws/functions";

constexpr std::string_view name_shown =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)";
constexpr std::string_view create_name_shown =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)";
constexpr std::string_view qualifier_shown = R"(\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+)";
constexpr std::string_view alias_shown = R"(((?!^\d+$)^[0-9a-zA-Z-_]+$))";

const std::string name_start =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d:)?(\d{12}:)?(function:)?)";

bool is_plain_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Takes a name that fits the pattern apart.
FunctionReference split(const std::string& given, const std::string& region) {
    FunctionReference reference{{}, {}, region};
    std::vector<std::string> parts;
    std::size_t at = 0;
    for (;;) {
        const auto end = given.find(':', at);
        parts.push_back(given.substr(at, end - at));
        if (end == std::string::npos) break;
        at = end + 1;
    }
    std::size_t i = 0;
    if (parts.size() > 3 && parts[0] == "arn") {
        i = 3;
        if (parts[i].find('-') != std::string::npos && !is_number(parts[i])) reference.region = parts[i++];
    }
    if (parts.size() - i > 1 && parts[i].size() == 12 && is_number(parts[i])) {
        if (parts[i] != account)
            throw ApiError(403, "AccessDeniedException",
                           fmt::format("User is not authorized to access functions of account {}", parts[i]));
        ++i;
    }
    if (parts.size() - i > 1 && parts[i] == "function") ++i;
    reference.name = parts[i++];
    if (i < parts.size()) reference.qualifier = parts[i];
    return reference;
}

} // namespace

std::string FunctionReference::unqualified_arn() const {
    return fmt::format("arn:aws:lambda:{}:{}:function:{}", region, account, name);
}

std::string FunctionReference::arn() const {
    return qualifier.empty() ? unqualified_arn() : unqualified_arn() + ":" + qualifier;
}

void function_not_found(const std::string& arn) {
    throw ApiError(404, "ResourceNotFoundException", "Function not found: " + arn);
}

FunctionReference read_reference(const Call& call) {
    const bool create = call.operation == "CreateFunction";
    const bool of_url = call.operation.find("FunctionUrlConfig") != std::string::npos;
    const std::string given =
        create ? string_or(json_body(call), "FunctionName") : call.label("FunctionName");
    const std::string qualifier = call.parameter("Qualifier").value_or("");
    Violations violations;
    if (qualifier.size() > 128)
        violations.add(qualifier, "qualifier", "Member must have length less than or equal to 128");
    if (of_url && !qualifier.empty() && (is_number(qualifier) || !is_plain_name(qualifier)))
        violations.add(qualifier, "qualifier",
                       fmt::format("Member must satisfy regular expression pattern: {}", alias_shown));
    else if (!of_url && !qualifier.empty())
        violations.pattern(qualifier, "qualifier", qualifier_shown,
                           R"(\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9_$-]+)");
    if (create && given.size() > 140)
        violations.add(given, "functionName", "Member must have length less than or equal to 140");
    if (given.empty() || !is_plain_name(given)) {
        if (create)
            violations.pattern(given, "functionName", create_name_shown,
                               name_start + R"(([a-zA-Z0-9_-]+)(:(\$LATEST|[a-zA-Z0-9_-]+))?)");
        else
            violations.pattern(given, "functionName", name_shown,
                               name_start +
                                   R"(([a-zA-Z0-9_.-]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9_-]+))?)");
    }
    violations.check();
    FunctionReference reference = split(given, call.region);
    if (reference.region != call.region)
        throw ApiError(404, "ResourceNotFoundException",
                       fmt::format("Functions from '{}' are not reachable in this region ('{}')",
                                   reference.region, call.region));
    if (create && reference.name.size() > 64)
        invalid_parameter(
            fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy "
                        "constraint: Member must have length less than or equal to 64",
                        reference.name));
    if (!qualifier.empty()) {
        if (!reference.qualifier.empty() && reference.qualifier != qualifier)
            invalid_parameter(
                "The derived qualifier from the function name does not match the specified qualifier.");
        reference.qualifier = qualifier;
    }
    return reference;
}

std::optional<Function> Lambda::load(const std::string& region, const std::string& name) {
    auto document = world_.state().get(collection, region + "/" + name);
    if (!document) return std::nullopt;
    Function function{std::move(*document)};
    if (settle(function)) save(function);
    return function;
}

Function Lambda::required(const FunctionReference& reference, const std::string& arn_in_error) {
    auto function = load(reference.region, reference.name);
    if (!function) function_not_found(arn_in_error.empty() ? reference.arn() : arn_in_error);
    return std::move(*function);
}

void Lambda::save(const Function& function) {
    world_.state().put(collection, function.region() + "/" + function.name(), function.document);
}

bool Lambda::settle(Function& function) {
    bool changed = false;
    const auto now = world_.now_ms();
    const auto advance = [&](json::object& record) {
        const auto ready = integer_or(record, "ready_at");
        if (ready == 0 || ready > now) return false;
        record["ready_at"] = 0;
        const std::string trouble = world_.setting_text("states.fail");
        const bool created = string_or(record, "state") == "Pending";
        if (!created || trouble.empty())
            record["state"] = "Active";
        else
            record["state"] = "Failed";
        record["update"] = trouble.empty() ? "Successful" : "Failed";
        if (trouble.empty())
            record.erase("trouble");
        else
            record["trouble"] = trouble;
        record["revision"] = world_.uuid();
        return true;
    };
    if (advance(function.latest())) {
        changed = true;
        const bool failed = string_or(function.latest(), "update") == "Failed";
        if (const auto* before = function.document.if_contains("running"); before && !failed) {
            const std::string image_id = string_or(*before, "image");
            if (image_id != string_or(function.latest(), "image")) {
                images_.erase(image_id);
                world_.host().instances.retire(image_id);
            }
            function.document.erase("running");
        }
    }
    for (auto& version : function.member("published"))
        changed = advance(version.value().as_object()) || changed;
    return changed;
}

const json::object& Lambda::record(Function& function, const FunctionReference& reference) {
    if (reference.qualifier.empty() || reference.qualifier == "$LATEST") return function.latest();
    std::string version = reference.qualifier;
    if (const auto* alias = function.member("aliases").if_contains(version))
        version = string_or(*alias, "FunctionVersion");
    if (version == "$LATEST") return function.latest();
    const auto* found = function.member("published").if_contains(version);
    if (!found) function_not_found(reference.arn());
    return found->as_object();
}

json::object Lambda::describe(const json::object& record, const std::string& arn, bool state) const {
    json::object answer = record.at("config").as_object();
    const std::string name = arn.substr(arn.find(":function:") + 10);
    const std::string plain = name.substr(0, name.find(':'));
    std::string group = "/aws/lambda/" + plain;
    if (const auto* own = answer.if_contains("LogGroup")) group = std::string(own->as_string());
    answer.erase("LogGroup");
    answer["LoggingConfig"] = {{"LogFormat", "Text"}, {"LogGroup", group}};
    answer["CodeSha256"] = record.at("sha");
    answer["CodeSize"] = record.at("size");
    answer["FunctionArn"] = arn;
    answer["FunctionName"] = plain;
    answer["LastModified"] = record.at("modified");
    answer["RevisionId"] = record.at("revision");
    answer["SnapStart"] = {{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}};
    answer["Version"] = record.at("version");
    if (!state) return answer;
    const std::string region = arn.substr(15, arn.find(':', 15) - 15);
    answer["RuntimeVersionConfig"] = {
        {"RuntimeVersionArn",
         fmt::format("arn:aws:lambda:{}::runtime:{}", region, sha256_hex(string_or(answer, "Runtime")))}};
    answer["State"] = record.at("state");
    if (record.at("state") == "Pending") {
        answer["StateReason"] = "The function is being created.";
        answer["StateReasonCode"] = "Creating";
    }
    const std::string trouble = string_or(record, "trouble");
    if (record.at("state") == "Failed") {
        answer["StateReason"] = trouble;
        answer["StateReasonCode"] = "InternalError";
    }
    if (const auto update = string_or(record, "update"); !update.empty()) {
        answer["LastUpdateStatus"] = update;
        if (update == "Failed") {
            answer["LastUpdateStatusReason"] = trouble;
            answer["LastUpdateStatusReasonCode"] = "InternalError";
        }
        if (update == "InProgress") {
            answer["LastUpdateStatusReason"] = "The function is being created.";
            answer["LastUpdateStatusReasonCode"] = "Creating";
        }
    }
    return answer;
}

json::object Lambda::list_entry(const json::object& record, const std::string& arn) const {
    return describe(record, arn, false);
}

ServerResponse Lambda::handle(const Call& call) {
    const std::string& operation = call.operation;
    if (operation == "CreateFunction") return create_function(call);
    if (operation == "GetFunction" || operation == "GetFunctionConfiguration") return get_function(call);
    if (operation == "ListFunctions") return list_functions(call);
    if (operation == "UpdateFunctionCode") return update_code(call);
    if (operation == "UpdateFunctionConfiguration") return update_configuration(call);
    if (operation == "DeleteFunction") return delete_function(call);
    if (operation == "PublishVersion") return publish_version(call);
    if (operation == "ListVersionsByFunction") return list_versions(call);
    if (operation == "CreateAlias") return create_alias(call);
    if (operation == "UpdateAlias") return update_alias(call);
    if (operation == "GetAlias") return get_alias(call);
    if (operation == "ListAliases") return list_aliases(call);
    if (operation == "DeleteAlias") return delete_alias(call);
    if (operation == "AddPermission") return add_permission(call);
    if (operation == "RemovePermission") return remove_permission(call);
    if (operation == "GetPolicy") return get_policy(call);
    if (operation.find("FunctionUrlConfig") != std::string::npos) return url_config(call);
    if (operation == "ListTags" || operation == "TagResource" || operation == "UntagResource")
        return tags(call);
    if (operation.find("FunctionConcurrency") != std::string::npos) return concurrency(call);
    if (operation == "GetAccountSettings") return account_settings(call);
    throw ApiError(
        404, "UnknownOperationException",
        fmt::format("The local cloud has no operation {} {} (docs/emulator.md lists what there is)",
                    call.method, call.path));
}

} // namespace pyfops::aws_emulator

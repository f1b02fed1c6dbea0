// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "lambda_checks.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace pyfops::aws_emulator {

namespace {

[[noreturn]] void not_found(const std::string& message) {
    throw ApiError(404, "ResourceNotFoundException", message);
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

json::value principal_of(const std::string& given) {
    if (given == "*") return "*";
    if (is_number(given) && given.size() == 12)
        return json::object{{"AWS", fmt::format("arn:aws:iam::{}:root", given)}};
    if (given.starts_with("arn:")) return json::object{{"AWS", given}};
    if (given.ends_with(".amazonaws.com")) return json::object{{"Service", given}};
    invalid_parameter("The provided principal was invalid. Please check the principal and try again.");
}

json::object conditions(const json::object& body) {
    json::object equals, like, flags;
    if (const auto value = string_or(body, "SourceAccount"); !value.empty())
        equals["AWS:SourceAccount"] = value;
    if (const auto value = string_or(body, "EventSourceToken"); !value.empty())
        equals["lambda:EventSourceToken"] = value;
    if (const auto value = string_or(body, "FunctionUrlAuthType"); !value.empty())
        equals["lambda:FunctionUrlAuthType"] = value;
    if (const auto value = string_or(body, "PrincipalOrgID"); !value.empty())
        equals["aws:PrincipalOrgID"] = value;
    if (const auto value = string_or(body, "SourceArn"); !value.empty()) like["AWS:SourceArn"] = value;
    if (const auto* value = body.if_contains("InvokedViaFunctionUrl"); value && value->is_bool())
        flags["lambda:InvokedViaFunctionUrl"] = value->as_bool() ? "true" : "false";
    json::object all;
    if (!equals.empty()) all["StringEquals"] = std::move(equals);
    if (!like.empty()) all["ArnLike"] = std::move(like);
    if (!flags.empty()) all["Bool"] = std::move(flags);
    return all;
}

std::string document(const json::array& statements) {
    return json::serialize(
        json::object{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", statements}});
}

void check_revision(const std::string& given, const json::object& owner) {
    const auto* own = owner.if_contains("revision");
    const std::string current = own ? std::string(own->as_string()) : string_or(owner, "RevisionId");
    if (!given.empty() && given != current)
        throw ApiError(
            412, "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
            "API to retrieve the latest Revision Id");
}

std::string revision_of(const json::object& owner) {
    return owner.contains("revision") ? string_or(owner, "revision") : string_or(owner, "RevisionId");
}

void renew(json::object& owner, std::string revision) {
    owner[owner.contains("revision") ? "revision" : "RevisionId"] = std::move(revision);
}

} // namespace

/// A policy belongs to the function, a version or an alias, and shares its revision.
json::object& Lambda::policy_owner(Function& function, const FunctionReference& reference) {
    const std::string& qualifier = reference.qualifier;
    if (qualifier.empty()) return function.latest();
    if (qualifier == "$LATEST") invalid_parameter("We currently do not support adding policies for $LATEST.");
    if (is_number(qualifier)) {
        auto* version = function.member("published").if_contains(qualifier);
        if (!version) function_not_found(reference.arn());
        return version->as_object();
    }
    auto* alias = function.member("aliases").if_contains(qualifier);
    if (!alias && qualifier.find('$') != std::string::npos) function_not_found(reference.arn());
    if (!alias) not_found("Cannot find alias arn: " + reference.arn());
    return alias->as_object();
}

ServerResponse Lambda::add_permission(const Call& call) {
    const json::object body = json_body(call);
    const std::string sid = string_or(body, "StatementId");
    Violations violations;
    violations.pattern(sid, "statementId", "([a-zA-Z0-9-_]+)", "[a-zA-Z0-9_-]+");
    violations.check();
    const FunctionReference reference = read_reference(call);
    Function function = required(reference);
    auto& owner = policy_owner(function, reference);
    check_revision(string_or(body, "RevisionId"), owner);
    json::object statement{{"Sid", sid},
                           {"Effect", "Allow"},
                           {"Principal", principal_of(string_or(body, "Principal"))},
                           {"Action", string_or(body, "Action")},
                           {"Resource", reference.arn()}};
    if (auto all = conditions(body); !all.empty()) statement["Condition"] = std::move(all);
    auto& policies = function.member("policies");
    if (!policies.contains(reference.qualifier)) policies[reference.qualifier] = json::array();
    auto& statements = policies[reference.qualifier].as_array();
    for (const auto& known : statements)
        if (string_or(known, "Sid") == sid)
            throw ApiError(
                409, "ResourceConflictException",
                fmt::format("The statement id ({}) provided already exists. Please provide a new statement "
                            "id, or remove the existing statement.",
                            sid));
    statements.push_back(statement);
    if (document(statements).size() > 20480)
        throw ApiError(400, "PolicyLengthExceededException",
                       fmt::format("The final policy size ({}) is bigger than the limit (20480).",
                                   document(statements).size()));
    renew(owner, world_.uuid());
    save(function);
    return json_response(201, json::object{{"Statement", json::serialize(statement)}});
}

ServerResponse Lambda::remove_permission(const Call& call) {
    const FunctionReference reference = read_reference(call);
    auto function = load(reference.region, reference.name);
    if (!function) not_found("No policy found for: " + reference.arn());
    auto& owner = policy_owner(*function, reference);
    check_revision(call.parameter("RevisionId").value_or(""), owner);
    auto& policies = function->member("policies");
    if (!policies.contains(reference.qualifier))
        not_found("No policy is associated with the given resource.");
    auto& statements = policies[reference.qualifier].as_array();
    const std::string& sid = call.label("StatementId");
    auto at = statements.begin();
    while (at != statements.end() && string_or(*at, "Sid") != sid)
        ++at;
    if (at == statements.end()) not_found(fmt::format("Statement {} is not found in resource policy.", sid));
    statements.erase(at);
    if (statements.empty()) policies.erase(reference.qualifier);
    renew(owner, world_.uuid());
    save(*function);
    return empty_response(204);
}

ServerResponse Lambda::get_policy(const Call& call) {
    const FunctionReference reference = read_reference(call);
    auto function = load(reference.region, reference.name);
    const auto* statements =
        function ? function->member("policies").if_contains(reference.qualifier) : nullptr;
    if (!statements) not_found("The resource you requested does not exist.");
    return json_response(200, json::object{{"Policy", document(statements->as_array())},
                                           {"RevisionId", revision_of(policy_owner(*function, reference))}});
}

} // namespace pyfops::aws_emulator

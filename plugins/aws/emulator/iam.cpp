// SPDX-License-Identifier: Apache-2.0
#include "iam.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cctype>

namespace pyfops::aws_emulator {

namespace {

const std::string collection = "aws/roles";

[[noreturn]] void no_such_entity(const std::string& message) {
    throw ApiError(404, "NoSuchEntity", message);
}

std::string required_field(const Fields& form, const std::string& name) {
    std::string value = field(form, name);
    if (value.empty()) {
        std::string member = name;
        member[0] = static_cast<char>(std::tolower(member[0]));
        throw ApiError(400, "ValidationError",
                       fmt::format("1 validation error detected: Value at '{}' failed to satisfy constraint: "
                                   "Member must not be null",
                                   member));
    }
    return value;
}

json::object policy_document(const std::string& text) {
    try {
        auto value = parse_json(text, "the policy", {.max_bytes = 1u << 20, .max_depth = 32});
        if (const auto* statements = find(value, "Statement");
            statements && (statements->is_array() || statements->is_object()))
            return value.as_object();
    } catch (const Error&) { // told below in the service's words
    }
    throw ApiError(400, "MalformedPolicyDocument", "Syntax errors in policy.");
}

bool holds(const json::value* value, std::string_view wanted) {
    if (!value) return false;
    if (const auto* text = value->if_string())
        return wanted == "*" || *text == wanted || *text == "*" ||
               (wanted.starts_with("sts:") && *text == "sts:*");
    if (const auto* list = value->if_array())
        for (const auto& one : *list)
            if (holds(&one, wanted)) return true;
    return false;
}

std::int64_t number_field(const Fields& form, const std::string& name, std::int64_t otherwise,
                          std::int64_t most) {
    const std::string text = field(form, name);
    if (text.empty()) return otherwise;
    const std::int64_t number = to_integer(text).value_or(0);
    if (number < 1 || number > most)
        throw ApiError(400, "ValidationError",
                       fmt::format("Value '{}' at '{}' failed to satisfy constraint", text, name));
    return number;
}

std::size_t page_size(const Fields& form) {
    return static_cast<std::size_t>(number_field(form, "MaxItems", 100, 1000));
}

Fields tag_list(const Fields& form) {
    Fields found;
    for (int i = 1;; ++i) {
        const std::string key = field(form, fmt::format("Tags.member.{}.Key", i));
        if (key.empty()) return found;
        found.emplace_back(key, field(form, fmt::format("Tags.member.{}.Value", i)));
    }
}

std::string tag_elements(const json::object& role) {
    std::string text;
    for (const auto& tag : role.at("tags").as_object())
        text += "<member>" + element("Key", std::string_view(tag.key())) +
                element("Value", std::string_view(tag.value().as_string())) + "</member>";
    return text;
}

} // namespace

bool trusts(std::string_view policy, std::string_view kind, std::string_view principal,
            std::string_view action) {
    json::value document;
    try {
        document = parse_json(policy, "the trust policy");
    } catch (const Error&) {
        return false;
    }
    const auto* statements = find(document, "Statement");
    if (!statements) return false;
    const auto allows = [&](const json::value& statement) {
        if (string_or(statement, "Effect") != "Allow" || !holds(find(statement, "Action"), action))
            return false;
        const auto* who = find(statement, "Principal");
        if (!who) return false;
        if (who->is_string()) return who->as_string() == "*";
        return holds(find(*who, kind), principal);
    };
    if (statements->is_object()) return allows(*statements);
    if (const auto* list = statements->if_array())
        for (const auto& statement : *list)
            if (allows(statement)) return true;
    return false;
}

std::optional<json::object> Iam::role(const std::string& name) const {
    return world_.state().get(collection, name);
}

bool Iam::assumable_by_lambda(const std::string& arn) const {
    const auto name = arn.substr(arn.rfind('/') + 1);
    const auto found = role(name);
    if (!found || string_or(*found, "arn") != arn) return false;
    if (!trusts(string_or(*found, "trust"), "Service", "lambda.amazonaws.com", "sts:AssumeRole"))
        return false;
    const auto usable = integer_or(*found, "trusted_at") + world_.setting("iam.propagation_ms", 300);
    return world_.now_ms() >= usable;
}

json::object Iam::required(const Fields& form) const {
    const std::string name = required_field(form, "RoleName");
    auto found = role(name);
    if (!found) no_such_entity(fmt::format("The role with name {} cannot be found.", name));
    return std::move(*found);
}

void Iam::store(const json::object& role) {
    world_.state().put(collection, string_or(role, "name"), role);
}

std::string Iam::describe(const json::object& role) const {
    std::string text = element("Path", string_or(role, "path")) +
                       element("RoleName", string_or(role, "name")) +
                       element("RoleId", string_or(role, "id")) + element("Arn", string_or(role, "arn")) +
                       element("CreateDate", string_or(role, "created")) +
                       element("AssumeRolePolicyDocument", percent_encode(string_or(role, "trust"))) +
                       element("MaxSessionDuration", std::to_string(integer_or(role, "max_session", 3600)));
    if (const auto description = string_or(role, "description"); !description.empty())
        text += element("Description", description);
    if (const auto tags = tag_elements(role); !tags.empty()) text += "<Tags>" + tags + "</Tags>";
    return text;
}

std::string Iam::create_role(const Fields& form) {
    const std::string name = required_field(form, "RoleName");
    const std::string trust = required_field(form, "AssumeRolePolicyDocument");
    if (name.size() > 64 || name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789+=,.@_-") != std::string::npos)
        throw ApiError(400, "ValidationError",
                       "The specified value for roleName is invalid. It must contain only alphanumeric "
                       "characters and/or the following: +=,.@_-");
    policy_document(trust);
    if (role(name))
        throw ApiError(409, "EntityAlreadyExists", fmt::format("Role with name {} already exists.", name));
    std::string path = field(form, "Path");
    if (path.empty()) path = "/";
    json::object tags;
    for (const auto& [key, value] : tag_list(form))
        tags[key] = value;
    const json::object made{
        {"name", name},
        {"path", path},
        {"id", "AROA" + world_.random_text(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")},
        {"arn", fmt::format("arn:aws:iam::{}:role{}{}", account, path, name)},
        {"trust", trust},
        {"created", to_iso8601(world_.now())},
        {"trusted_at", world_.now_ms()},
        {"max_session", number_field(form, "MaxSessionDuration", 3600, 43200)},
        {"description", field(form, "Description")},
        {"tags", tags},
        {"attached", json::array()},
        {"inline", json::object()},
    };
    store(made);
    return "<Role>" + describe(made) + "</Role>";
}

std::string Iam::delete_role(const Fields& form) {
    const auto found = required(form);
    if (!found.at("attached").as_array().empty())
        throw ApiError(409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    if (!found.at("inline").as_object().empty())
        throw ApiError(409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
    world_.state().erase(collection, string_or(found, "name"));
    return {};
}

std::string Iam::list_roles(const Fields& form) const {
    const std::string prefix = field(form, "PathPrefix");
    const std::string marker = field(form, "Marker");
    const std::size_t limit = world_.page(page_size(form));
    std::string members, last;
    std::size_t count = 0;
    for (const auto& name : world_.state().keys(collection)) {
        if (name <= marker) continue;
        const auto found = *role(name);
        if (!string_or(found, "path").starts_with(prefix)) continue;
        if (count++ == limit)
            return "<Roles>" + members + "</Roles><IsTruncated>true</IsTruncated>" + element("Marker", last);
        members += "<member>" + describe(found) + "</member>";
        last = name;
    }
    return "<Roles>" + members + "</Roles><IsTruncated>false</IsTruncated>";
}

std::string Iam::update_role(const Fields& form) {
    auto found = required(form);
    if (const auto trust = field(form, "PolicyDocument"); !trust.empty()) {
        policy_document(trust);
        found["trust"] = trust;
        found["trusted_at"] = world_.now_ms();
    }
    if (const auto description = field(form, "Description"); !description.empty())
        found["description"] = description;
    store(found);
    return {};
}

std::string Iam::role_policy(const std::string& action, const Fields& form) {
    auto found = required(form);
    auto& policies = found["inline"].as_object();
    if (action == "ListRolePolicies") {
        std::string names;
        for (const auto& policy : policies)
            names += element("member", std::string_view(policy.key()));
        return "<PolicyNames>" + names + "</PolicyNames><IsTruncated>false</IsTruncated>";
    }
    const std::string name = required_field(form, "PolicyName");
    if (action == "PutRolePolicy") {
        const auto document = required_field(form, "PolicyDocument");
        policy_document(document);
        policies[name] = document;
        store(found);
        return {};
    }
    if (!policies.contains(name))
        no_such_entity(fmt::format("The role policy with name {} cannot be found.", name));
    if (action == "DeleteRolePolicy") {
        policies.erase(name);
        store(found);
        return {};
    }
    return element("RoleName", string_or(found, "name")) + element("PolicyName", name) +
           element("PolicyDocument", percent_encode(std::string_view(policies.at(name).as_string())));
}

std::string Iam::attached_policy(const std::string& action, const Fields& form) {
    auto found = required(form);
    auto& attached = found["attached"].as_array();
    if (action == "ListAttachedRolePolicies") {
        std::string members;
        for (const auto& policy : attached) {
            const std::string_view arn = policy.as_string();
            members += "<member>" + element("PolicyName", arn.substr(arn.rfind('/') + 1)) +
                       element("PolicyArn", arn) + "</member>";
        }
        return "<AttachedPolicies>" + members + "</AttachedPolicies><IsTruncated>false</IsTruncated>";
    }
    const std::string arn = required_field(form, "PolicyArn");
    json::array::iterator at = attached.begin();
    while (at != attached.end() && at->as_string() != arn)
        ++at;
    if (action == "DetachRolePolicy") {
        if (at == attached.end()) no_such_entity(fmt::format("Policy {} was not found.", arn));
        attached.erase(at);
        store(found);
        return {};
    }
    // Only the managed policies of AWS exist here; nobody can create others.
    if (!arn.starts_with("arn:aws:iam::aws:policy/"))
        no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
    if (at == attached.end()) attached.emplace_back(json::string(arn));
    store(found);
    return {};
}

std::string Iam::tags(const std::string& action, const Fields& form) {
    auto found = required(form);
    auto& tags = found["tags"].as_object();
    if (action == "ListRoleTags")
        return "<Tags>" + tag_elements(found) + "</Tags><IsTruncated>false</IsTruncated>";
    if (action == "TagRole")
        for (const auto& [key, value] : tag_list(form))
            tags[key] = value;
    else
        for (int i = 1; !field(form, fmt::format("TagKeys.member.{}", i)).empty(); ++i)
            tags.erase(field(form, fmt::format("TagKeys.member.{}", i)));
    store(found);
    return {};
}

ServerResponse Iam::handle(const Call& call) {
    const Fields form = parse_fields(call.body, true);
    const std::string& action = call.operation;
    std::string result;
    if (action == "CreateRole")
        result = create_role(form);
    else if (action == "GetRole")
        result = "<Role>" + describe(required(form)) + "</Role>";
    else if (action == "DeleteRole")
        result = delete_role(form);
    else if (action == "ListRoles")
        result = list_roles(form);
    else if (action == "UpdateRole" || action == "UpdateAssumeRolePolicy")
        result = update_role(form);
    else if (action == "PutRolePolicy" || action == "GetRolePolicy" || action == "DeleteRolePolicy" ||
             action == "ListRolePolicies")
        result = role_policy(action, form);
    else if (action == "AttachRolePolicy" || action == "DetachRolePolicy" ||
             action == "ListAttachedRolePolicies")
        result = attached_policy(action, form);
    else if (action == "TagRole" || action == "UntagRole" || action == "ListRoleTags")
        result = tags(action, form);
    else if (action == "ListInstanceProfilesForRole")
        result = (required(form), "<InstanceProfiles/><IsTruncated>false</IsTruncated>");
    else
        throw ApiError(
            400, "InvalidAction",
            fmt::format("Could not find operation {} for version 2010-05-08", field(form, "Action")));
    // Operations without output have no result element.
    if (!result.empty()) result = fmt::format("<{0}Result>{1}</{0}Result>", action, result);
    return xml_answer(200, fmt::format("<{0}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">{1}"
                                       "<ResponseMetadata>{2}</ResponseMetadata></{0}Response>",
                                       action, result, element("RequestId", call.request_id)));
}

} // namespace pyfops::aws_emulator

// SPDX-License-Identifier: Apache-2.0
#include "iam.hpp"

#include "pyfops/sdk/rest.hpp"
#include "pyfops/sdk/xml.hpp"

namespace pyfops::aws::iam {
namespace {

ApiCall call(std::string operation, sdk::Fields fields) {
    ApiCall one;
    one.service = "iam";
    one.operation = operation;
    one.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    sdk::Fields all{{"Action", std::move(operation)}, {"Version", "2010-05-08"}};
    all.insert(all.end(), fields.begin(), fields.end());
    one.body = sdk::form_encode(all);
    one.rate = "iam";
    return one;
}

constexpr const char* trust_policy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";

} // namespace

ApiCall get_role(const std::string& name) {
    return call("GetRole", {{"RoleName", name}});
}

ApiCall create_role(const std::string& name, const std::map<std::string, std::string>& tags) {
    sdk::Fields fields{{"RoleName", name},
                       {"AssumeRolePolicyDocument", trust_policy},
                       {"Description", "Made by pyfOps for the functions of a project"}};
    int index = 0;
    for (const auto& [key, value] : tags) {
        const std::string tag = "Tags.member." + std::to_string(++index);
        fields.emplace_back(tag + ".Key", key);
        fields.emplace_back(tag + ".Value", value);
    }
    return call("CreateRole", std::move(fields));
}

ApiCall attach_policy(const std::string& role, const std::string& policy_arn) {
    return call("AttachRolePolicy", {{"RoleName", role}, {"PolicyArn", policy_arn}});
}

ApiCall detach_policy(const std::string& role, const std::string& policy_arn) {
    return call("DetachRolePolicy", {{"RoleName", role}, {"PolicyArn", policy_arn}});
}

ApiCall list_attached_policies(const std::string& role) {
    return call("ListAttachedRolePolicies", {{"RoleName", role}});
}

ApiCall delete_role(const std::string& name) {
    return call("DeleteRole", {{"RoleName", name}});
}

std::string basic_execution_policy(std::string_view partition) {
    return "arn:" + std::string(partition) + ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
}

Role read_role(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of IAM");
    Role role;
    const std::string result = root.name == "CreateRoleResponse" ? "CreateRoleResult" : "GetRoleResult";
    const sdk::XmlElement* outer = root.child(result);
    const sdk::XmlElement* inner = outer ? outer->child("Role") : nullptr;
    if (!inner) return role;
    role.arn = inner->at("Arn");
    if (const sdk::XmlElement* tags = inner->child("Tags"))
        for (const sdk::XmlElement* tag : tags->all("member"))
            role.tags[tag->at("Key")] = tag->at("Value");
    return role;
}

std::vector<std::string> read_attached_policies(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of IAM");
    std::vector<std::string> arns;
    const sdk::XmlElement* result = root.child("ListAttachedRolePoliciesResult");
    const sdk::XmlElement* policies = result ? result->child("AttachedPolicies") : nullptr;
    if (policies)
        for (const sdk::XmlElement* one : policies->all("member"))
            arns.push_back(one->at("PolicyArn"));
    return arns;
}

} // namespace pyfops::aws::iam

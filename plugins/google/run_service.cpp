// SPDX-License-Identifier: Apache-2.0
#include "run_service.hpp"

#include <boost/json.hpp>

namespace pyfops::google::run_service {
namespace {

constexpr std::string_view role = "roles/run.invoker";
constexpr std::string_view everybody = "allUsers";

ApiCall call(std::string operation, std::string method, std::string target) {
    ApiCall one;
    one.service = "run";
    one.operation = std::move(operation);
    one.method = std::move(method);
    one.target = "/v2/" + std::move(target);
    return one;
}

/// A binding with a condition is another one of the same role.
bool is_plain_invoker(const json::value& binding) {
    return string_or(binding, "role") == role && !find(binding, "condition");
}

json::array members_of(const json::value& binding) {
    const json::value* members = find(binding, "members");
    return members && members->is_array() ? members->as_array() : json::array();
}

bool names_everybody(const json::value& binding) {
    for (const json::value& member : members_of(binding))
        if (member.is_string() && std::string_view(member.as_string()) == everybody) return true;
    return false;
}

json::array bindings_of(const json::object& policy) {
    const json::value* bindings = policy.if_contains("bindings");
    return bindings && bindings->is_array() ? bindings->as_array() : json::array();
}

} // namespace

ApiCall get_policy(const std::string& service) {
    return call("GetIamPolicy", "GET", service + ":getIamPolicy?options.requestedPolicyVersion=3");
}

ApiCall set_policy(const std::string& service, const json::object& policy) {
    ApiCall one = call("SetIamPolicy", "POST", service + ":setIamPolicy");
    one.headers.set("Content-Type", "application/json");
    one.body = json::serialize(json::object{{"policy", policy}});
    return one;
}

bool is_public(const json::object& policy) {
    for (const json::value& binding : bindings_of(policy))
        if (is_plain_invoker(binding) && names_everybody(binding)) return true;
    return false;
}

json::object with_public(json::object policy, bool open) {
    json::array bindings;
    bool placed = !open;
    for (json::value binding : bindings_of(policy)) {
        if (is_plain_invoker(binding)) {
            json::array members;
            for (const json::value& member : members_of(binding))
                if (!member.is_string() || std::string_view(member.as_string()) != everybody)
                    members.push_back(member);
            if (!placed) members.emplace_back(json::string(everybody));
            placed = true;
            if (members.empty()) continue;
            binding.as_object()["members"] = std::move(members);
        }
        bindings.push_back(std::move(binding));
    }
    if (!placed) bindings.push_back(json::object{{"role", role}, {"members", json::array{everybody}}});
    policy["bindings"] = std::move(bindings);
    policy["version"] = 3;
    return policy;
}

} // namespace pyfops::google::run_service

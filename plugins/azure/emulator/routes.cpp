// SPDX-License-Identifier: Apache-2.0
#include "routes.hpp"

#include "pyfops/text.hpp"

#include <array>
#include <span>

namespace pyfops::azure_emulator {
namespace {

struct Route {
    std::string_view method;
    std::string_view pattern; ///< below the subscription; names of segments in any case of letters
    std::string_view operation;
};

#define PYFOPS_SITES "resourcegroups/{group}/providers/microsoft.web/sites/{name}"
#define PYFOPS_PLANS "resourcegroups/{group}/providers/microsoft.web/serverfarms"
#define PYFOPS_ACCOUNTS "resourcegroups/{group}/providers/microsoft.storage/storageaccounts"

constexpr Route manager_routes[] = {
    {"GET", "providers/{provider}", "resources:GetProvider"},
    {"POST", "providers/{provider}/register", "resources:RegisterProvider"},
    {"GET", "resourcegroups", "resources:ListGroups"},
    {"GET", "resourcegroups/{group}", "resources:GetGroup"},
    {"HEAD", "resourcegroups/{group}", "resources:CheckGroup"},
    {"PUT", "resourcegroups/{group}", "resources:PutGroup"},
    {"DELETE", "resourcegroups/{group}", "resources:DeleteGroup"},
    {"GET", "resourcegroups/{group}/resources", "resources:ListResources"},
    {"GET", "operationresults/{operation}", "resources:GetOperation"},
    {"GET", "providers/microsoft.storage/storageaccounts", "storage:ListAccounts"},
    {"POST", "providers/microsoft.storage/checknameavailability", "storage:CheckName"},
    {"GET", "providers/microsoft.storage/locations/{region}/asyncoperations/{operation}",
     "storage:GetOperation"},
    {"GET", PYFOPS_ACCOUNTS, "storage:ListAccounts"},
    {"GET", PYFOPS_ACCOUNTS "/{name}", "storage:GetAccount"},
    {"PUT", PYFOPS_ACCOUNTS "/{name}", "storage:PutAccount"},
    {"DELETE", PYFOPS_ACCOUNTS "/{name}", "storage:DeleteAccount"},
    {"POST", PYFOPS_ACCOUNTS "/{name}/listkeys", "storage:ListKeys"},
    {"GET", PYFOPS_ACCOUNTS "/{name}/blobservices/default/containers", "storage:ListContainers"},
    {"GET", PYFOPS_ACCOUNTS "/{name}/blobservices/default/containers/{container}", "storage:GetContainer"},
    {"PUT", PYFOPS_ACCOUNTS "/{name}/blobservices/default/containers/{container}", "storage:PutContainer"},
    {"DELETE", PYFOPS_ACCOUNTS "/{name}/blobservices/default/containers/{container}",
     "storage:DeleteContainer"},
    {"GET", "providers/microsoft.web/serverfarms", "web:ListPlans"},
    {"GET", PYFOPS_PLANS, "web:ListPlans"},
    {"GET", PYFOPS_PLANS "/{name}", "web:GetPlan"},
    {"PUT", PYFOPS_PLANS "/{name}", "web:PutPlan"},
    {"DELETE", PYFOPS_PLANS "/{name}", "web:DeletePlan"},
    {"POST", "providers/microsoft.web/checknameavailability", "web:CheckName"},
    {"GET", "providers/microsoft.web/sites", "web:ListSites"},
    {"GET", "providers/microsoft.web/sites/{name}/operationresults/{operation}", "web:GetOperation"},
    {"GET", "resourcegroups/{group}/providers/microsoft.web/sites", "web:ListSites"},
    {"GET", PYFOPS_SITES, "web:GetSite"},
    {"PUT", PYFOPS_SITES, "web:PutSite"},
    {"PATCH", PYFOPS_SITES, "web:PatchSite"},
    {"DELETE", PYFOPS_SITES, "web:DeleteSite"},
    {"PUT", PYFOPS_SITES "/providers/microsoft.resources/tags/default", "resources:PutTags"},
    {"GET", PYFOPS_SITES "/providers/microsoft.resources/tags/default", "resources:GetTags"},
    {"POST", PYFOPS_SITES "/config/appsettings/list", "web:ListSettings"},
    {"PUT", PYFOPS_SITES "/config/appsettings", "web:PutSettings"},
    {"GET", PYFOPS_SITES "/config/web", "web:GetConfiguration"},
    {"POST", PYFOPS_SITES "/host/default/listkeys", "web:ListHostKeys"},
    {"POST", PYFOPS_SITES "/host/default/sync", "web:SyncTriggers"},
    {"POST", PYFOPS_SITES "/syncfunctiontriggers", "web:SyncTriggers"},
    {"GET", PYFOPS_SITES "/functions", "web:ListFunctions"},
    {"GET", PYFOPS_SITES "/functions/{function}", "web:GetFunction"},
    {"POST", PYFOPS_SITES "/functions/{function}/listkeys", "web:ListFunctionKeys"},
    {"POST", PYFOPS_SITES "/start", "web:StartSite"},
    {"POST", PYFOPS_SITES "/stop", "web:StopSite"},
    {"POST", PYFOPS_SITES "/restart", "web:RestartSite"},
    {"PUT", PYFOPS_SITES "/extensions/onedeploy", "web:OneDeploy"},
    {"GET", PYFOPS_SITES "/extensions/onedeploy", "web:GetOneDeploy"},
    {"GET", PYFOPS_SITES "/deploymentstatus", "web:ListDeploymentStatus"},
    {"GET", PYFOPS_SITES "/deploymentstatus/{deployment}", "web:GetDeploymentStatus"},
};
#undef PYFOPS_SITES
#undef PYFOPS_PLANS
#undef PYFOPS_ACCOUNTS

constexpr Route scm_routes[] = {
    {"POST", "api/publish", "scm:Publish"},
    {"GET", "api/deployments", "scm:ListDeployments"},
    {"GET", "api/deployments/{deployment}", "scm:GetDeployment"},
    {"GET", "api/deployments/{deployment}/log", "scm:GetDeploymentLog"},
    {"GET", "api/deployments/{deployment}/log/{entry}", "scm:GetDeploymentLogDetails"},
};

constexpr Route entra_routes[] = {
    {"POST", "{tenant}/oauth2/v2.0/token", "entra:GetToken"},
    {"GET", "{tenant}/v2.0/.well-known/openid-configuration", "entra:GetConfiguration"},
    {"GET", "{tenant}/discovery/v2.0/keys", "entra:GetKeys"},
    {"GET", "common/discovery/instance", "entra:GetInstance"},
};

bool fits(std::string_view pattern, std::span<const std::string> segments,
          std::map<std::string, std::string>& labels) {
    const auto parts = split(pattern, '/');
    if (parts.size() != segments.size()) return false;
    std::map<std::string, std::string> found;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].starts_with('{'))
            found[std::string(parts[i].substr(1, parts[i].size() - 2))] = segments[i];
        else if (parts[i] != lower_case(segments[i]))
            return false;
    }
    labels = std::move(found);
    return true;
}

std::string find(std::span<const Route> routes, std::span<const std::string> segments, Call& call) {
    for (const Route& candidate : routes)
        if (call.method == candidate.method && fits(candidate.pattern, segments, call.labels))
            return std::string(candidate.operation);
    return {};
}

std::string manager_route(Call& call) {
    const auto& segments = call.segments;
    if (segments.empty() || lower_case(segments[0]) != "subscriptions") return {};
    if (segments.size() == 1) return call.method == "GET" ? "resources:ListSubscriptions" : "";
    if (segments.size() == 2) {
        call.labels["subscription"] = segments[1];
        return call.method == "GET" ? "resources:GetSubscription" : "";
    }
    std::string operation = find(manager_routes, std::span(segments).subspan(2), call);
    call.labels["subscription"] = segments[1];
    return operation;
}

} // namespace

std::string route(Call& call) {
    switch (call.service) {
    case Service::manager:
        return manager_route(call);
    case Service::scm:
        return find(scm_routes, call.segments, call);
    case Service::entra:
        return find(entra_routes, call.segments, call);
    case Service::app:
        return call.path.starts_with("/admin/") ? "azure:Admin" : "azure:Invoke";
    case Service::insights:
        return call.method == "POST" && call.path.ends_with("/query") ? "insights:Query" : "";
    case Service::blob:
        return call.method == "PUT"      ? "blob:PutBlob"
               : call.method == "GET"    ? "blob:GetBlob"
               : call.method == "DELETE" ? "blob:DeleteBlob"
                                         : "";
    case Service::none:
        break;
    }
    return {};
}

} // namespace pyfops::azure_emulator

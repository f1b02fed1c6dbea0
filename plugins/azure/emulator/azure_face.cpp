// SPDX-License-Identifier: Apache-2.0
#include "azure_face.hpp"

#include "authority.hpp"
#include "routes.hpp"
#include "sites.hpp"

#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/version.hpp"

#include <fmt/format.h>

namespace pyfops::azure_emulator {

struct AzureFace::Services {
    explicit Services(EmulatorHost& host)
        : world(host),
          authority(world),
          resources(world),
          storage(world, resources),
          logs(world),
          sites(world, resources, storage, logs) {}
    World world;
    Authority authority;
    Resources resources;
    Storage storage;
    Logs logs;
    Sites sites;
};

AzureFace::AzureFace() = default;

AzureFace::~AzureFace() {
    try {
        if (services_) services_->logs.flush();
    } catch (const std::exception&) { // the last half second of logs; nobody is left to be told
    }
}

void AzureFace::start(EmulatorHost& host) {
    services_ = std::make_unique<Services>(host);
}

bool AzureFace::accepts(const ServerRequest& request) const {
    return service_of(request) != Service::none;
}

std::string AzureFace::operation(const ServerRequest& request) const {
    try {
        Call call = make_call(services_->world, request);
        return route(call);
    } catch (const std::exception&) {
        return {};
    }
}

ServerResponse AzureFace::failure(const ServerRequest& request, int status, std::string_view code) const {
    ApiError error(status, std::string(code), {});
    Call call;
    try {
        call = make_call(services_->world, request);
        call.operation = route(call);
    } catch (const std::exception&) { // the form of the manager will do
    }
    if (error.code.empty()) {
        error.code = status == 429   ? "TooManyRequests"
                     : status == 409 ? "AnotherOperationInProgress"
                     : status == 503 ? "ServiceUnavailable"
                     : status == 403 ? "AuthorizationFailed"
                     : status == 401 ? "InvalidAuthenticationToken"
                     : status >= 500 ? "InternalServerError"
                                     : "BadRequest";
        if (call.service == Service::entra)
            error.code = status == 403   ? "access_denied"
                         : status == 401 ? "invalid_client"
                         : status == 400 ? "invalid_request"
                                         : "temporarily_unavailable";
    }
    if (status == 409) error.message = "Another operation is in progress (a fault that was asked for).";
    if (status == 403 && call.service != Service::entra)
        error.message =
            "The client '" + std::string(client_id) + "' with object id '" + client_id +
            "' does not have authorization to perform action 'Microsoft.Web/sites/write' over scope "
            "'/subscriptions/" +
            subscription_id + "'.";
    return error_answer(call, error, services_->world);
}

std::vector<std::string> AzureFace::domains() const {
    return {login_host, manager_host, insights_host, "azurewebsites.net", "core.windows.net"};
}

std::map<std::string, std::string> AzureFace::environment() const {
    const std::string& url = services_->world.host().base_url;
    return {
        {"AZURE_TENANT_ID", tenant_id},
        {"AZURE_CLIENT_ID", client_id},
        {"AZURE_CLIENT_SECRET", services_->authority.client_secret().expose()},
        {"AZURE_SUBSCRIPTION_ID", subscription_id},
        {"AZURE_AUTHORITY_HOST", fmt::format("{}/{}", url, login_host)},
        {"AZURE_RESOURCE_MANAGER_ENDPOINT", fmt::format("{}/{}", url, manager_host)},
        {"AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"},
        {"APPLICATIONINSIGHTS_CONNECTION_STRING",
         fmt::format("InstrumentationKey={};ApplicationId={}", insights_id, insights_id)},
    };
}

std::string AzureFace::client_settings() const {
    const std::string& url = services_->world.host().base_url_tls;
    if (url.empty()) return "Azure's clients want https, which this local cloud does not serve.";
    return fmt::format(
        "Azure's clients want https; trust the certificate authority of the local cloud, and say in code:\n"
        "  ClientSecretCredential(..., authority=\"{0}\", disable_instance_discovery=True)\n"
        "  WebSiteManagementClient(credential, \"{1}\", base_url=\"{0}/{2}\",\n"
        "      credential_scopes=[\"https://{2}/.default\"])",
        url, subscription_id, manager_host);
}

ServerResponse AzureFace::answer(const Call& call) {
    Services& services = *services_;
    if (call.operation.empty())
        throw ApiError(404, "NotFound", fmt::format("The local cloud has no {} {}", call.method, call.path));
    switch (call.service) {
    case Service::entra:
        return services.authority.handle(call);
    case Service::blob:
        return services.storage.handle_blob(call);
    case Service::insights:
        services.authority.require(call, fmt::format("https://{}", insights_host));
        return services.logs.handle(call);
    case Service::scm:
        services.authority.require(call, fmt::format("https://{}", manager_host));
        return services.sites.handle_scm(call);
    default:
        break;
    }
    services.authority.require(call, fmt::format("https://{}", manager_host));
    if (!call.parameter("api-version"))
        throw ApiError(400, "MissingApiVersionParameter",
                       "The api-version query parameter (?api-version=) is required for all requests.");
    if (call.operation.starts_with("storage:")) return services.storage.handle(call);
    if (call.operation.starts_with("web:") || call.operation.ends_with("Tags"))
        return services.sites.handle(call);
    return services.resources.handle(call);
}

Task<ServerResponse> AzureFace::handle(ServerRequest request) {
    World& world = services_->world;
    const std::string resource = request.target.substr(0, request.target.find('?'));
    ServerResponse response;
    std::optional<ApiError> refused;
    Call call;
    try {
        call = make_call(world, request);
        call.operation = route(call);
        if (call.service == Service::app) {
            auto running = services_->sites.invoke(std::move(request), call);
            response = co_await std::move(running);
        } else {
            response = answer(call);
        }
    } catch (const ApiError& error) {
        refused = error;
    } catch (const Error& error) {
        refused = ApiError(500, "InternalServerError", error.what());
        world.host().log.warning(fmt::format("{}: {}", resource, error.what()));
    }
    if (refused) response = error_answer(call, *refused, world);
    if (call.service == Service::manager) {
        response.headers.set("x-ms-request-id", world.uuid());
        response.headers.set("x-ms-correlation-request-id", world.uuid());
    }
    // The clock that tokens are checked against, so that clients can correct theirs.
    response.headers.set("Date", to_http_date(world.now()));
    co_return response;
}

} // namespace pyfops::azure_emulator

PYFOPS_EMULATOR_FACE(pyfops::azure_emulator::AzureFace, "azure", PYFOPS_VERSION)

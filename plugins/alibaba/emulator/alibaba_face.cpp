// SPDX-License-Identifier: Apache-2.0
#include "alibaba_face.hpp"

#include "authentication.hpp"
#include "fc.hpp"
#include "regions.hpp"
#include "sts.hpp"

#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/version.hpp"

#include <fmt/format.h>

namespace pyfops::alibaba_emulator {

namespace {

std::string usual_code(Service service, int status) {
    const bool oss = service == Service::oss;
    if (status == 429) return oss ? "TooManyRequests" : "Throttling.User";
    if (status == 403) return "AccessDenied";
    if (status == 409) return oss ? "OperationAborted" : "ConcurrentUpdateError";
    if (status == 503) return oss ? "ServiceUnavailable" : "ResourceExhausted";
    if (status >= 500) return oss ? "InternalError" : "InternalServerError";
    return "InvalidArgument";
}

/// Code that runs here is not trusted with other functions' settings and secrets.
void refuse_function(const Call& call, const AccessKey& key) {
    if (key.of_function && call.operation != "InvokeFunction" && call.operation != "GetCallerIdentity")
        throw ApiError(403, "AccessDenied",
                       fmt::format("{} is not authorized to do {}:{}", key.principal, name_of(call.service),
                                   call.operation));
}

} // namespace

struct AlibabaFace::Services {
    explicit Services(EmulatorHost& host)
        : world(host),
          keys(world),
          authentication(world, keys),
          oss(world),
          logs(world),
          sts(world, keys),
          fc(world, keys, oss, logs) {}
    World world;
    Keys keys;
    Authentication authentication;
    Oss oss;
    Logs logs;
    Sts sts;
    FunctionCompute fc;

    std::string region() const { return world.setting_text("alibaba.region", "cn-hangzhou"); }
};

AlibabaFace::AlibabaFace() = default;
AlibabaFace::~AlibabaFace() = default;

void AlibabaFace::start(EmulatorHost& host) {
    services_ = std::make_unique<Services>(host);
}

bool AlibabaFace::accepts(const ServerRequest& request) const {
    return service_of(request) != Service::none;
}

std::string AlibabaFace::operation(const ServerRequest& request) const {
    try {
        const Call call = make_call(request, services_->region());
        return call.operation.empty() ? std::string()
                                      : std::string(name_of(call.service)) + ":" + call.operation;
    } catch (const Error&) {
        return {};
    }
}

ServerResponse AlibabaFace::failure(const ServerRequest& request, int status, std::string_view code) const {
    const Service service = service_of(request);
    const ApiError error(status, code.empty() ? usual_code(service, status) : std::string(code),
                         status == 429 ? "Request was denied due to user flow control."
                                       : "A fault that was asked for");
    const std::string id = services_->world.uuid();
    auto answer = error_answer(service, error, id);
    answer.headers.set("x-fc-request-id", id);
    return answer;
}

std::vector<std::string> AlibabaFace::domains() const {
    return {"aliyuncs.com", "fcapp.run"};
}

std::map<std::string, std::string> AlibabaFace::environment() const {
    const auto key = services_->keys.client();
    const std::string& url = services_->world.host().base_url;
    return {{"ALIBABA_CLOUD_ACCESS_KEY_ID", key.id},
            {"ALIBABA_CLOUD_ACCESS_KEY_SECRET", key.secret.expose()},
            {"ALIBABA_CLOUD_SECURITY_TOKEN", key.token},
            {"ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"},
            {"ALIBABA_CLOUD_STS_ENDPOINT", url},
            {"ALIBABA_CLOUD_OSS_ENDPOINT", url},
            {"ALIBABA_CLOUD_SLS_ENDPOINT", url},
            {"FC_CLIENT_CUSTOM_ENDPOINT", url},
            {"PYFOPS_ALIBABA_LOG_PROJECT", std::string(log_project)},
            {"PYFOPS_ALIBABA_LOG_STORE", std::string(log_store)}};
}

std::string AlibabaFace::client_settings() const {
    const std::string host = services_->world.host().base_url.substr(std::string_view("http://").size());
    return fmt::format(
        "The SDKs read the keys; tell them the address: Config(endpoint='{}', protocol='HTTP').\n"
        "Requests that name no region (by host name or x-acs-region-id) are for {}.",
        host, services_->region());
}

Task<ServerResponse> AlibabaFace::answer(ServerRequest request, Call& call) {
    Services& services = *services_;
    if (call.service == Service::code) co_return services.fc.download(call);
    services.authentication.check(request, call);
    if (call.service == Service::trigger) {
        auto running = services.fc.call_trigger(std::move(request), std::move(call));
        ServerResponse response = co_await std::move(running);
        co_return response;
    }
    const bool open = call.service == Service::sts && call.operation == "AssumeRoleWithOIDC";
    if (call.key_id.empty() && !open)
        throw ApiError(call.service == Service::oss ? 403 : 400,
                       call.service == Service::oss ? "AccessDenied" : "MissingRequiredHeader",
                       "required HTTP header Authorization was not specified");
    if (!open) refuse_function(call, *services.keys.find(call.key_id));
    if (call.service == Service::fc && !is_region(call.region))
        throw ApiError(404, "InvalidRegionId", fmt::format("there is no region '{}'", call.region));
    if (call.service == Service::fc && call.operation == "InvokeFunction") {
        auto running = services.fc.invoke(std::move(call));
        ServerResponse response = co_await std::move(running);
        co_return response;
    }
    if (call.service == Service::fc) co_return services.fc.handle(call);
    if (call.service == Service::oss) co_return services.oss.handle(call);
    if (call.service == Service::log) co_return services.logs.handle(call);
    co_return services.sts.handle(call);
}

Task<ServerResponse> AlibabaFace::handle(ServerRequest request) {
    World& world = services_->world;
    const Service service = service_of(request);
    const std::string request_id = "1-" + world.uuid();
    const std::string path = request.target.substr(0, request.target.find('?'));
    ServerResponse response;
    std::optional<ApiError> refused;
    Call call;
    try {
        call = make_call(request, services_->region());
        call.request_id = request_id;
        auto running = answer(std::move(request), call);
        response = co_await std::move(running);
    } catch (const ApiError& error) {
        refused = error;
    } catch (const Error& error) {
        // What this machine cannot run (no interpreter, a wheel for another one) is not worth a retry.
        refused = error.kind() == ErrorKind::invalid_input || error.kind() == ErrorKind::not_found
                      ? ApiError(400, "InvalidArgument", error.what())
                      : ApiError(500, "InternalServerError", error.what());
        world.host().log.warning(fmt::format("{}: {}", path, error.what()));
    }
    if (refused) response = error_answer(service, *refused, request_id);
    if (refused && refused->status == 429) response.headers.set("x-acs-retry-after", "200");
    response.headers.set("x-fc-request-id", request_id);
    if (service == Service::oss) response.headers.set("x-oss-request-id", request_id);
    // The clock that signatures are checked against, so that clients can correct theirs.
    response.headers.set("Date", to_http_date(world.now()));
    co_return response;
}

} // namespace pyfops::alibaba_emulator

PYFOPS_EMULATOR_FACE(pyfops::alibaba_emulator::AlibabaFace, "alibaba", PYFOPS_VERSION)

// SPDX-License-Identifier: Apache-2.0
#include "google_face.hpp"

#include "functions.hpp"
#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/version.hpp"

#include <fmt/format.h>

namespace pyfops::google_emulator {

struct GoogleFace::Services {
    explicit Services(EmulatorHost& host)
        : world(host),
          keys(world),
          tokens(world, keys),
          uploads(world, keys),
          logs(world),
          functions(world, uploads, tokens, logs) {}
    World world;
    Keys keys;
    Tokens tokens;
    Uploads uploads;
    Logs logs;
    Functions functions;
};

GoogleFace::GoogleFace() = default;

GoogleFace::~GoogleFace() {
    try {
        if (services_) services_->logs.flush();
    } catch (const std::exception&) { // the last half second of logs; nobody is left to be told
    }
}

void GoogleFace::start(EmulatorHost& host) {
    services_ = std::make_unique<Services>(host);
}

bool GoogleFace::accepts(const ServerRequest& request) const {
    return route(request).has_value();
}

std::string GoogleFace::operation(const ServerRequest& request) const {
    const auto call = route(request);
    if (!call || call->operation.empty()) return {};
    return call->service == "function" ? "run:Invoke" : call->qualified();
}

ServerResponse GoogleFace::failure(const ServerRequest& request, int status, std::string_view code) const {
    const auto call = route(request);
    const Form form = call ? call->form() : Form::api;
    ApiError error(status, std::string(code), "A failure that was asked for");
    if (form == Form::page && code.empty()) error.code = "Server Error";
    if (form == Form::oauth && code.empty())
        error.code = status >= 500   ? "internal_failure"
                     : status == 429 ? "rate_limit_exceeded"
                     : status == 403 ? "access_denied"
                     : status == 401 ? "invalid_client"
                                     : "invalid_grant";
    if (form == Form::storage && code.empty())
        error.code = status >= 500 ? "InternalError" : "InvalidArgument";
    if (form == Form::api) {
        if (code.empty()) error.code = code_name_of_status(status);
        if (status == 409)
            error.message = "An operation on the function is already in progress. Please try again later.";
        if (status == 429)
            error.details.push_back(error_info("RATE_LIMIT_EXCEEDED", "cloudfunctions.googleapis.com"));
        if (code == "SERVICE_DISABLED") {
            error.code = "PERMISSION_DENIED";
            error.message = fmt::format(
                "Cloud Functions API has not been used in project {} before or it is disabled.", project);
            error.details.push_back(error_info("SERVICE_DISABLED", "cloudfunctions.googleapis.com"));
        }
    }
    return error_answer(form, error);
}

std::vector<std::string> GoogleFace::domains() const {
    return {"googleapis.com", "cloudfunctions.net", "run.app"};
}

std::map<std::string, std::string> GoogleFace::environment() const {
    const std::string& base = services_->world.host().base_url;
    std::map<std::string, std::string> variables{
        {"GOOGLE_APPLICATION_CREDENTIALS", (services_->keys.folder() / "service-account.json").string()},
        {"GOOGLE_CLOUD_PROJECT", std::string(project)},
        {"GCLOUD_PROJECT", std::string(project)},
        {"CLOUDSDK_CORE_PROJECT", std::string(project)},
        {"NO_GCE_CHECK", "true"},
    };
    for (const auto& [name, service] :
         {std::pair{"CLOUDFUNCTIONS", "cloudfunctions"}, {"RUN", "run"}, {"LOGGING", "logging"}})
        variables[fmt::format("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", name)] =
            fmt::format("{}/{}.googleapis.com/", base, service);
    return variables;
}

std::string GoogleFace::client_settings() const {
    const std::string& base = services_->world.host().base_url;
    return fmt::format("Python: functions_v2.FunctionServiceClient(transport=\"rest\", "
                       "client_options={{\"api_endpoint\": \"{0}\"}})\n"
                       "Python: logging.Client(client_options={{\"api_endpoint\": "
                       "\"{0}/logging.googleapis.com\"}}, _use_grpc=False)\n"
                       "other credentials of this cloud: {1}",
                       base, services_->keys.folder().string());
}

Task<ServerResponse> GoogleFace::answer(ServerRequest request, Call call) {
    Services& services = *services_;
    if (call.service == "function") {
        Task<ServerResponse> running = services.functions.invoke(std::move(request), std::move(call));
        co_return co_await std::move(running);
    }
    if (call.operation.empty())
        throw ApiError(
            404, call.form() == Form::api ? "NOT_FOUND" : "not_found",
            fmt::format("The local cloud has no operation {} {} of {} (docs/providers/google.md lists "
                        "what there is)",
                        call.http.method, call.http.path, call.service));
    if (call.service == "storage") {
        const auto question = request.target.find('?');
        co_return services.uploads.put(
            call, question == std::string::npos ? std::string() : request.target.substr(question + 1));
    }
    if (call.service == "oauth2" || call.service == "sts" || call.service == "iamcredentials")
        co_return services.tokens.handle(call);
    call.principal = services.tokens.authenticate(call.http, call.service);
    if (call.service == "logging") co_return services.logs.list(call);
    if (call.project != project) {
        ApiError error(403, "PERMISSION_DENIED",
                       fmt::format("Permission denied on resource project {}.", call.project));
        error.details.push_back(error_info("CONSUMER_INVALID", call.service + ".googleapis.com"));
        throw error;
    }
    co_return services.functions.handle(call);
}

Task<ServerResponse> GoogleFace::handle(ServerRequest request) {
    World& world = services_->world;
    auto call = route(request);
    if (!call) co_return json_response(400, json::object{{"error", "this request cannot be read"}});
    const Form form = call->form();
    const std::string what = call->qualified();
    std::optional<ApiError> refused;
    ServerResponse response;
    try {
        Task<ServerResponse> answering = answer(std::move(request), std::move(*call));
        response = co_await std::move(answering);
    } catch (const ApiError& error) {
        refused = error;
    } catch (const Error& error) {
        // What this machine cannot run (no interpreter) is not worth a retry.
        const bool final_ = error.kind() == ErrorKind::invalid_input || error.kind() == ErrorKind::not_found;
        refused = final_ ? ApiError(400, "FAILED_PRECONDITION", error.what())
                         : ApiError(500, "INTERNAL", error.what());
        world.host().log.warning(fmt::format("{}: {}", what, error.what()));
    }
    if (refused) response = error_answer(form, *refused);
    // The clock that tokens are checked against, so that clients can correct theirs.
    response.headers.set("Date", to_http_date(world.now()));
    co_return response;
}

} // namespace pyfops::google_emulator

PYFOPS_EMULATOR_FACE(pyfops::google_emulator::GoogleFace, "google", PYFOPS_VERSION)

// SPDX-License-Identifier: Apache-2.0
#include "ibm_face.hpp"

#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/system.hpp"
#include "pyfops/version.hpp"

#include <fmt/format.h>

#include <regex>

namespace pyfops::ibm_emulator {
namespace {

constexpr std::string_view iam_host = "iam.cloud.ibm.com";
constexpr std::string_view api_domain = ".codeengine.cloud.ibm.com";

/// Which service a request is for: by its host, else by a path that is only IBM's. Google's API has
/// /v2/projects too, but its projects are no UUIDs.
std::optional<Api> api_of(const ServerRequest& request) {
    const AddressedHost whom = addressed_host(request);
    const std::string path = whom.target.substr(0, whom.target.find('?'));
    if (is_endpoint(whom.host)) return Api::endpoint;
    if (whom.host == iam_host) return Api::iam;
    if (whom.host.ends_with(api_domain)) return Api::code_engine;
    if (whom.host == openwhisk_host) return Api::openwhisk;
    if (!whom.prefix.empty()) return std::nullopt;
    if (path == "/identity/token") return Api::iam;
    static const std::regex code_engine(
        R"(/v2/(function_runtimes|projects(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/.*)?)?))");
    if (path.starts_with("/v2/") && std::regex_match(path, code_engine)) return Api::code_engine;
    if (path == "/api/v1/namespaces" || path.starts_with("/api/v1/namespaces/") ||
        path.starts_with("/api/v1/web/"))
        return Api::openwhisk;
    return std::nullopt;
}

/// Code Engine documents one code and no more: the others are of its style.
std::string usual_code(Api api, int status) {
    if (api == Api::iam) return status == 400 ? "BXNIM0415E" : "BXNIM0000E";
    switch (status) {
    case 401:
        return "unauthorized";
    case 403:
        return "forbidden";
    case 404:
        return "resource_not_found";
    case 409:
        return "resource_already_exists";
    case 412:
        return "precondition_failed";
    case 429:
        return "too_many_requests";
    default:
        return status < 500 ? "bad_request" : "internal_error";
    }
}

} // namespace

struct IbmFace::Services {
    explicit Services(EmulatorHost& host) : world(host), iam(world), code_engine(world), openwhisk(world) {}
    World world;
    Iam iam;
    CodeEngine code_engine;
    OpenWhisk openwhisk;
};

IbmFace::IbmFace() = default;
IbmFace::~IbmFace() = default;

void IbmFace::start(EmulatorHost& host) {
    services_ = std::make_unique<Services>(host);
}

bool IbmFace::accepts(const ServerRequest& request) const {
    return api_of(request).has_value();
}

std::string IbmFace::operation(const ServerRequest& request) const {
    try {
        const auto api = api_of(request);
        if (!api) return {};
        if (*api == Api::endpoint) return "codeengine:Invoke";
        const HttpCall call = read_call(request);
        if (*api == Api::iam) return call.path == "/identity/token" ? "iam:GetToken" : "";
        const bool openwhisk = *api == Api::openwhisk;
        const std::string name = openwhisk ? openwhisk_operation(call) : code_engine_operation(call);
        return name.empty() ? name : (openwhisk ? "openwhisk:" : "codeengine:") + name;
    } catch (const Error&) { // a broken escape: told by handle
        return {};
    }
}

ServerResponse IbmFace::failure(const ServerRequest& request, int status, std::string_view code) const {
    const Api api = api_of(request).value_or(Api::code_engine);
    std::string message = "A fault that was asked for";
    if (status == 429 && api == Api::openwhisk)
        message = "Too many requests in the last minute (count: 61, allowed: 60).";
    if (status == 412) message = "The entity tag does not match the current version.";
    return error_answer(api,
                        ApiError(status, code.empty() ? usual_code(api, status) : std::string(code), message),
                        services_->world.uuid());
}

std::vector<std::string> IbmFace::domains() const {
    return {"cloud.ibm.com", "codeengine.appdomain.cloud", std::string(openwhisk_host)};
}

std::map<std::string, std::string> IbmFace::environment() const {
    const std::string& url = services_->world.host().base_url;
    std::map<std::string, std::string> variables{
        {"CODE_ENGINE_URL", fmt::format("{}/api.{}.codeengine.cloud.ibm.com/v2", url, default_region)},
        {"CODE_ENGINE_AUTH_URL", fmt::format("{}/{}", url, iam_host)},
        {"CODE_ENGINE_AUTH_TYPE", "iam"},
        {"CODE_ENGINE_APIKEY", services_->iam.api_key()},
    };
    // A credentials file comes before all variables: the user's own must not be read in its place.
    std::string text = "# Of the local cloud; written by pyfOps.\n";
    for (const auto& [name, value] : variables)
        text += name + "=" + value + "\n";
    const std::filesystem::path file = services_->world.state().directory() / "ibm" / "ibm-credentials.env";
    write_file(file, text, 0600);
    variables["IBM_CREDENTIALS_FILE"] = std::filesystem::absolute(file).string();
    variables["__OW_API_HOST"] = fmt::format("{}/{}", url, openwhisk_host);
    variables["__OW_API_KEY"] = services_->openwhisk.key();
    return variables;
}

std::string IbmFace::client_settings() const {
    return fmt::format("wsk property set --apihost {0} --auth KEY (KEY: __OW_API_KEY)\n"
                       "Code Engine in another region: put its name into CODE_ENGINE_URL",
                       services_->world.host().base_url);
}

Task<ServerResponse> IbmFace::answer(ServerRequest request, HttpCall call, std::string trace) {
    const Api api = api_of(request).value_or(Api::code_engine);
    if (api == Api::endpoint) {
        auto running = services_->code_engine.invoke(std::move(request), std::move(call));
        ServerResponse response = co_await std::move(running);
        co_return response;
    }
    if (api == Api::openwhisk) {
        auto running = services_->openwhisk.handle(std::move(call), std::move(trace));
        ServerResponse response = co_await std::move(running);
        co_return response;
    }
    if (api == Api::iam) {
        if (call.method != "POST" || call.path != "/identity/token")
            throw ApiError(404, "BXNIM0000E", "There is no such address.");
        co_return services_->iam.token(call);
    }
    services_->iam.check(call);
    co_return services_->code_engine.handle(call);
}

Task<ServerResponse> IbmFace::handle(ServerRequest request) {
    const Api api = api_of(request).value_or(Api::code_engine);
    const std::string trace = services_->world.uuid();
    ServerResponse response;
    std::optional<ApiError> refused;
    try {
        HttpCall call = read_call(request);
        auto running = answer(std::move(request), std::move(call), trace);
        response = co_await std::move(running);
    } catch (const ApiError& error) {
        refused = error;
    } catch (const Error& error) {
        // What this machine cannot run (no interpreter) is not worth a retry.
        const bool useless = error.kind() == ErrorKind::invalid_input || error.kind() == ErrorKind::not_found;
        refused =
            ApiError(useless ? (api == Api::endpoint ? 422 : 400) : 500, "internal_error", error.what());
        services_->world.host().log.warning(error.what());
    }
    if (refused) response = error_answer(api, *refused, trace);
    response.headers.set("X-Correlation-Id", trace);
    // The clock that tokens are checked against, so that clients can correct theirs.
    response.headers.set("Date", to_http_date(services_->world.now()));
    co_return response;
}

} // namespace pyfops::ibm_emulator

PYFOPS_EMULATOR_FACE(pyfops::ibm_emulator::IbmFace, "ibm", PYFOPS_VERSION)

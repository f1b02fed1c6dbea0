// SPDX-License-Identifier: Apache-2.0
#include "aws_face.hpp"

#include "authentication.hpp"
#include "routes.hpp"

#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/version.hpp"
#include "pyfops_aws/sigv4.hpp"

#include <fmt/format.h>

#include <cctype>

namespace pyfops::aws_emulator {

namespace {

constexpr std::string_view code_host = "awslambda-";

std::string first_segment(const std::string& target) {
    const auto end = target.find_first_of("/?", 1);
    return target.size() < 2 ? std::string() : target.substr(1, end == std::string::npos ? end : end - 1);
}

/// Lambda's paths begin with the date of their API: "/2015-03-31/".
bool is_lambda_path(const std::string& target) {
    const auto segment = first_segment(target);
    return segment.size() == 10 && segment[4] == '-' && segment[7] == '-' &&
           std::isdigit(static_cast<unsigned char>(segment[0]));
}

bool is_web_identity(const ServerRequest& request) {
    return request.method == "POST" &&
           request.headers.get("Content-Type").starts_with("application/x-www-form-urlencoded") &&
           request.body.find("Action=AssumeRoleWithWebIdentity") != std::string::npos;
}

/// The service of a request that may not be authentic: for names of operations and forms of errors.
std::string claimed_service(const ServerRequest& request) {
    if (Lambda::is_url_host(first_segment(request.target))) return "lambda-url";
    if (first_segment(request.target).starts_with(code_host)) return "s3";
    try {
        const auto question = request.target.find('?');
        const auto claim = aws::read_claim(question == std::string::npos
                                               ? std::string_view()
                                               : std::string_view(request.target).substr(question + 1),
                                           request.headers);
        if (claim) return claim->scope.service;
    } catch (const Error&) { // a broken signature: told by authenticate
    }
    if (is_web_identity(request)) return "sts";
    if (request.headers.get("X-Amz-Target").starts_with("Logs_")) return "logs";
    if (is_lambda_path(request.target)) return "lambda";
    return request.headers.has("x-amz-content-sha256") ? "s3" : "";
}

} // namespace

struct AwsFace::Services {
    explicit Services(EmulatorHost& host)
        : world(host),
          keys(world),
          iam(world),
          sts(world, iam, keys),
          s3(world),
          logs(world),
          lambda(world, iam, s3, logs, keys) {}
    World world;
    Keys keys;
    Iam iam;
    Sts sts;
    S3 s3;
    Logs logs;
    Lambda lambda;
};

AwsFace::AwsFace() = default;

AwsFace::~AwsFace() {
    try {
        if (services_) services_->logs.flush();
    } catch (const std::exception&) { // the last half second of logs; nobody is left to be told
    }
}

void AwsFace::start(EmulatorHost& host) {
    services_ = std::make_unique<Services>(host);
}

bool AwsFace::accepts(const ServerRequest& request) const {
    const std::string authorization = request.headers.get("Authorization");
    if (!authorization.empty() && !authorization.starts_with("AWS4-")) return false; // another provider's
    return !claimed_service(request).empty() || !authorization.empty();
}

std::string AwsFace::operation(const ServerRequest& request) const {
    const std::string service = claimed_service(request);
    if (service == "lambda-url") return "lambda:InvokeFunctionUrl";
    try {
        Call call = make_call(request);
        const auto name = route(service, call);
        return name.empty() ? std::string() : service + ":" + name;
    } catch (const std::exception&) {
        return {};
    }
}

ServerResponse AwsFace::failure(const ServerRequest& request, int status, std::string_view code) const {
    const std::string service = claimed_service(request);
    const Protocol protocol = protocol_of(service);
    const bool json = protocol == Protocol::rest_json || protocol == Protocol::json;
    ApiError error(status, std::string(code), {});
    if (error.code.empty()) {
        if (status == 429)
            error.code = json                          ? "TooManyRequestsException"
                         : protocol == Protocol::query ? "Throttling"
                                                       : "SlowDown";
        else if (status == 409)
            error.code = json                          ? "ResourceConflictException"
                         : protocol == Protocol::query ? "ConcurrentModification"
                                                       : "OperationAborted";
        else if (status == 503)
            error.code = json ? "ServiceUnavailableException" : "ServiceUnavailable";
        else if (status == 403)
            error.code = json ? "AccessDeniedException" : "AccessDenied";
        else if (status >= 500)
            error.code = json                          ? "ServiceException"
                         : protocol == Protocol::query ? "ServiceFailure"
                                                       : "InternalError";
        else
            error.code = json ? "InvalidParameterValueException" : "InvalidRequest";
    }
    if (status == 429) {
        error.message = "Rate exceeded";
        if (protocol == Protocol::rest_json) error.members = {{"Reason", "CallerRateLimitExceeded"}};
    } else if (error.code == "ResourceConflictException") {
        std::string name = "function";
        try {
            Call call = make_call(request);
            route(service, call);
            if (call.labels.contains("FunctionName")) name = call.labels["FunctionName"];
            const auto claim = aws::read_claim({}, request.headers);
            const std::string region = claim ? claim->scope.region : std::string("us-east-1");
            if (!name.starts_with("arn:")) name = FunctionReference{name, {}, region}.arn();
        } catch (const std::exception&) { // the name alone will do
        }
        error.message =
            "The operation cannot be performed at this time. An update is in progress for resource: " + name;
    } else if (error.code == "InvalidParameterValueException") {
        error.message = "The role defined for the function cannot be assumed by Lambda.";
    } else {
        error.message =
            status >= 500 ? "Internal failure (a fault that was asked for)" : "A fault that was asked for";
    }
    auto answer = error_answer(protocol, service, error, services_->world.uuid(), request.target);
    answer.headers.set("x-amzn-RequestId", services_->world.uuid());
    return answer;
}

std::vector<std::string> AwsFace::domains() const {
    return {"amazonaws.com", "on.aws"};
}

std::map<std::string, std::string> AwsFace::environment() const {
    const auto key = services_->keys.client();
    const std::string& url = services_->world.host().base_url;
    std::map<std::string, std::string> variables{
        {"AWS_ACCESS_KEY_ID", key.id},
        {"AWS_SECRET_ACCESS_KEY", key.secret.expose()},
        {"AWS_SESSION_TOKEN", key.token},
        {"AWS_ENDPOINT_URL", url},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"},
        {"AWS_EC2_METADATA_DISABLED", "true"},
    };
    // One for each service as well: such a variable of the user's shell would win over the general one.
    for (const std::string_view service : {"LAMBDA", "S3", "IAM", "STS", "CLOUDWATCH_LOGS"})
        variables[fmt::format("AWS_ENDPOINT_URL_{}", service)] = url;
    return variables;
}

Task<ServerResponse> AwsFace::answer(ServerRequest request, Call& call) {
    Services& services = *services_;
    const bool url = call.service == "lambda-url";
    if (call.service == "s3" && !call.segments.empty() && call.segments.front().starts_with(code_host))
        co_return services.lambda.download(call);
    const std::string key_id = authenticate(services.world, services.keys, request, call);
    if (url) {
        auto running = services.lambda.call_url(std::move(request), std::move(call));
        ServerResponse response = co_await std::move(running);
        co_return response;
    }
    call.operation = route(call.service, call);
    const bool open = call.service == "sts" && call.operation == "AssumeRoleWithWebIdentity";
    if (key_id.empty() && !open) {
        if (call.service == "s3") throw ApiError(403, "AccessDenied", "Access Denied");
        throw ApiError(403,
                       protocol_of(call.service) == Protocol::query ? "MissingAuthenticationToken"
                                                                    : "MissingAuthenticationTokenException",
                       "Missing Authentication Token");
    }
    // Code that runs here is not trusted with other functions' settings and secrets, nor with the account's
    // roles; policies of roles are kept but not evaluated.
    const bool administers =
        call.service == "iam" || (call.service == "lambda" && call.operation != "Invoke");
    if (administers && services.keys.is_function(key_id))
        throw ApiError(403, call.service == "iam" ? "AccessDenied" : "AccessDeniedException",
                       "User: " + services.keys.find(key_id)->principal +
                           " is not authorized to perform: " + call.service + ":" + call.operation);
    if (call.service == "lambda" && call.operation == "Invoke") {
        auto running = services.lambda.invoke(std::move(call));
        ServerResponse response = co_await std::move(running);
        co_return response;
    }
    if (call.service == "lambda") co_return services.lambda.handle(call);
    if (call.service == "s3") {
        decode_payload(call);
        co_return services.s3.handle(call);
    }
    if (call.service == "iam") co_return services.iam.handle(call);
    if (call.service == "sts") co_return services.sts.handle(call, key_id);
    if (call.service == "logs") co_return services.logs.handle(call);
    throw ApiError(404, "UnknownService", "The local cloud has no service '" + call.service + "'");
}

Task<ServerResponse> AwsFace::handle(ServerRequest request) {
    World& world = services_->world;
    const std::string service = claimed_service(request);
    const std::string request_id = world.uuid();
    const std::string resource = request.target.substr(0, request.target.find('?'));
    const Protocol protocol = protocol_of(service);
    ServerResponse response;
    std::optional<ApiError> refused;
    Call call;
    try {
        call = make_call(request);
        call.service = service;
        call.request_id = request_id;
        auto running = answer(std::move(request), call);
        response = co_await std::move(running);
    } catch (const ApiError& error) {
        refused = error;
    } catch (const Error& error) {
        // What this machine cannot run (no interpreter, a wheel for another one) is not worth a retry.
        refused = error.kind() == ErrorKind::invalid_input || error.kind() == ErrorKind::not_found
                      ? ApiError(502, "InvalidRuntimeException", error.what())
                      : ApiError(500, "ServiceException", error.what());
        world.host().log.warning(fmt::format("{}: {}", resource, error.what()));
    }
    if (refused) response = error_answer(protocol, service, *refused, request_id, resource);
    response.headers.set("x-amzn-RequestId", request_id);
    if (service == "s3") response.headers.set("x-amz-request-id", request_id);
    // The clock that signatures are checked against, so that clients can correct theirs.
    response.headers.set("Date", to_http_date(world.now()));
    co_return response;
}

} // namespace pyfops::aws_emulator

PYFOPS_EMULATOR_FACE(pyfops::aws_emulator::AwsFace, "aws", PYFOPS_VERSION)

// SPDX-License-Identifier: Apache-2.0
#include "stages.hpp"

#include "api.hpp"
#include "pyfops_acme_embedded.hpp"

#include <pyfops/crypto.hpp>
#include <pyfops/retry.hpp>
#include <pyfops/sdk/rest.hpp>

#include <boost/json/serialize.hpp>

#include <utility>

namespace acme {

using namespace pyfops;

Endpoint endpoint(const StageContext& context) {
    const auto url = context.host.system.variable("ACME_ENDPOINT");
    const auto token = context.host.system.variable("ACME_TOKEN");
    if (!url || !token)
        throw Error(ErrorKind::unauthenticated, "Acme needs ACME_ENDPOINT and ACME_TOKEN")
            .hint("export both, or use --local");
    return {Url::parse(*url), Secret(*token)};
}

std::map<std::string, std::string> entry_files(const WrapRequest& request) {
    std::string text(acme_files::text("entry.py"));
    const auto fill = [&text](std::string_view placeholder, const std::string& value) {
        text.replace(text.find(placeholder), placeholder.size(), value);
    };
    fill("{{module}}", request.function.module);
    fill("{{callable}}", request.function.callable);
    return {{entry_file, text}};
}

namespace {

/// 404 is an answer here; everything else that is not 2xx is a failure.
Verdict judge(const HttpResponse& response) {
    if (response.status < 300 || response.status == 404) return {};
    Verdict verdict;
    verdict.retry = is_retryable_status(response.status);
    verdict.throttled = response.status == 429;
    const ErrorKind kind = verdict.throttled        ? ErrorKind::throttled
                           : verdict.retry          ? ErrorKind::unavailable
                           : response.status == 401 ? ErrorKind::unauthenticated
                           : response.status == 409 ? ErrorKind::conflict
                                                    : ErrorKind::invalid_input;
    verdict.failure = Error(kind, "Acme refused").provider(response.status, "", response.body.substr(0, 200));
    return verdict;
}

Task<HttpResponse> call(StageContext& context, std::string operation, std::string method, std::string path,
                        std::string body = {}, bool idempotent = true) {
    const Endpoint where = endpoint(context);
    sdk::RestCall rest;
    rest.operation = std::move(operation);
    rest.method = std::move(method);
    rest.url = where.url;
    rest.url.target = std::move(path);
    rest.headers.set("Content-Type", "application/json");
    rest.headers.set("Authorization", "Bearer " + where.token.expose(), true);
    rest.body = std::move(body);
    rest.idempotent = idempotent;
    auto sending = sdk::send(
        context, std::move(rest), {}, "acme", [](HttpRequest&) {}, &judge);
    co_return co_await std::move(sending);
}

Deployment deployment_from(const json::value& document, const Endpoint& where) {
    Deployment deployment;
    deployment.mark = {string_or(document, "project"), string_or(document, "fd"),
                       string_or(document, "hash")};
    deployment.identity = FdIdentity::parse(deployment.mark.fd);
    deployment.cloud_name = string_or(document, "name");
    deployment.memory_mb = static_cast<int>(integer_or(document, "memory"));
    deployment.timeout_seconds = static_cast<int>(integer_or(document, "timeout"));
    deployment.runtime = "py-3.11";
    Url link = where.url;
    link.target = function_path(deployment.identity.region, deployment.cloud_name) + "/invocations";
    deployment.link = link.str();
    return deployment;
}

} // namespace

Task<std::optional<Deployment>> AcmeDeployer::find(const FindRequest& request, StageContext& context) {
    auto getting =
        call(context, "acme:Get", "GET", function_path(request.identity.region, request.cloud_name));
    const HttpResponse response = co_await std::move(getting);
    if (response.status == 404) co_return std::nullopt;
    co_return deployment_from(sdk::json_body(response, "acme:Get"), endpoint(context));
}

Task<Deployment> AcmeDeployer::deploy(const DeployRequest& request, StageContext& context) {
    const Target& target = request.target;
    const SteadyTime start = context.host.clock.steady_now();
    // Named, because the task keeps a reference to it.
    const FindRequest wanted{target.identity, target.cloud_name, request.settings};
    auto finding = find(wanted, context);
    const std::optional<Deployment> before = co_await std::move(finding);
    if (before && before->mark.fd != request.mark.fd)
        throw Error(ErrorKind::conflict, "the name " + target.cloud_name + " is taken by something else")
            .hint("rename the function or the project");
    if (before && before->mark.content_hash == request.mark.content_hash) co_return *before;

    json::object environment;
    for (const auto& [name, value] : request.environment)
        environment[name] = value;
    for (const auto& [name, value] : request.secrets)
        environment[name] = value.expose();
    const json::object document{{"name", target.cloud_name},
                                {"memory", target.memory_mb},
                                {"timeout", target.timeout_seconds},
                                {"zip", base64(request.package.archive.view())},
                                {"environment", environment},
                                {"project", request.mark.project},
                                {"fd", request.mark.fd},
                                {"hash", request.mark.content_hash}};
    auto putting = call(context, "acme:Put", "PUT", function_path(target.identity.region, target.cloud_name),
                        json::serialize(document));
    const HttpResponse response = co_await std::move(putting);
    Deployment deployment = deployment_from(sdk::json_body(response, "acme:Put"), endpoint(context));
    deployment.action = before ? DeployAction::updated : DeployAction::created;
    deployment.times.total =
        std::chrono::duration_cast<Milliseconds>(context.host.clock.steady_now() - start);
    deployment.times.upload = deployment.times.total;
    co_return deployment;
}

Task<Deployment> AcmeDeployer::configure(const ConfigureRequest&, StageContext&) {
    throw Error(ErrorKind::invalid_input, "Acme cannot change a function's memory without its code")
        .hint("deploy again with the new size");
    co_return Deployment{};
}

Task<std::vector<Deployment>> AcmeDeployer::list(const ListRequest& request, StageContext& context) {
    auto getting = call(context, "acme:List", "GET", functions_path(request.region));
    const HttpResponse response = co_await std::move(getting);
    const json::value answer = sdk::json_body(response, "acme:List");
    std::vector<Deployment> ours;
    if (const json::value* all = pyfops::find(answer, "functions"); all && all->is_array())
        for (const json::value& document : all->get_array())
            if (string_or(document, "project") == request.project)
                ours.push_back(deployment_from(document, endpoint(context)));
    co_return ours;
}

Task<void> AcmeDeployer::remove(const RemoveRequest& request, StageContext& context) {
    auto deleting =
        call(context, "acme:Delete", "DELETE", function_path(request.identity.region, request.cloud_name));
    co_await std::move(deleting);
}

Task<void> AcmeDeployer::remove_shared(const ListRequest&, StageContext&) {
    co_return;
}

Task<std::vector<LogLine>> AcmeDeployer::logs(const LogsRequest&, StageContext&) {
    co_return std::vector<LogLine>{};
}

Task<Invocation> AcmeTester::invoke(const InvokeRequest& request, StageContext& context) {
    const SteadyTime start = context.host.clock.steady_now();
    const std::string path = Url::parse(request.deployment.link).target;
    auto posting = call(context, "acme:Invoke", "POST", path, json::serialize(request.event), false);
    const HttpResponse response = co_await std::move(posting);
    if (response.status == 404) throw Error(ErrorKind::not_found, "the function is not deployed any more");
    Invocation invocation;
    invocation.round_trip = std::chrono::duration_cast<Milliseconds>(context.host.clock.steady_now() - start);
    const json::value body = sdk::json_body(response, "acme:Invoke");
    if (response.headers.has(function_error_header))
        invocation.error = FunctionError{
            FunctionError::Cause::raised, string_or(body, "errorType"), string_or(body, "errorMessage"), {}};
    else
        invocation.output = body;
    co_return invocation;
}

} // namespace acme

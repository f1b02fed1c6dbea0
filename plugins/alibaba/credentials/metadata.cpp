// SPDX-License-Identifier: Apache-2.0
// Credentials that the machine has: of an ECS instance, and of a service that hands them out.
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/endpoint.hpp"

namespace pyfops::alibaba {
namespace {

/// One exchange with a service of the machine: near, so it answers soon or is not there.
Task<HttpResponse> ask(Search& search, HttpRequest request, Milliseconds patience) {
    request.max_response_bytes = 1u << 20;
    request.idempotent = true;
    request.secret_answer = true; // a token may be plain text
    const Deadline deadline = search.context.deadline.within(search.context.host.clock, patience);
    Task<HttpResponse> exchange = search.context.host.http.send(std::move(request), deadline);
    co_return co_await std::move(exchange);
}

HttpRequest metadata_request(std::string method, const std::string& path) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = Url::parse("http://100.100.100.200" + path);
    request.operation = "metadata:GetCredentials";
    return request;
}

} // namespace

Task<std::optional<Credentials>> from_instance(Search& search, std::string role) {
    if (sdk::is_true(search.system(), "ALIBABA_CLOUD_ECS_METADATA_DISABLED")) {
        search.tried.push_back("instance metadata is turned off (ALIBABA_CLOUD_ECS_METADATA_DISABLED)");
        co_return std::nullopt;
    }
    const std::string folder = "/latest/meta-data/ram/security-credentials/";
    const char* token_header = "X-aliyun-ecs-metadata-token";
    std::string body;
    try {
        HttpRequest token_request = metadata_request("PUT", "/latest/api/token");
        token_request.headers.set("X-aliyun-ecs-metadata-token-ttl-seconds", "21600");
        Task<HttpResponse> token_exchange = ask(search, std::move(token_request), std::chrono::seconds(1));
        const HttpResponse token_answer = co_await std::move(token_exchange);
        if (token_answer.status != 200) {
            search.tried.push_back("instance metadata gives no token (status " +
                                   std::to_string(token_answer.status) + ")");
            co_return std::nullopt;
        }
        const Secret token(token_answer.body);
        if (role.empty()) {
            HttpRequest role_request = metadata_request("GET", folder);
            role_request.headers.set(token_header, token.expose(), true);
            Task<HttpResponse> role_exchange = ask(search, std::move(role_request), std::chrono::seconds(2));
            const HttpResponse role_answer = co_await std::move(role_exchange);
            role = role_answer.body.substr(0, role_answer.body.find('\n'));
            if (role_answer.status != 200 || role.empty()) {
                search.tried.push_back("this instance has no RAM role");
                co_return std::nullopt;
            }
        }
        HttpRequest key_request = metadata_request("GET", folder + percent_encode(role));
        key_request.headers.set(token_header, token.expose(), true);
        Task<HttpResponse> key_exchange = ask(search, std::move(key_request), std::chrono::seconds(2));
        const HttpResponse key_answer = co_await std::move(key_exchange);
        if (key_answer.status != 200)
            throw Error(ErrorKind::unauthenticated, "instance metadata answered " +
                                                        std::to_string(key_answer.status) + " for role " +
                                                        role);
        body = key_answer.body;
    } catch (const Error& failure) {
        if (failure.kind() != ErrorKind::unavailable && failure.kind() != ErrorKind::timeout) throw;
        search.tried.push_back("instance metadata does not answer (not an ECS instance)");
        co_return std::nullopt;
    }
    Credentials credentials = read_key_document(body, "instance metadata");
    co_return credentials;
}

Task<std::optional<Credentials>> from_uri(Search& search) {
    const auto address = search.variable("ALIBABA_CLOUD_CREDENTIALS_URI");
    if (!address) {
        search.tried.push_back("ALIBABA_CLOUD_CREDENTIALS_URI is not set");
        co_return std::nullopt;
    }
    HttpRequest request;
    try {
        request.url = Url::parse(*address);
    } catch (const Error&) {
        throw Error(ErrorKind::unauthenticated, "ALIBABA_CLOUD_CREDENTIALS_URI is no URL");
    }
    request.operation = "uri:GetCredentials";
    Task<HttpResponse> exchange = ask(search, std::move(request), std::chrono::seconds(5));
    const HttpResponse answer = co_await std::move(exchange);
    if (answer.status != 200)
        throw Error(ErrorKind::unauthenticated,
                    "the credentials URI answered " + std::to_string(answer.status));
    Credentials credentials = read_key_document(answer.body, "the credentials URI");
    co_return credentials;
}

} // namespace pyfops::alibaba

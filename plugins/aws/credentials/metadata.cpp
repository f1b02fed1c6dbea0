// SPDX-License-Identifier: Apache-2.0
// Credentials that the machine has: of a container (ECS, EKS) and of an EC2 instance (IMDSv2).
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"

#include <algorithm>
#include <array>

namespace pyfops::aws {
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

bool may_get_a_token(const Url& url) {
    static constexpr std::array<std::string_view, 6> hosts{"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                                           "localhost",     "127.0.0.1",      "::1"};
    return url.scheme == "https" || std::find(hosts.begin(), hosts.end(), url.host) != hosts.end();
}

bool is_off(const Search& search, std::string_view name) {
    const std::string value = search.variable(name).value_or("");
    return value == "true" || value == "True" || value == "TRUE";
}

} // namespace

Task<std::optional<Credentials>> from_container(Search& search) {
    HttpRequest request;
    request.operation = "container:GetCredentials";
    if (const auto path = search.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
        request.url = Url::parse("http://169.254.170.2" + *path);
    } else if (const auto full = search.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
        request.url = Url::parse(*full);
        if (!may_get_a_token(request.url))
            throw Error(ErrorKind::unauthenticated, "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to " +
                                                        request.url.host +
                                                        ", which is neither https nor this machine");
    } else {
        search.tried.push_back("no container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set)");
        co_return std::nullopt;
    }
    if (const auto file = search.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        std::string token = search.system().read_file(*file).value_or("");
        while (!token.empty() && (token.back() == '\n' || token.back() == '\r'))
            token.pop_back();
        request.headers.set("Authorization", token, true);
    } else if (const auto token = search.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")) {
        request.headers.set("Authorization", *token, true);
    }
    Task<HttpResponse> exchange = ask(search, std::move(request), std::chrono::seconds(5));
    const HttpResponse answer = co_await std::move(exchange);
    if (answer.status != 200)
        throw Error(ErrorKind::unauthenticated,
                    "the container's credential service answered " + std::to_string(answer.status));
    Credentials credentials = read_key_document(answer.body, "the container's credential service");
    credentials.source = "container";
    co_return credentials;
}

Task<std::optional<Credentials>> from_instance(Search& search) {
    if (is_off(search, "AWS_EC2_METADATA_DISABLED")) {
        search.tried.push_back("instance metadata is turned off (AWS_EC2_METADATA_DISABLED)");
        co_return std::nullopt;
    }
    const std::string base =
        search.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
    const std::string folder = "/latest/meta-data/iam/security-credentials/";
    const auto make = [&base](std::string method, const std::string& path) {
        HttpRequest request;
        request.method = std::move(method);
        request.url = Url::parse(base.ends_with('/') ? base.substr(0, base.size() - 1) + path : base + path);
        request.operation = "imds:GetCredentials";
        return request;
    };
    std::string body;
    try {
        HttpRequest token_request = make("PUT", "/latest/api/token");
        token_request.headers.set("x-aws-ec2-metadata-token-ttl-seconds", "21600");
        Task<HttpResponse> token_exchange = ask(search, std::move(token_request), std::chrono::seconds(1));
        const HttpResponse token_answer = co_await std::move(token_exchange);
        if (token_answer.status != 200) {
            search.tried.push_back("instance metadata gives no token (status " +
                                   std::to_string(token_answer.status) + ")");
            co_return std::nullopt;
        }
        const Secret token(token_answer.body);
        HttpRequest role_request = make("GET", folder);
        role_request.headers.set("x-aws-ec2-metadata-token", token.expose(), true);
        Task<HttpResponse> role_exchange = ask(search, std::move(role_request), std::chrono::seconds(2));
        const HttpResponse role_answer = co_await std::move(role_exchange);
        const std::string role = role_answer.body.substr(0, role_answer.body.find('\n'));
        if (role_answer.status != 200 || role.empty()) {
            search.tried.push_back("this instance has no role");
            co_return std::nullopt;
        }
        HttpRequest key_request = make("GET", folder + percent_encode(role));
        key_request.headers.set("x-aws-ec2-metadata-token", token.expose(), true);
        Task<HttpResponse> key_exchange = ask(search, std::move(key_request), std::chrono::seconds(2));
        const HttpResponse key_answer = co_await std::move(key_exchange);
        if (key_answer.status != 200)
            throw Error(ErrorKind::unauthenticated, "instance metadata answered " +
                                                        std::to_string(key_answer.status) + " for role " +
                                                        role);
        body = key_answer.body;
    } catch (const Error& failure) {
        if (failure.kind() != ErrorKind::unavailable && failure.kind() != ErrorKind::timeout) throw;
        search.tried.push_back("instance metadata does not answer (not an EC2 instance)");
        co_return std::nullopt;
    }
    Credentials credentials = read_key_document(body, "instance metadata");
    credentials.source = "instance metadata";
    co_return credentials;
}

} // namespace pyfops::aws

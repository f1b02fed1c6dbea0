// SPDX-License-Identifier: Apache-2.0
// Tokens that the machine has: managed identities of App Service and of virtual machines, and the Azure CLI.
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"

namespace pyfops::azure {
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

/// The user-assigned identity that is wanted, where there are several.
std::string client_part(const Search& search) {
    const auto client = search.variable("AZURE_CLIENT_ID");
    return client ? "&client_id=" + percent_encode(*client) : std::string();
}

} // namespace

Task<std::optional<Token>> from_app_service(Search& search) {
    const auto endpoint = search.variable("IDENTITY_ENDPOINT");
    const auto header = search.variable("IDENTITY_HEADER");
    if (!endpoint || !header) {
        search.tried.push_back("no managed identity of App Service (IDENTITY_ENDPOINT is not set)");
        co_return std::nullopt;
    }
    const Secret proof(*header);
    HttpRequest request;
    request.operation = "identity:GetToken";
    request.url = Url::parse(*endpoint);
    request.url.target += request.url.query().empty() ? "?" : "&";
    request.url.target +=
        "api-version=2019-08-01&resource=" + percent_encode(search.resource()) + client_part(search);
    request.headers.set("X-IDENTITY-HEADER", proof.expose(), true);
    Task<HttpResponse> exchange = ask(search, std::move(request), std::chrono::seconds(20));
    const HttpResponse answer = co_await std::move(exchange);
    if (answer.status != 200)
        throw Error(ErrorKind::unauthenticated,
                    "the managed identity of App Service answered " + std::to_string(answer.status))
            .hint("give the app an identity, or set AZURE_CLIENT_ID to the one that is meant");
    Token token =
        read_token(answer.body, "the answer of the managed identity", search.context.host.clock.system_now());
    token.source = "managed identity of App Service";
    co_return token;
}

Task<std::optional<Token>> from_virtual_machine(Search& search) {
    std::string base =
        search.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").value_or("http://169.254.169.254");
    while (base.ends_with('/'))
        base.pop_back();
    HttpRequest request;
    request.operation = "imds:GetToken";
    request.url = Url::parse(base + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
                             percent_encode(search.resource()) + client_part(search));
    request.headers.set("Metadata", "true");
    HttpResponse answer;
    try {
        Task<HttpResponse> exchange = ask(search, std::move(request), std::chrono::seconds(1));
        answer = co_await std::move(exchange);
    } catch (const Error& failure) {
        if (failure.kind() != ErrorKind::unavailable && failure.kind() != ErrorKind::timeout) throw;
        search.tried.push_back("instance metadata does not answer (not a virtual machine of Azure)");
        co_return std::nullopt;
    }
    if (answer.status != 200) {
        search.tried.push_back("instance metadata gives no token (status " + std::to_string(answer.status) +
                               ")");
        co_return std::nullopt;
    }
    Token token =
        read_token(answer.body, "the answer of instance metadata", search.context.host.clock.system_now());
    token.source = "managed identity of the virtual machine";
    co_return token;
}

Task<std::optional<Token>> from_cli(Search& search) {
    ProcessRequest request;
    request.command = {"az",   "account",    "get-access-token", "--output",
                       "json", "--resource", search.resource()};
    if (const auto tenant = search.variable("AZURE_TENANT_ID"))
        request.command.insert(request.command.end(), {"--tenant", *tenant});
    request.environment = search.system().variables();
    request.max_output_bytes = 1u << 20;
    const Deadline deadline =
        search.context.deadline.within(search.context.host.clock, std::chrono::minutes(1));
    ProcessResult result;
    try {
        Task<ProcessResult> running = search.context.host.processes.run(std::move(request), deadline);
        result = co_await std::move(running);
    } catch (const Error& failure) {
        if (failure.kind() != ErrorKind::not_found) throw;
        search.tried.push_back("the Azure CLI (az) is not installed");
        co_return std::nullopt;
    }
    if (!result.ok()) {
        std::string said = excerpt(result.error_output, 300);
        while (!said.empty() && (said.back() == '\n' || said.back() == '\r'))
            said.pop_back();
        search.tried.push_back("the Azure CLI gives no token: " + said);
        co_return std::nullopt;
    }
    Token token = read_token(result.output, "the output of 'az account get-access-token'",
                             search.context.host.clock.system_now());
    token.source = "Azure CLI";
    co_return token;
}

} // namespace pyfops::azure

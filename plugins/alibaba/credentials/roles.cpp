// SPDX-License-Identifier: Apache-2.0
// Credentials of a role: by an access key that may take it, or by a token of an OIDC provider.
#include "credentials/chain.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/rest.hpp"
#include "sts.hpp"

#include <charconv>

namespace pyfops::alibaba {
namespace {

sts::RoleRequest role_request(const RoleSource& role, const std::string& title) {
    if (role.role_arn.empty()) throw Error(ErrorKind::unauthenticated, title + " names no role");
    sts::RoleRequest request;
    request.role_arn = role.role_arn;
    request.session_name = role.session_name.empty() ? "pyfops-" + hex(random_bytes(6)) : role.session_name;
    request.policy = role.policy;
    request.external_id = role.external_id;
    std::from_chars(role.duration.data(), role.duration.data() + role.duration.size(),
                    request.duration_seconds);
    return request;
}

Task<Credentials> call_sts(Search& search, ApiCall call, std::shared_ptr<const Credentials> source,
                           std::string title) {
    Endpoint endpoint = resolve_endpoint(Service::sts, search.region, {}, search.system(), {});
    CallNote note;
    note.credentials = source ? source->source : title;
    const std::string name = call.name();
    Task<HttpResponse> exchange = search.transport.send(std::move(call), std::move(endpoint), source, {},
                                                        std::move(note), search.context);
    const HttpResponse answer = co_await std::move(exchange);
    Credentials credentials = sts::read_credentials(sdk::json_body(answer, name));
    credentials.source = std::move(title);
    co_return credentials;
}

} // namespace

Task<Credentials> assume(Search& search, RoleSource role, Credentials source, std::string title) {
    const sts::RoleRequest request = role_request(role, title);
    Task<Credentials> asking =
        call_sts(search, sts::assume_role(request), std::make_shared<const Credentials>(std::move(source)),
                 title + ", role " + request.role_arn);
    co_return co_await std::move(asking);
}

Task<Credentials> assume_with_token(Search& search, RoleSource role, std::string title) {
    const sts::RoleRequest request = role_request(role, title);
    if (role.provider_arn.empty() || role.token_file.empty())
        throw Error(ErrorKind::unauthenticated,
                    title + " names no OIDC " + (role.provider_arn.empty() ? "provider" : "token file"));
    const auto text = search.system().read_file(role.token_file);
    if (!text)
        throw Error(ErrorKind::unauthenticated, "the OIDC token " + role.token_file + " does not exist")
            .context(title);
    std::string token = *text;
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    const Secret secret(std::move(token));
    ApiCall call = sts::assume_role_with_oidc(request, role.provider_arn, secret,
                                              search.context.host.clock.system_now());
    Task<Credentials> asking =
        call_sts(search, std::move(call), nullptr, title + ", role " + request.role_arn);
    co_return co_await std::move(asking);
}

Task<std::optional<Credentials>> from_oidc(Search& search) {
    RoleSource role;
    role.role_arn = search.variable("ALIBABA_CLOUD_ROLE_ARN").value_or("");
    role.provider_arn = search.variable("ALIBABA_CLOUD_OIDC_PROVIDER_ARN").value_or("");
    role.token_file = search.variable("ALIBABA_CLOUD_OIDC_TOKEN_FILE").value_or("");
    role.session_name = search.variable("ALIBABA_CLOUD_ROLE_SESSION_NAME").value_or("");
    if (role.role_arn.empty() || role.provider_arn.empty() || role.token_file.empty()) {
        search.tried.push_back("no OIDC (ALIBABA_CLOUD_OIDC_TOKEN_FILE, _OIDC_PROVIDER_ARN and _ROLE_ARN are "
                               "not all set)");
        co_return std::nullopt;
    }
    Task<Credentials> assuming =
        assume_with_token(search, std::move(role), "OIDC (ALIBABA_CLOUD_OIDC_TOKEN_FILE)");
    co_return co_await std::move(assuming);
}

} // namespace pyfops::alibaba

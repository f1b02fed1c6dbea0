// SPDX-License-Identifier: Apache-2.0
// The metadata server of Compute Engine, Cloud Run and GKE.
#include "credentials/chain.hpp"

#include "endpoints.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

namespace pyfops::google {
namespace {

/// Near, so it answers soon or is not there.
constexpr Milliseconds patience = std::chrono::seconds(3);

Task<HttpResponse> get(StageContext& context, std::string base, std::string path) {
    HttpRequest request;
    request.url = Url::parse(base + "/computeMetadata/v1/" + path);
    request.headers.set("Metadata-Flavor", "Google");
    request.operation = "metadata:Get";
    request.idempotent = true;
    request.secret_answer = true; // identity tokens are plain text
    request.max_response_bytes = 1u << 20;
    const Deadline deadline = context.deadline.within(context.host.clock, patience);
    Task<HttpResponse> exchange = context.host.http.send(std::move(request), deadline);
    co_return co_await std::move(exchange);
}

/// Whatever else answers at that address does not say this.
bool is_google(const HttpResponse& answer) {
    return answer.headers.get("Metadata-Flavor") == "Google";
}

} // namespace

Task<std::optional<Credentials>> from_metadata(Search& search) {
    const System& system = search.system();
    if (lower_case(variable(system, "NO_GCE_CHECK").value_or("")) == "true") {
        search.tried.push_back("the metadata server is turned off (NO_GCE_CHECK)");
        co_return std::nullopt;
    }
    const auto host = variable(system, "GCE_METADATA_HOST");
    const std::string base = "http://" + host.value_or("metadata.google.internal");
    std::string email;
    try {
        Task<HttpResponse> asking = get(search.context, base, "instance/service-accounts/default/email");
        const HttpResponse answer = co_await std::move(asking);
        if (!is_google(answer) || answer.status != 200) {
            search.tried.push_back(is_google(answer) ? "this machine has no service account"
                                                     : "what answers as metadata server is not Google's");
            co_return std::nullopt;
        }
        email = trimmed(answer.body);
    } catch (const Error& failure) {
        if (failure.kind() != ErrorKind::unavailable && failure.kind() != ErrorKind::timeout) throw;
        search.tried.push_back("the metadata server does not answer (not a machine of Google's)");
        co_return std::nullopt;
    }
    Credentials credentials;
    credentials.kind = Metadata{base};
    credentials.source = "metadata server";
    credentials.principal = std::move(email);
    co_return credentials;
}

Task<std::string> ask_metadata(StageContext& context, std::string base, std::string path) {
    Task<HttpResponse> asking = get(context, base, path);
    const HttpResponse answer = co_await std::move(asking);
    if (answer.status != 200 || !is_google(answer))
        throw Error(ErrorKind::unauthenticated, "the metadata server answered " +
                                                    std::to_string(answer.status) + " for " +
                                                    path.substr(0, path.find('?')));
    co_return std::string(trimmed(answer.body));
}

} // namespace pyfops::google

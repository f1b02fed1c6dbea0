// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <charconv>

namespace pyfops::azure {
namespace {

struct Step {
    std::string_view name; ///< as AZURE_TOKEN_CREDENTIALS calls it, in lower case
    bool production;
    Task<std::optional<Token>> (*find)(Search&);
};

constexpr Step steps[] = {
    {"environmentcredential", true, from_secret},
    {"workloadidentitycredential", true, from_federation},
    {"workloadidentitycredential", true, from_github},
    {"managedidentitycredential", true, from_app_service},
    {"managedidentitycredential", true, from_virtual_machine},
    {"azureclicredential", false, from_cli},
};

bool is_wanted(const Step& step, const std::string& only) {
    if (only.empty()) return true;
    if (only == "prod") return step.production;
    if (only == "dev") return !step.production;
    return step.name == only;
}

std::string narrowed(const Search& search) {
    const std::string only = lower_case(search.variable("AZURE_TOKEN_CREDENTIALS").value_or(""));
    const bool known = only.empty() || std::any_of(std::begin(steps), std::end(steps),
                                                   [&](const Step& step) { return is_wanted(step, only); });
    if (!known)
        throw Error(ErrorKind::unauthenticated, "pyfOps has no '" + only + "' of AZURE_TOKEN_CREDENTIALS")
            .hint("use prod, dev, EnvironmentCredential, WorkloadIdentityCredential, "
                  "ManagedIdentityCredential or "
                  "AzureCliCredential");
    return only;
}

[[noreturn]] void nothing_found(const Search& search) {
    std::string tried;
    for (const std::string& step : search.tried)
        tried += (tried.empty() ? "" : "; ") + step;
    throw Error(ErrorKind::unauthenticated, "no Azure credentials were found (tried: " + tried + ")")
        .hint(search.variable("GITHUB_ACTIONS")
                  ? "in GitHub Actions, give the job 'permissions: id-token: write' and set AZURE_CLIENT_ID "
                    "and "
                    "AZURE_TENANT_ID"
                  : "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run 'az login'; with "
                    "--local none are needed");
}

/// A number, or one in quotes: managed identities write text.
long long seconds(const json::value& document, std::string_view key) {
    const std::string text = string_or(document, key);
    long long value = integer_or(document, key);
    if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

std::string Search::resource() const {
    static constexpr std::string_view suffix = ".default";
    return scope.ends_with(suffix) ? scope.substr(0, scope.size() - suffix.size()) : scope;
}

std::vector<std::string> credential_sources() {
    return {"client secret (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET)",
            "workload identity (AZURE_FEDERATED_TOKEN_FILE)",
            "GitHub Actions (id-token: write, AZURE_CLIENT_ID, AZURE_TENANT_ID)",
            "managed identity of App Service (IDENTITY_ENDPOINT, IDENTITY_HEADER)",
            "managed identity of a virtual machine (IMDS)",
            "Azure CLI (az account get-access-token)"};
}

Token read_token(const std::string& body, const std::string& what, SystemTime now) {
    json::value document;
    try {
        document = parse_json(body, what, {.max_bytes = 1u << 20});
    } catch (const Error&) {
        throw Error(ErrorKind::unavailable, what + " is not JSON") // its text may hold a token
            .hint("run the command again; a proxy may have answered in its place");
    }
    Token token;
    token.text = Secret(string_or(document, "access_token", string_or(document, "accessToken")));
    if (token.text.empty()) throw Error(ErrorKind::unauthenticated, what + " holds no token");
    if (const long long left = seconds(document, "expires_in"); left > 0)
        token.expires = now + std::chrono::seconds(left);
    else if (const long long end = seconds(document, "expires_on"); end > 0)
        token.expires = SystemTime(std::chrono::seconds(end));
    token.subscription = string_or(document, "subscription");
    return token;
}

Task<Token> find_token(Search search) {
    const std::string only = narrowed(search);
    for (const Step& step : steps) {
        if (!is_wanted(step, only)) continue;
        Task<std::optional<Token>> finding = step.find(search);
        std::optional<Token> found = co_await std::move(finding);
        if (found) co_return std::move(*found);
    }
    nothing_found(search);
}

} // namespace pyfops::azure

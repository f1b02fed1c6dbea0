// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include "pyfops/retry.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::azure {
namespace {

template <std::size_t n>
bool one_of(std::string_view code, const std::array<std::string_view, n>& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool contains(std::string_view text, std::string_view part) {
    return lower_case(text).find(part) != std::string::npos;
}

constexpr std::array<std::string_view, 5> bad_token{
    "AuthenticationFailed", "InvalidAuthenticationToken", "InvalidAuthenticationTokenTenant",
    "AuthenticationFailedMissingToken", "AuthenticationFailedInvalidHeader"};
constexpr std::array<std::string_view, 3> denied{"AuthorizationFailed", "LinkedAuthorizationFailed",
                                                 "RequestDisallowedByPolicy"};
constexpr std::array<std::string_view, 5> throttling{
    "TooManyRequests", "SubscriptionRequestsThrottled", "TenantRequestsThrottled",
    "OperationNotAllowedThrottled", "ResourceRequestsThrottled"};
constexpr std::array<std::string_view, 5> limits{"QuotaExceeded", "SkuNotAvailable",
                                                 "MaxStorageAccountsCountExceeded", "ResourceQuotaExceeded",
                                                 "SubscriptionQuotaExceeded"};
constexpr std::array<std::string_view, 4> names_taken{"StorageAccountAlreadyTaken",
                                                      "StorageAccountAlreadyExists",
                                                      "AccountNameAlreadyExists", "WebsiteNameAlreadyExists"};

constexpr std::size_t longest_message = 600;

std::string either(const json::value& value, std::string_view lower, std::string_view upper) {
    return string_or(value, lower, string_or(value, upper));
}

/// The innermost reason is the one that helps: the outer says "At least one resource deployment operation
/// failed".
void read_details(const json::value& error, ApiError& into) {
    const json::value* details = find(error, "details");
    if (!details) details = find(error, "Details");
    if (!details || !details->is_array()) return;
    for (const json::value& detail : details->get_array()) {
        const json::value* entity = find(detail, "ErrorEntity");
        const json::value& told = entity ? *entity : detail;
        const std::string text = either(told, "message", "Message");
        if (text.empty() || into.message.find(text) != std::string::npos) continue;
        into.message += (into.message.empty() ? "" : ": ") + text;
        if (into.code.empty()) into.code = either(told, "code", "Code");
    }
}

std::string on(const CallNote& note) {
    return note.region.empty() ? std::string() : " in " + note.region;
}

std::string from(const CallNote& note) {
    return note.credentials.empty() ? std::string() : " (" + note.credentials + ")";
}

Error denied_error(const ApiError& error, const CallNote& note) {
    // "The client '..' with object id '..' does not have authorization to perform action 'A' over scope 'S'"
    std::smatch match;
    std::string action, scope;
    if (std::regex_search(error.message, match, std::regex("action '([^']+)'"))) action = match[1];
    if (std::regex_search(error.message, match, std::regex("scope '([^']+)'"))) scope = match[1];
    if (error.code == "RequestDisallowedByPolicy")
        return Error(ErrorKind::forbidden,
                     "a policy of the subscription does not allow " + note.operation + on(note))
            .hint("ask its owner, or name a resource_group in which it is allowed");
    std::string hint = "give these credentials" + from(note) + " a role that allows ";
    hint += action.empty() ? note.operation : action;
    if (!scope.empty()) hint += " on " + scope;
    return Error(ErrorKind::forbidden,
                 "Azure does not allow " + (action.empty() ? note.operation : action) + on(note))
        .hint(hint + "; Contributor on the resource group is enough, docs/providers/azure.md has the list");
}

Error not_found_error(const ApiError& error, const CallNote& note) {
    if (error.code == "SubscriptionNotFound" || error.code == "InvalidSubscriptionId")
        return Error(ErrorKind::unauthenticated, "Azure does not know the subscription " + note.subscription)
            .hint("check providers.azure.subscription or AZURE_SUBSCRIPTION_ID; the credentials" +
                  from(note) + " must have a role in it");
    if (error.code == "ResourceGroupNotFound")
        return Error(ErrorKind::not_found, "the resource group does not exist")
            .hint("make it, or leave providers.azure.resource_group out: then one is made");
    return Error(ErrorKind::not_found, note.operation + on(note) + ": there is no such resource");
}

std::string hint_for_request(const ApiError& error) {
    if (contains(error.message, "runtime") || contains(error.message, "linuxfxversion"))
        return "this region does not offer the runtime: choose another Python version";
    if (contains(error.message, "instancememorymb") || contains(error.message, "instance memory"))
        return "this region or subscription does not take that memory size: 2048 MB can be had everywhere";
    if (contains(error.message, "location") || contains(error.message, "region"))
        return "'az functionapp list-flexconsumption-locations' shows the regions of Flex Consumption";
    return {};
}

} // namespace

ApiError read_failure(const json::value& document, int status) {
    ApiError error;
    error.status = status;
    const json::value* inner = find(document, "error");
    if (!inner) inner = find(document, "Error");
    const json::value& told = inner && inner->is_object() ? *inner : document;
    error.code = either(told, "code", "Code");
    error.message = either(told, "message", "Message");
    read_details(told, error);
    error.message = excerpt(error.message, longest_message);
    return error;
}

ApiError read_error(const HttpResponse& response) {
    try {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        if (first != std::string::npos && response.body[first] == '{') {
            ApiError error =
                read_failure(parse_json(response.body, "error", {.max_bytes = 1u << 20}), response.status);
            if (!error.code.empty() || !error.message.empty()) return error;
        }
    } catch (const Error&) {
        // A proxy's page, or a cut answer: the status says enough.
    }
    ApiError error;
    error.status = response.status;
    error.message = excerpt(response.body, longest_message);
    return error;
}

bool is_throttling(const ApiError& error) {
    return error.status == 429 || one_of(error.code, throttling);
}

bool is_busy(const ApiError& error) {
    if (error.code == "AnotherOperationInProgress" || error.code == "OperationInProgress" ||
        error.code == "StorageAccountOperationInProgress" || error.code == "StorageAccountIsNotProvisioned")
        return true;
    return error.status == 409 &&
           (contains(error.message, "in progress") || contains(error.message, "another operation") ||
            contains(error.message, "being provisioned"));
}

bool is_busy(const Error& failure) {
    return is_busy(
        ApiError{failure.http_status().value_or(0), failure.provider_code(), failure.provider_message()});
}

bool is_retryable(const ApiError& error) {
    if (is_throttling(error) || is_busy(error)) return true;
    // A quota that is used up is answered by many statuses; repeating does not help.
    if (one_of(error.code, limits) || contains(error.message, "quota of 0")) return false;
    return is_retryable_status(error.status);
}

bool is_name_taken(const Error& failure) {
    return one_of(failure.provider_code(), names_taken) ||
           (failure.http_status() == 409 && contains(failure.provider_message(), "already exist") &&
            contains(failure.provider_message(), "name"));
}

Error to_error(const ApiError& error, const CallNote& note) {
    const auto make = [&]() -> Error {
        if (is_throttling(error))
            return Error(ErrorKind::throttled, "Azure is asked too often by this subscription" + on(note))
                .hint("run fewer deployments at a time (-j)");
        if (error.code == "ExpiredAuthenticationToken")
            return Error(ErrorKind::unauthenticated, "the Azure token" + from(note) + " has expired")
                .hint("sign in again ('az login') and run the command again");
        if (one_of(error.code, limits) || contains(error.message, "quota of 0") ||
            contains(error.message, "quota"))
            return Error(ErrorKind::limit_exceeded,
                         "a quota of the subscription does not allow " + note.operation + on(note))
                .hint("choose another region, remove what is not used, or ask Azure for a higher quota");
        if (one_of(error.code, bad_token) || error.status == 401)
            return Error(ErrorKind::unauthenticated, "Azure refuses the credentials" + from(note))
                .hint("check the tenant: the token must be of the one that the subscription belongs to");
        if (error.code == "MissingSubscriptionRegistration")
            return Error(ErrorKind::forbidden,
                         "the subscription has not registered a resource provider that is needed")
                .hint("run 'az provider register --namespace Microsoft.Web' (and Microsoft.Storage) as its "
                      "owner");
        if (one_of(error.code, denied) || (error.status == 403 && error.code != "Conflict"))
            return denied_error(error, note);
        if (error.status == 404 || error.code == "SubscriptionNotFound" || error.code == "ResourceNotFound" ||
            error.code == "ResourceGroupNotFound")
            return not_found_error(error, note);
        if (is_busy(error))
            return Error(ErrorKind::conflict,
                         note.operation + on(note) + ": another operation is still under way")
                .hint("wait for it and run the command again");
        if (error.code == "InvalidResourceLocation" || error.code == "InvalidResourceGroupLocation")
            return Error(ErrorKind::conflict,
                         note.operation + ": something of that name is in another region")
                .hint("remove it, or name another resource_group");
        if (error.status == 409 || error.code == "Conflict" || one_of(error.code, names_taken))
            return Error(ErrorKind::conflict, note.operation + on(note) + " conflicts with what is there");
        if (error.status == 413)
            return Error(ErrorKind::limit_exceeded, "the package is too large for Azure")
                .hint("leave something out of the package; .pyfopsignore names what is not needed");
        if (is_retryable(error))
            return Error(ErrorKind::unavailable, note.operation + on(note) + " failed on Azure's side")
                .hint("run the command again: it goes on where this one stopped");
        return Error(ErrorKind::invalid_input, "Azure refuses " + note.operation + on(note))
            .hint(hint_for_request(error));
    };
    Error failure = make();
    failure.provider(error.status, error.code, error.message);
    return failure;
}

} // namespace pyfops::azure

// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include "pyfops/sdk/xml.hpp"
#include "pyfops/secret.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <regex>

namespace pyfops::google {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

struct RpcCode {
    int number;
    std::string_view name;
    int status;
};

// google/rpc/code.proto.
constexpr std::array<RpcCode, 16> codes{{{1, "CANCELLED", 499},
                                         {2, "UNKNOWN", 500},
                                         {3, "INVALID_ARGUMENT", 400},
                                         {4, "DEADLINE_EXCEEDED", 504},
                                         {5, "NOT_FOUND", 404},
                                         {6, "ALREADY_EXISTS", 409},
                                         {7, "PERMISSION_DENIED", 403},
                                         {8, "RESOURCE_EXHAUSTED", 429},
                                         {9, "FAILED_PRECONDITION", 400},
                                         {10, "ABORTED", 409},
                                         {11, "OUT_OF_RANGE", 400},
                                         {12, "UNIMPLEMENTED", 501},
                                         {13, "INTERNAL", 500},
                                         {14, "UNAVAILABLE", 503},
                                         {15, "DATA_LOSS", 500},
                                         {16, "UNAUTHENTICATED", 401}}};

constexpr std::size_t longest_message = 800;

/// google.protobuf.Duration: "3.5s".
std::optional<Milliseconds> duration(const std::string& text) {
    double seconds = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failure != std::errc() || end == text.data() || !(seconds >= 0) || seconds > 86400)
        return std::nullopt;
    return Milliseconds(std::llround(std::ceil(seconds * 1000)));
}

void read_details(const json::value& status, ApiError& error) {
    const json::value* details = find(status, "details");
    if (!details || !details->is_array()) return;
    for (const json::value& detail : details->as_array()) {
        const std::string type = string_or(detail, "@type");
        if (type.ends_with("google.rpc.ErrorInfo")) {
            error.reason = string_or(detail, "reason");
            if (const json::value* metadata = find(detail, "metadata")) {
                error.service = string_or(*metadata, "service");
                error.permission = string_or(*metadata, "permission");
            }
        } else if (type.ends_with("google.rpc.RetryInfo")) {
            error.retry_after = duration(string_or(detail, "retryDelay"));
        } else if (type.ends_with("google.rpc.QuotaFailure")) {
            error.quota = true;
        }
    }
}

void read_json_error(const HttpResponse& response, ApiError& error) {
    const json::value body = parse_json(response.body, "error", {.max_bytes = 1u << 20});
    const json::value* inner = find(body, "error");
    if (!inner) return;
    if (const auto* code = inner->if_string()) { // RFC 6749
        error.code = std::string(*code);
        error.message = string_or(body, "error_description");
        return;
    }
    error.code = string_or(*inner, "status");
    error.message = string_or(*inner, "message");
    read_details(*inner, error);
}

void read_xml_error(const HttpResponse& response, ApiError& error) {
    const sdk::XmlElement root = sdk::parse_xml(response.body, "error", 1u << 20);
    if (root.name != "Error") return;
    error.code = root.at("Code");
    error.message = root.at("Message");
}

std::string on(const CallNote& note) {
    return note.region.empty() ? std::string() : " in " + note.region;
}

std::string who(const CallNote& note) {
    if (!note.principal.empty()) return note.principal;
    return note.credentials.empty() ? std::string("these credentials") : note.credentials;
}

Error disabled_error(const ApiError& error, const CallNote& note) {
    std::string service = error.service;
    if (service.empty()) service = note.operation.substr(0, note.operation.find(':')) + ".googleapis.com";
    return Error(ErrorKind::forbidden, "the API " + service + " is not enabled in project " + note.project)
        .hint("run 'gcloud services enable cloudfunctions.googleapis.com run.googleapis.com "
              "cloudbuild.googleapis.com artifactregistry.googleapis.com logging.googleapis.com --project " +
              note.project + "', wait some minutes and run this again");
}

Error denied_error(const ApiError& error, const CallNote& note) {
    // "Permission 'cloudfunctions.functions.create' denied on resource '...' (or it may not exist)."
    std::string permission = error.permission;
    std::smatch match;
    if (permission.empty() &&
        std::regex_search(error.message, match, std::regex(R"(ermission '?([a-zA-Z]+(?:\.[a-zA-Z]+)+)'? )")))
        permission = match[1];
    if (error.reason == "SERVICE_DISABLED" || contains(error.message, "has not been used in project"))
        return disabled_error(error, note);
    if (error.reason == "BILLING_DISABLED" || contains(error.message, "billing"))
        return Error(ErrorKind::forbidden, "project " + note.project + " has no billing account")
            .hint("link one to the project in the Google Cloud console");
    if (error.reason == "CONSUMER_INVALID" || error.reason == "USER_PROJECT_DENIED")
        return Error(ErrorKind::forbidden,
                     "Google does not let " + who(note) + " use project " + note.project)
            .hint("check providers.google.project and GOOGLE_CLOUD_PROJECT: it must be the id of a project");
    const std::string what = permission.empty() ? note.operation : permission;
    std::string hint =
        "grant " + (permission.empty() ? "the right to do that" : permission) + " to " + who(note);
    if (contains(error.message, ".actAs") || permission == "iam.serviceAccounts.actAs")
        hint =
            "grant the role roles/iam.serviceAccountUser on the functions' service account to " + who(note);
    return Error(ErrorKind::forbidden, "Google does not allow " + what + on(note))
        .hint(hint + "; docs/providers/google.md lists the roles");
}

/// Also what a token endpoint says of a key, a refresh token or an assertion.
Error unauthenticated_error(const ApiError& error, const CallNote& note) {
    const std::string from = note.credentials.empty() ? std::string() : " (" + note.credentials + ")";
    Error failure(ErrorKind::unauthenticated, "Google does not accept the credentials" + from);
    if (is_clock_skew(error))
        failure.hint("set this machine's clock (timedatectl set-ntp true)");
    else if (contains(error.message, "Invalid JWT Signature") || contains(error.message, "Invalid signature"))
        failure.hint("the key was deleted or is not this account's: make a new one for the service account");
    else if (contains(error.message, "expired or revoked") || contains(error.message, "reauth"))
        failure.hint("run 'gcloud auth application-default login' again");
    else if (error.code == "invalid_grant" || error.code == "invalid_client")
        failure.hint("check the account in the credentials: it may be deleted or disabled");
    else
        failure.hint(
            "run 'gcloud auth application-default login', or set GOOGLE_APPLICATION_CREDENTIALS to a "
            "key file");
    return failure;
}

std::string hint_for_argument(const ApiError& error) {
    if (contains(error.message, "uild failed") || contains(error.message, "build log"))
        return "read the build's log: the message names it";
    if (contains(error.message, "ealthcheck") || contains(error.message, "failed to start"))
        return "look at 'pyfops logs': the function's process ended before it listened";
    if (contains(error.message, "runtime"))
        return "this region does not offer the runtime: choose another Python version";
    if (contains(error.message, "emory") || contains(error.message, "cpu") || contains(error.message, "CPU"))
        return "choose another memory size";
    if (contains(error.message, "ocation") || contains(error.message, "region"))
        return "choose a region that 'pyfops plugins --json' lists";
    return {};
}

} // namespace

ApiError read_error(const HttpResponse& response) {
    ApiError error;
    try {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        if (first != std::string::npos && response.body[first] == '{')
            read_json_error(response, error);
        else if (first != std::string::npos && response.body.compare(first, 2, "<?") == 0)
            read_xml_error(response, error);
    } catch (const Error&) {
        // A proxy's page, or a cut answer: the status says enough.
    }
    error.status = response.status;
    if (error.code.empty() && error.message.empty()) error.message = response.body;
    error.message = excerpt(error.message, longest_message);
    return error;
}

ApiError read_status(const json::value& status) {
    ApiError error;
    const auto number = integer_or(status, "code");
    error.status = 500;
    error.code = "UNKNOWN";
    for (const RpcCode& one : codes)
        if (one.number == number) {
            error.status = one.status;
            error.code = one.name;
        }
    error.message = excerpt(string_or(status, "message"), longest_message);
    read_details(status, error);
    return error;
}

bool is_throttling(const ApiError& error) {
    if (error.status != 429 && error.code != "RESOURCE_EXHAUSTED") return false;
    // A quota of what may exist does not grow by waiting.
    if (error.reason == "RATE_LIMIT_EXCEEDED" || error.retry_after) return true;
    return !error.quota && !contains(error.message, "uota exceeded for total") &&
           !contains(error.message, "allocation quota");
}

bool is_retryable(const ApiError& error) {
    if (error.code == "RESOURCE_EXHAUSTED" || error.status == 429) return is_throttling(error);
    if (error.status == 409) return false;
    return is_retryable_status(error.status);
}

bool is_clock_skew(const ApiError& error) {
    return contains(error.message, "iat and exp") || contains(error.message, "short-lived token");
}

bool is_busy(const Error& failure) {
    return failure.provider_code() == "ABORTED" ||
           (failure.http_status() == 409 && failure.provider_code() != "ALREADY_EXISTS");
}

bool already_exists(const Error& failure) {
    return failure.provider_code() == "ALREADY_EXISTS";
}

Error to_error(const ApiError& error, const CallNote& note) {
    const auto make = [&]() -> Error {
        const bool no_grant = error.status == 400 &&
                              (error.code.starts_with("invalid_") || error.code == "unauthorized_client");
        if (error.status == 401 || no_grant) return unauthenticated_error(error, note);
        if (error.status == 403 || error.code == "PERMISSION_DENIED") return denied_error(error, note);
        if (is_throttling(error))
            return Error(ErrorKind::throttled, "Google is asked too often by this project" + on(note))
                .hint("run fewer deployments at a time (-j), or ask Google for a higher quota");
        if (error.status == 429 || contains(error.message, "maxScale may not exceed"))
            return Error(ErrorKind::limit_exceeded,
                         "a quota of Google does not allow " + note.operation + on(note))
                .hint(
                    "use less memory or set providers.google.max_instances lower, or ask Google for a higher "
                    "quota");
        if (error.status == 413)
            return Error(ErrorKind::limit_exceeded,
                         "Google takes no request of that size for " + note.operation)
                .hint("make the package smaller; .pyfopsignore names what is not needed");
        if (error.status == 404)
            return Error(ErrorKind::not_found, note.operation + on(note) + ": there is no such resource");
        if (error.status == 409)
            return Error(ErrorKind::conflict, note.operation + on(note) + " conflicts with what is there");
        if (error.status == 499)
            return Error(ErrorKind::conflict, note.operation + on(note) + " was cancelled by somebody")
                .hint("run the command again: it goes on where this one stopped");
        if (is_retryable(error))
            return Error(ErrorKind::unavailable, note.operation + on(note) + " failed on Google's side")
                .hint("run the command again: it goes on where this one stopped");
        return Error(ErrorKind::invalid_input, "Google refuses " + note.operation + on(note))
            .hint(hint_for_argument(error));
    };
    Error failure = make();
    failure.provider(error.status, error.code, error.message);
    return failure;
}

} // namespace pyfops::google

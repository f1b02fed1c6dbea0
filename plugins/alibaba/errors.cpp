// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include "pyfops/json.hpp"
#include "pyfops/sdk/xml.hpp"
#include "pyfops/secret.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace pyfops::alibaba {
namespace {

template <std::size_t n>
bool one_of(std::string_view code, const std::array<std::string_view, n>& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// FC writes "InvalidAccessKeyID", the other services and the gateway before them their own spellings.
constexpr std::array<std::string_view, 7> unknown_key{"InvalidAccessKeyID",
                                                      "InvalidAccessKeyId",
                                                      "InvalidAccessKeyId.NotFound",
                                                      "InvalidAccessKeyId.Inactive",
                                                      "InvalidSecurityToken.Malformed",
                                                      "InvalidSecurityToken",
                                                      "InvalidSecurityToken.MismatchWithAccessKey"};
constexpr std::array<std::string_view, 5> bad_signature{"SignatureNotMatch", "SignatureDoesNotMatch",
                                                        "IncompleteSignature", "InvalidSignature",
                                                        "MissingSecurityToken"};
constexpr std::array<std::string_view, 3> expired{"InvalidSecurityToken.Expired", "SecurityTokenExpired",
                                                  "ExpiredToken"};
constexpr std::array<std::string_view, 6> clock{"InvalidTimeStamp.Expired", "InvalidTimestamp.Expired",
                                                "InvalidTimeStamp.Format",  "IllegalTimestamp",
                                                "RequestTimeTooSkewed",     "RequestTimeExpired"};
constexpr std::array<std::string_view, 6> denied{"AccessDenied",  "NoPermission", "Forbidden",
                                                 "Forbidden.RAM", "Unauthorized", "InvalidAccount"};
constexpr std::array<std::string_view, 6> limits{"EntityTooLarge", "LimitExceededError",
                                                 "QuotaExceeded",  "FunctionCountExceeded",
                                                 "TooManyBuckets", "RequestEntityTooLarge"};
constexpr std::array<std::string_view, 5> transient{"InternalServerError", "InternalError",
                                                    "ServiceUnavailable", "RequestTimeout", "ServerBusy"};
constexpr std::array<std::string_view, 2> busy{"ConcurrentUpdateError", "PreconditionFailed"};

constexpr std::size_t longest_message = 600;

void read_json_error(const HttpResponse& response, ApiError& error) {
    const json::value body = parse_json(response.body, "error", {.max_bytes = 1u << 20});
    const auto first = [&body](std::string_view a, std::string_view b, std::string_view c) {
        return string_or(body, a, string_or(body, b, string_or(body, c)));
    };
    error.code = first("Code", "code", "errorCode");
    error.message = first("Message", "message", "errorMessage");
    error.request_id = first("RequestId", "requestId", "requestID");
}

void read_xml_error(const HttpResponse& response, ApiError& error) {
    const sdk::XmlElement root = sdk::parse_xml(response.body, "error", 1u << 20);
    if (root.name != "Error") return;
    error.code = root.at("Code");
    error.message = root.at("Message");
    error.request_id = root.at("RequestId");
}

std::string on(const CallNote& note) {
    return note.region.empty() ? std::string() : " in " + note.region;
}

Error denied_error(const CallNote& note) {
    std::string hint = "allow " + note.operation + " for these credentials";
    if (!note.credentials.empty()) hint += " (" + note.credentials + ")";
    hint += "; docs/providers/alibaba.md has the whole policy";
    return Error(ErrorKind::forbidden, "Alibaba Cloud does not allow " + note.operation + on(note))
        .hint(std::move(hint));
}

std::string hint_for_argument(const ApiError& error) {
    if (contains(error.message, "cpu") || contains(error.message, "memorySize"))
        return "memory goes from 128 to 32768 MB in steps of 64; vCPUs to GB of memory from 1:1 to 1:4 "
               "(providers.alibaba.cpu)";
    if (contains(error.message, "checksum"))
        return "run the command again: the package was changed on its way";
    if (contains(error.message, "runtime")) return "choose another Python version for this region";
    if (contains(error.message, "project") || contains(error.message, "logstore"))
        return "check providers.alibaba.log_project and log_store; a project that was just made is known "
               "some "
               "minutes later";
    return {};
}

bool starts(std::string_view code, std::string_view prefix) {
    return code.starts_with(prefix);
}

Error make_error(const ApiError& error, const CallNote& note) {
    const std::string from = note.credentials.empty() ? std::string() : " (" + note.credentials + ")";
    if (is_clock_skew(error))
        return Error(ErrorKind::unauthenticated, "Alibaba Cloud refuses the time of the request")
            .hint("set this machine's clock (timedatectl set-ntp true)");
    if (one_of(error.code, expired))
        return Error(ErrorKind::unauthenticated, "the Alibaba Cloud credentials" + from + " have expired")
            .hint("get new ones and run the command again");
    if (one_of(error.code, unknown_key))
        return Error(ErrorKind::unauthenticated, "Alibaba Cloud does not know the credentials" + on(note))
            .hint("check the access key" + from);
    if (one_of(error.code, bad_signature))
        return Error(ErrorKind::unauthenticated, "Alibaba Cloud does not accept the signature" + on(note))
            .hint("check the access key secret" + from + ": it does not belong to the access key");
    if (one_of(error.code, denied) || starts(error.code, "NoPermission") || starts(error.code, "Forbidden."))
        return denied_error(note);
    if (is_throttling(error))
        return Error(ErrorKind::throttled, "Alibaba Cloud is asked too often by this account" + on(note))
            .hint("run fewer deployments at a time (-j), or ask for a higher quota");
    if (one_of(error.code, limits) || error.status == 413)
        return Error(ErrorKind::limit_exceeded,
                     "a limit of Alibaba Cloud does not allow " + note.operation + on(note))
            .hint("make the package smaller, remove what is not used, or ask for a higher quota");
    if (error.status == 401)
        return Error(ErrorKind::unauthenticated, "Alibaba Cloud refuses the credentials" + from);
    if (error.code.ends_with("NotFound") || error.code.ends_with("NotExist") ||
        starts(error.code, "NoSuch") || error.status == 404)
        return Error(ErrorKind::not_found, note.operation + on(note) + ": there is no such resource");
    if (error.code.ends_with("AlreadyExists") || error.status == 409 || one_of(error.code, busy))
        return Error(ErrorKind::conflict, note.operation + on(note) + " conflicts with what is there");
    if (is_replay(error))
        return Error(ErrorKind::unavailable, "the answer to " + note.operation + on(note) + " was lost")
            .hint("run the command again: it goes on where this one stopped");
    if (is_retryable(error))
        return Error(ErrorKind::unavailable, note.operation + on(note) + " failed on Alibaba Cloud's side")
            .hint("run the command again: it goes on where this one stopped");
    if (error.status == 403) return denied_error(note);
    return Error(ErrorKind::invalid_input, "Alibaba Cloud refuses " + note.operation + on(note))
        .hint(hint_for_argument(error));
}

} // namespace

ApiError read_error(const HttpResponse& response) {
    ApiError error;
    error.status = response.status;
    error.request_id = response.headers.get("x-fc-request-id");
    if (const std::string* text = response.headers.find("x-acs-retry-after")) {
        long long milliseconds = 0;
        const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), milliseconds);
        if (failure == std::errc() && milliseconds > 0 && milliseconds < 3'600'000)
            error.retry_after = Milliseconds(milliseconds);
    }
    try {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        if (first != std::string::npos && response.body[first] == '<')
            read_xml_error(response, error);
        else if (first != std::string::npos)
            read_json_error(response, error);
    } catch (const Error&) {
        error.message = response.body; // of a proxy, perhaps
    }
    error.message = excerpt(error.message, longest_message);
    return error;
}

bool is_throttling(const ApiError& error) {
    return error.status == 429 || contains(error.code, "Throttling") || contains(error.code, "Throttled") ||
           contains(error.code, "ResourceExhausted") || error.code == "RequestRateLimitExceeded";
}

bool is_retryable(const ApiError& error) {
    return is_throttling(error) || one_of(error.code, transient) || is_retryable_status(error.status);
}

bool is_clock_skew(const ApiError& error) {
    return one_of(error.code, clock);
}

Error to_error(const ApiError& error, const CallNote& note) {
    Error failure = make_error(error, note);
    failure.provider(error.status, error.code, error.message);
    return failure;
}

bool is_replay(const ApiError& error) {
    return error.code == "SignatureNonceUsed";
}

bool already_exists(const Error& failure) {
    return failure.provider_code().ends_with("AlreadyExists") ||
           failure.provider_code() == "BucketAlreadyExist";
}

bool is_busy(const Error& failure) {
    return one_of(failure.provider_code(), busy);
}

bool has_expired(const Error& failure) {
    return one_of(failure.provider_code(), expired);
}

} // namespace pyfops::alibaba

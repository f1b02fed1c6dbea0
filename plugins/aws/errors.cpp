// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include "pyfops/json.hpp"
#include "pyfops/sdk/xml.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace pyfops::aws {
namespace {

template <std::size_t n>
bool one_of(std::string_view code, const std::array<std::string_view, n>& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

constexpr std::array<std::string_view, 4> expired{"ExpiredToken", "ExpiredTokenException", "RequestExpired",
                                                  "TokenRefreshRequired"};
constexpr std::array<std::string_view, 6> unknown_key{"UnrecognizedClientException",
                                                      "InvalidClientTokenId",
                                                      "InvalidAccessKeyId",
                                                      "AuthFailure",
                                                      "InvalidToken",
                                                      "OptInRequired"};
constexpr std::array<std::string_view, 6> bad_signature{
    "SignatureDoesNotMatch",        "InvalidSignatureException",  "IncompleteSignature",
    "IncompleteSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException"};
constexpr std::array<std::string_view, 6> denied{"AccessDenied",          "AccessDeniedException",
                                                 "UnauthorizedOperation", "UnauthorizedAccess",
                                                 "NotAuthorized",         "AllAccessDisabled"};
// _retry.json of botocore and its standard retry mode.
constexpr std::array<std::string_view, 14> throttling{"Throttling",
                                                      "ThrottlingException",
                                                      "ThrottledException",
                                                      "RequestThrottledException",
                                                      "RequestThrottled",
                                                      "TooManyRequestsException",
                                                      "ProvisionedThroughputExceededException",
                                                      "TransactionInProgressException",
                                                      "RequestLimitExceeded",
                                                      "BandwidthLimitExceeded",
                                                      "LimitExceededException",
                                                      "SlowDown",
                                                      "PriorRequestNotComplete",
                                                      "EC2ThrottledException"};
// 502 that says what is wrong with the request: repeating does not help.
constexpr std::array<std::string_view, 11> not_transient{"InvalidZipFileException",
                                                         "InvalidRuntimeException",
                                                         "InvalidSecurityGroupIDException",
                                                         "InvalidSubnetIDException",
                                                         "EC2AccessDeniedException",
                                                         "KMSAccessDeniedException",
                                                         "KMSDisabledException",
                                                         "KMSInvalidStateException",
                                                         "KMSNotFoundException",
                                                         "EC2UnexpectedException",
                                                         "SubnetIPAddressLimitReachedException"};
constexpr std::array<std::string_view, 8> transient{
    "RequestTimeout", "RequestTimeoutException", "InternalError",      "InternalFailure",
    "ServiceFailure", "IDPCommunicationError",   "ServiceUnavailable", "SnapStartNotReadyException"};
constexpr std::array<std::string_view, 9> limits{"CodeStorageExceededException",
                                                 "ServiceQuotaExceededException",
                                                 "PolicyLengthExceededException",
                                                 "RequestEntityTooLargeException",
                                                 "RequestTooLargeException",
                                                 "LimitExceeded",
                                                 "TooManyBuckets",
                                                 "AliasLimitExceededException",
                                                 "EntityTooLarge"};
constexpr std::array<std::string_view, 8> absent{"ResourceNotFoundException",
                                                 "NoSuchEntity",
                                                 "NoSuchBucket",
                                                 "NoSuchKey",
                                                 "NotFound",
                                                 "404",
                                                 "NoSuchTagSet",
                                                 "NoSuchEntityException"};
constexpr std::array<std::string_view, 9> conflicts{
    "ResourceConflictException",      "EntityAlreadyExists", "BucketAlreadyExists", "BucketAlreadyOwnedByYou",
    "ResourceAlreadyExistsException", "OperationAborted",    "DeleteConflict",      "ResourceInUseException",
    "PreconditionFailedException"};

constexpr std::size_t longest_message = 600;

/// "ResourceNotFoundException:http://..." and "com.amazonaws.logs#ResourceNotFoundException".
std::string bare_code(std::string code) {
    code = code.substr(0, code.find(':'));
    const auto hash = code.rfind('#');
    return hash == std::string::npos ? code : code.substr(hash + 1);
}

void read_json_error(const HttpResponse& response, ApiError& error) {
    const json::value body = parse_json(response.body, "error", {.max_bytes = 1u << 20});
    if (error.code.empty()) error.code = string_or(body, "__type");
    if (error.code.empty()) error.code = string_or(body, "code");
    error.message = string_or(body, "message", string_or(body, "Message"));
    error.reason = string_or(body, "Reason");
}

void read_xml_error(const HttpResponse& response, ApiError& error) {
    const sdk::XmlElement root = sdk::parse_xml(response.body, "error", 1u << 20);
    const sdk::XmlElement* inner = root.name == "Error" ? &root : root.child("Error");
    if (!inner) return;
    error.code = inner->at("Code");
    error.message = inner->at("Message");
}

std::string on(const CallNote& note) {
    return note.region.empty() ? std::string() : " in " + note.region;
}

Error denied_error(const ApiError& error, const CallNote& note) {
    // "User: arn:... is not authorized to perform: lambda:CreateFunction on resource: arn:... because ..."
    std::string action = note.operation;
    std::string resource;
    std::smatch match;
    if (std::regex_search(error.message, match, std::regex(R"(perform: ?([A-Za-z0-9-]+:[A-Za-z0-9*]+))")))
        action = match[1];
    if (std::regex_search(error.message, match, std::regex(R"(on resource: ?(\S+))"))) resource = match[1];
    std::string hint = "allow " + action;
    if (!resource.empty()) hint += " on " + resource;
    hint += " for these credentials";
    if (!note.credentials.empty()) hint += " (" + note.credentials + ")";
    hint += "; docs/providers/aws.md has the whole policy";
    return Error(ErrorKind::forbidden, "AWS does not allow " + action + on(note)).hint(std::move(hint));
}

Error unknown_key_error(const CallNote& note) {
    Error failure(ErrorKind::unauthenticated, "AWS does not know the credentials" + on(note));
    const std::string from = note.credentials.empty() ? std::string() : " (from " + note.credentials + ")";
    if (note.opt_in_region)
        failure.hint("enable region " + note.region + " in the account, or check the access key" + from);
    else
        failure.hint("check the access key" + from);
    return failure;
}

std::string hint_for_parameter(const ApiError& error) {
    if (is_role_propagation(error)) return "check that the role trusts lambda.amazonaws.com (sts:AssumeRole)";
    if (contains(error.message, "Cross-account pass role"))
        return "the role in providers.aws.role belongs to another account: use one of this account";
    if (contains(error.message, "'runtime'"))
        return "this region does not offer the runtime: choose another Python version";
    if (contains(error.message, "Unzipped size"))
        return "leave something out of the package; .pyfopsignore names what is not needed";
    if (contains(error.message, "environment variables"))
        return "the environment may be 4 KB, names and values together";
    return {};
}

} // namespace

ApiError read_error(const HttpResponse& response) {
    ApiError error;
    error.status = response.status;
    error.code = response.headers.get("x-amzn-ErrorType");
    error.request_id = response.headers.get("x-amzn-RequestId");
    if (const std::string* text = response.headers.find("x-amz-retry-after")) {
        if (const auto milliseconds = to_integer(*text)) error.retry_after = Milliseconds(*milliseconds);
    }
    try {
        const auto first = response.body.find_first_not_of(" \t\r\n");
        if (first != std::string::npos && response.body[first] == '{')
            read_json_error(response, error);
        else if (first != std::string::npos && response.body[first] == '<')
            read_xml_error(response, error);
    } catch (const Error&) {
        // A proxy's page, or a cut answer: the status says enough.
    }
    error.code = bare_code(error.code);
    if (error.code.empty() && error.message.empty()) error.message = response.body;
    error.message = excerpt(error.message, longest_message);
    return error;
}

bool is_throttling(const ApiError& error) {
    return error.status == 429 || one_of(error.code, throttling);
}

bool is_retryable(const ApiError& error) {
    if (is_throttling(error) || one_of(error.code, transient)) return true;
    return is_retryable_status(error.status) && !one_of(error.code, not_transient);
}

bool is_clock_skew(const ApiError& error) {
    if (error.code == "RequestTimeTooSkewed" || error.code == "RequestExpired" ||
        error.code == "RequestInTheFuture")
        return true;
    return one_of(error.code, bad_signature) && (contains(error.message, "Signature expired") ||
                                                 contains(error.message, "Signature not yet current"));
}

bool is_role_propagation(const ApiError& error) {
    return error.code == "InvalidParameterValueException" &&
           (contains(error.message, "cannot be assumed by Lambda") ||
            contains(error.message, "The role defined for the function"));
}

bool is_role_propagation(const Error& failure) {
    return is_role_propagation(
        ApiError{.code = failure.provider_code(), .message = failure.provider_message()});
}

bool is_busy(const Error& failure) {
    return failure.provider_code() == "ResourceConflictException" &&
           (contains(failure.provider_message(), "in progress") ||
            contains(failure.provider_message(), "currently in the following state"));
}

bool already_exists(const Error& failure) {
    const std::string& code = failure.provider_code();
    return code == "EntityAlreadyExists" || code == "BucketAlreadyOwnedByYou" ||
           code == "ResourceAlreadyExistsException" ||
           (code == "ResourceConflictException" && (contains(failure.provider_message(), "already exist") ||
                                                    contains(failure.provider_message(), "exists for this")));
}

Error to_error(const ApiError& error, const CallNote& note) {
    const auto make = [&]() -> Error {
        const std::string from = note.credentials.empty() ? std::string() : " (" + note.credentials + ")";
        if (is_clock_skew(error) && error.code != "RequestExpired")
            return Error(ErrorKind::unauthenticated, "AWS refuses the time of the request")
                .hint("set this machine's clock (timedatectl set-ntp true)");
        if (one_of(error.code, expired))
            return Error(ErrorKind::unauthenticated, "the AWS credentials" + from + " have expired")
                .hint("get new ones (aws sso login, or a new AWS_SESSION_TOKEN) and run the command again");
        if (one_of(error.code, unknown_key)) return unknown_key_error(note);
        if (one_of(error.code, bad_signature))
            return Error(ErrorKind::unauthenticated, "AWS does not accept the signature" + on(note))
                .hint("check the secret access key" + from + ": it does not belong to the access key");
        if (one_of(error.code, denied)) return denied_error(error, note);
        if (is_throttling(error))
            return Error(ErrorKind::throttled, "AWS is asked too often by this account" + on(note))
                .hint("run fewer deployments at a time (-j), or ask AWS for a higher quota");
        if (one_of(error.code, limits))
            return Error(ErrorKind::limit_exceeded,
                         "a limit of AWS does not allow " + note.operation + on(note))
                .hint("make the package smaller, remove what is not used, or ask AWS for a higher quota");
        if (contains(error.message, "'MemorySize' value failed") ||
            contains(error.message, "at 'memorySize'"))
            return Error(ErrorKind::limit_exceeded,
                         "this AWS account does not allow that memory size" + on(note))
                .hint("new accounts stop at 3008 MB: ask AWS for a higher quota, or use less");
        if (error.code == "UnauthorizedException" || error.status == 401)
            return Error(ErrorKind::unauthenticated, "AWS refuses the credentials" + from);
        if (one_of(error.code, absent) || (error.status == 404 && error.code.empty()))
            return Error(ErrorKind::not_found, note.operation + on(note) + ": there is no such resource");
        if (one_of(error.code, conflicts) || error.status == 409)
            return Error(ErrorKind::conflict, note.operation + on(note) + " conflicts with what is there");
        if (is_retryable(error))
            return Error(ErrorKind::unavailable, note.operation + on(note) + " failed on AWS's side")
                .hint("run the command again: it goes on where this one stopped");
        if (error.status == 403) return denied_error(error, note);
        return Error(ErrorKind::invalid_input, "AWS refuses " + note.operation + on(note))
            .hint(hint_for_parameter(error));
    };
    Error failure = make();
    failure.provider(error.status, error.code, error.message);
    return failure;
}

} // namespace pyfops::aws

// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>

namespace pyfops::ibm {
namespace {

constexpr std::size_t longest_message = 600;

bool speaks_of(const ApiError& error, std::initializer_list<std::string_view> words) {
    const std::string text = lower_case(error.code + " " + error.message);
    for (const std::string_view word : words)
        if (text.find(word) != std::string::npos) return true;
    return false;
}

/// What the bodies of the three services have in them: Code Engine a list, IAM errorCode, OpenWhisk one text.
void read_body(const json::value& body, ApiError& error) {
    if (const json::value* list = find(body, "errors");
        list && list->is_array() && !list->as_array().empty()) {
        const json::value& first = list->as_array().front();
        error.code = string_or(first, "code");
        error.message = string_or(first, "message");
        return;
    }
    error.code = string_or(body, "errorCode", string_or(body, "code"));
    error.message = string_or(body, "errorMessage", string_or(body, "error", string_or(body, "message")));
}

std::string what(const CallNote& note) {
    return note.operation + (note.resource.empty() ? "" : " of " + note.resource);
}

bool is_iam(const CallNote& note) {
    return note.operation.starts_with("iam:");
}

Error make(const ApiError& error, const CallNote& note) {
    const std::string from = note.credentials.empty() ? "" : " from " + note.credentials;
    if (is_iam(note) && (error.status == 400 || error.status == 401))
        return Error(ErrorKind::unauthenticated, "IBM Cloud does not accept the API key" + from)
            .hint("check the key: 'ibmcloud iam api-keys' lists those that exist");
    switch (error.status) {
    case 401:
        return Error(ErrorKind::unauthenticated, note.place + " does not accept the credentials" + from)
            .hint("check the key and that it is for this account");
    case 403:
        return Error(ErrorKind::forbidden, "the credentials" + from + " do not allow " + what(note))
            .hint("give their owner the role that the documentation of pyfOps names for IBM");
    case 404:
        return Error(ErrorKind::not_found, what(note) + ": there is no such resource in " + note.place);
    case 409:
        if (speaks_of(error, {"limit", "quota"})) break;
        return Error(ErrorKind::conflict, what(note) + " conflicts with what is there");
    case 412:
        return Error(ErrorKind::conflict, what(note) + ": it was changed meanwhile by somebody else")
            .hint("run the command again");
    case 413:
        return Error(ErrorKind::limit_exceeded,
                     what(note) + ": the request is larger than " + note.place + " takes")
            .hint("make the package or the event smaller");
    case 429:
        return Error(ErrorKind::throttled, note.place + " has too many requests: " + what(note))
            .hint("wait a minute, or use fewer at a time with --jobs");
    default:
        break;
    }
    if (error.status >= 400 && error.status < 500 && speaks_of(error, {"limit", "quota", "exceed"}))
        return Error(ErrorKind::limit_exceeded, "a limit of " + note.place + " is reached: " + what(note))
            .hint("remove what is not needed any more; a Code Engine project has room for 20 functions");
    if (is_retryable_status(error.status))
        return Error(ErrorKind::unavailable, what(note) + " failed on the side of " + note.place)
            .hint("run the command again: it goes on where this one stopped");
    return Error(ErrorKind::invalid_input, note.place + " refuses " + what(note));
}

} // namespace

ApiError read_error(const HttpResponse& response) {
    ApiError error;
    error.status = response.status;
    try {
        read_body(parse_json(response.body, "error", {.max_bytes = 1u << 20}), error);
    } catch (const Error&) { // not the service's own: a proxy, or the text of its server
        error.message = response.body;
    }
    error.message = excerpt(error.message, longest_message);
    return error;
}

Error to_error(const ApiError& error, const CallNote& note) {
    Error failure = make(error, note);
    failure.provider(error.status, error.code, error.message);
    return failure;
}

Verdict judge(const HttpResponse& response, const CallNote& note) {
    Verdict verdict;
    if (response.status >= 200 && response.status < 300) return verdict;
    const ApiError error = read_error(response);
    verdict.failure = to_error(error, note);
    verdict.throttled = error.status == 429;
    verdict.retry = is_retryable_status(error.status);
    return verdict;
}

bool is_stale(const Error& failure) {
    return failure.http_status() == 412 ||
           (failure.http_status() == 409 &&
            failure.provider_message().find("oncurrent modification") != std::string::npos);
}

bool already_exists(const Error& failure) {
    return failure.http_status() == 409 && !is_stale(failure);
}

} // namespace pyfops::ibm

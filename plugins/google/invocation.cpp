// SPDX-License-Identifier: Apache-2.0
#include "invocation.hpp"

#include "pyfops/retry.hpp"
#include "pyfops/secret.hpp"

#include <regex>

namespace pyfops::google {
namespace {

/// The text of an HTML page, or the body as it is.
std::string words_of(const std::string& body) {
    std::string text;
    bool tag = false;
    for (const char c : excerpt(body, 4000)) {
        if (c == '<') tag = true;
        if (!tag) text += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
        if (c == '>') tag = false;
    }
    static const std::regex spaces(" +");
    text = std::regex_replace(text, spaces, " ");
    return excerpt(text, 300);
}

} // namespace

std::optional<FunctionError> read_timeout(const HttpResponse& answer, int timeout_seconds) {
    if (answer.status != 504) return std::nullopt;
    FunctionError error;
    error.cause = FunctionError::Cause::timed_out;
    error.type = "Timeout";
    error.message = "the function did not answer within " + std::to_string(timeout_seconds) + " seconds";
    return error;
}

bool may_have_ended(int status) {
    return status == 500 || status == 502 || status == 503;
}

bool is_front_end_page(const HttpResponse& answer) {
    return may_have_ended(answer.status) && answer.headers.get("Content-Type").starts_with("text/html");
}

std::optional<FunctionError> read_ending(const std::vector<LogLine>& lines) {
    static const std::regex memory(
        R"(Memory limit of (\d+)(?:\.\d+)? ?Mi?B? exceeded with (\d+)(?:\.\d+)? ?Mi?B? used)");
    static const std::regex exit(R"(Container called exit\((-?\d+)\))");
    static const std::regex signal(R"(Container terminated on signal (\d+))");
    static const std::regex size("Response size was too large");
    std::optional<FunctionError> found;
    for (const LogLine& line : lines) {
        std::smatch match;
        FunctionError error;
        if (std::regex_search(line.text, match, memory)) {
            error.cause = FunctionError::Cause::out_of_memory;
            error.type = "OutOfMemory";
        } else if (std::regex_search(line.text, match, exit) || std::regex_search(line.text, match, signal)) {
            error.cause = FunctionError::Cause::exited;
            error.type = "Exit";
        } else if (std::regex_search(line.text, match, size)) {
            error.cause = FunctionError::Cause::bad_answer;
            error.type = "ResponseSizeTooLarge";
        } else {
            continue;
        }
        error.message = excerpt(line.text, 300);
        // A process that is killed for its memory is logged as ended by a signal as well.
        if (!found || error.cause == FunctionError::Cause::out_of_memory) found = std::move(error);
    }
    return found;
}

Error platform_error(const HttpResponse& answer, const Deployment& deployment, const std::string& principal) {
    const std::string name = "'" + deployment.cloud_name + "' in " + deployment.identity.region;
    const auto make = [&]() -> Error {
        const std::string who = principal.empty() ? std::string("these credentials") : principal;
        if (answer.status == 401 || answer.status == 403)
            return Error(ErrorKind::forbidden, "Google does not let " + who + " call " + name)
                .hint("grant the role roles/run.invoker on it, or set providers.google.public");
        if (answer.status == 404)
            return Error(ErrorKind::not_found, "there is no function " + name).hint("deploy it first");
        if (answer.status == 413)
            return Error(ErrorKind::limit_exceeded, "the event or the answer of " + name + " is too large");
        if (answer.status == 429)
            return Error(ErrorKind::throttled, "no instance of " + name + " is free")
                .hint("call it less often, or raise providers.google.max_instances");
        if (is_retryable_status(answer.status))
            return Error(ErrorKind::unavailable,
                         name + " did not answer: status " + std::to_string(answer.status))
                .hint("see 'pyfops logs'; run the command again");
        return Error(ErrorKind::unavailable, name + " answered with status " + std::to_string(answer.status) +
                                                 ", not as pyfOps made it")
            .hint("deploy it again: it was changed from outside");
    };
    Error failure = make();
    failure.provider(answer.status, std::to_string(answer.status), words_of(answer.body));
    return failure;
}

} // namespace pyfops::google

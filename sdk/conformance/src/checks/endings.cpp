// SPDX-License-Identifier: Apache-2.0
// How an invocation ends when it does not end well.
#include "groups.hpp"

#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

using Cause = FunctionError::Cause;

json::object command(json::array words) {
    return {{"conform", std::move(words)}};
}

FunctionError function_error(Bench& bench, const Deployment& made, json::array words, const std::string& of) {
    const Invocation answer = bench.invoke(made, command(std::move(words)));
    require(!answer.output, of + " is taken for an answer");
    require(answer.error.has_value(), of + " has neither output nor error");
    return *answer.error;
}

/// The function was stopped, and that is told as the quirks say; afterwards it answers again.
void ends(Bench& bench, const Deployment& made, json::array words, const Ending& ending,
          const std::string& of) {
    std::optional<Invocation> answer;
    const auto thrown = failure_of([&] { answer = bench.invoke(made, command(std::move(words))); });
    if (ending.causes.empty()) {
        require(thrown.has_value(), of + " does not end with the platform's error");
        require(thrown->kind() == ErrorKind::unavailable || thrown->kind() == ErrorKind::timeout ||
                    thrown->kind() == ErrorKind::limit_exceeded,
                of + " ends as '" + std::string(to_string(thrown->kind())) + "': " + thrown->what());
    } else {
        if (thrown) unmet(of + " is thrown as the platform's error: " + thrown->what());
        require(answer->error.has_value() && !answer->output, of + " is taken for an answer");
        require(ending.causes.contains(answer->error->cause),
                of + " is told as '" + std::string(to_string(answer->error->cause)) + "' (" +
                    answer->error->type + ": " + answer->error->message + ")");
    }
    require(bench.tell(made, {"version"}) == "1", "after " + of + " the function does not answer again");
}

void raised(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const std::string message = "no \"such\" Größe";
    const FunctionError error = function_error(bench, made, {"raise", message}, "an exception");
    require(error.cause == Cause::raised,
            "an exception is told as '" + std::string(to_string(error.cause)) + "'");
    require(error.type == "ValueError", "the exception's type is told as '" + error.type + "'");
    require(error.message == message, "the exception's message is told as '" + error.message + "'");
    require(!error.stack.empty(), "the exception has no stack");
    const auto ours = [](const std::string& line) { return line.find("_pyfops_") != std::string::npos; };
    require(std::none_of(error.stack.begin(), error.stack.end(), ours), "the stack shows the entry file");
    const FunctionError silent = function_error(bench, made, {"raise_nothing"}, "an exception without words");
    require(silent.cause == Cause::raised && silent.type == "KeyError" && silent.message.empty(),
            "an exception without words is told as " + silent.type + ": '" + silent.message + "'");
    require(bench.tell(made, {"version"}) == "1", "after an exception the function does not answer");
}

void bad_answer(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const FunctionError error = function_error(bench, made, {"bytes"}, "an answer that is no JSON");
    require(error.cause == Cause::bad_answer,
            "an answer that is no JSON is told as '" + std::string(to_string(error.cause)) + "'");
    const FunctionError left = function_error(bench, made, {"exit"}, "sys.exit");
    require(left.cause == Cause::exited, "sys.exit is told as '" + std::string(to_string(left.cause)) + "'");
    require(bench.tell(made, {"version"}) == "1", "after sys.exit the function does not answer");
}

void platform(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    site.cloud.faults(site.refusals({site.quirks.invoke}, site.quirks.server_error, 0));
    const auto failure = failure_of([&] { bench.invoke(made, 1); });
    require_failure(failure, ErrorKind::unavailable, "an invocation that the platform refuses");
    require(failure->http_status() == site.quirks.server_error.status,
            "the platform's status is not told: " + std::string(failure->what()));
}

void timed_out(Site& site) {
    Bench& bench = site.bench();
    const int limit = site.quirks.short_timeout;
    const Deployment made = bench.deploy({.timeout_seconds = limit});
    const SteadyTime start = real_clock().steady_now();
    ends(bench, made, {"sleep", limit + 30}, site.quirks.timed_out, "running out of time");
    const auto took = real_clock().steady_now() - start;
    require(took >= std::chrono::seconds(limit), "a function is stopped before its timeout");
    require(took < std::chrono::seconds(limit + 15), "a function is not stopped at its timeout");
}

void out_of_memory(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy({.timeout_seconds = site.quirks.ample_timeout});
    ends(bench, made, {"fill", site.quirks.memory_mb * 2}, site.quirks.out_of_memory,
         "running out of memory");
}

void died(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy({.timeout_seconds = site.quirks.ample_timeout});
    ends(bench, made, {"die"}, site.quirks.exited, "the end of the process");
}

void answer_too_large(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy({.timeout_seconds = site.quirks.ample_timeout});
    const std::size_t limit = bench.offer().limits.answer_bytes;
    ends(bench, made, {"answer", limit + 4096}, site.quirks.answer_too_large, "an answer above the limit");
}

} // namespace

Checks endings() {
    return {
        {"ending.raised", "an exception is a function error with type, message and the user's stack",
         &raised},
        {"ending.bad-answer", "an answer that is no JSON, and sys.exit, are function errors", &bad_answer},
        {"ending.platform", "the platform's failure is thrown and is no function error", &platform},
        {"ending.timed-out", "a function that runs out of time is stopped, and told apart", &timed_out},
        {"ending.out-of-memory", "a function that runs out of memory is stopped, and told apart",
         &out_of_memory},
        {"ending.died", "a function whose process ends is told apart, and answers again", &died},
        {"ending.answer-too-large", "an answer above the limit is told apart", &answer_too_large},
    };
}

} // namespace pyfops::conformance

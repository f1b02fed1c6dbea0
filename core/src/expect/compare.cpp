// SPDX-License-Identifier: Apache-2.0
// An answer against what its test expects.
#include "expect/file.hpp"
#include "expect/message.hpp"
#include "expect/regex.hpp"
#include "expect/schema.hpp"
#include "expect/structure.hpp"
#include "pyfops/pipeline.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace pyfops {
namespace {

using expect::one_line;
using expect::shown;

std::string_view remedy(FunctionError::Cause cause) {
    switch (cause) {
    case FunctionError::Cause::timed_out:
        return " (a larger `timeout` gives it more time)";
    case FunctionError::Cause::out_of_memory:
        return " (a larger `memory` gives it more)";
    case FunctionError::Cause::exited:
    case FunctionError::Cause::raised:
    case FunctionError::Cause::not_loaded:
    case FunctionError::Cause::bad_answer:
        break;
    }
    return "";
}

std::string described(const FunctionError& error) {
    std::string text = error.type.empty() ? std::string(to_string(error.cause)) : error.type;
    if (!error.message.empty()) text += ": " + error.message;
    // Long enough for a sentence that says what to do.
    return one_line(text, 400);
}

/// "zipfile.BadZipFile" is also "BadZipFile".
bool same_type(std::string_view expected, std::string_view got) {
    return got == expected || (got.ends_with(expected) && got.size() > expected.size() &&
                               got[got.size() - expected.size() - 1] == '.');
}

std::string compare_error(const json::value& expected, const Invocation& invocation) {
    const std::string type = string_or(expected, "type");
    const std::string message = string_or(expected, "message");
    if (!invocation.error) {
        const std::string wanted = type.empty() ? "an error" : "the error " + one_line(type);
        return "expected " + wanted + ", got " +
               (invocation.output ? shown(*invocation.output) : "no answer");
    }
    if (!type.empty() && !same_type(type, invocation.error->type))
        return "expected the error " + one_line(type) + ", got " + described(*invocation.error);
    if (invocation.error->message.find(message) == std::string::npos)
        return "expected an error with '" + one_line(message) + "', got " + described(*invocation.error);
    return {};
}

/// Plugins parse answers with the usual limit, but nothing makes them: what follows goes down by recursion.
bool deeper_than(const json::value& value, std::size_t most) {
    std::vector<std::pair<const json::value*, std::size_t>> open{{&value, 1}};
    while (!open.empty()) {
        const auto [at, depth] = open.back();
        open.pop_back();
        const auto* object = at->if_object();
        const auto* array = at->if_array();
        if (!object && !array) continue;
        if (depth > most) return true;
        if (object)
            for (const auto& member : *object)
                open.emplace_back(&member.value(), depth + 1);
        if (array)
            for (const json::value& item : *array)
                open.emplace_back(&item, depth + 1);
    }
    return false;
}

std::string compare_output(const Expectation& expected, const json::value& output) {
    constexpr std::size_t most = JsonLimits{}.max_depth;
    if (deeper_than(output, most)) return fmt::format("the answer has more than {} levels", most);
    switch (expected.kind) {
    case Expectation::Kind::exact:
        return expect::compare_exact(expected.value, output);
    case Expectation::Kind::subset:
        return expect::compare_subset(expected.value, output);
    case Expectation::Kind::approx:
        return expect::compare_approximate(expected.value, output, expected.tolerance);
    case Expectation::Kind::schema:
        return expect::compare_schema(expected.value, output);
    case Expectation::Kind::regex:
        return expect::compare_regex(expected.value, output);
    case Expectation::Kind::file:
        return expect::compare_file(expected, output);
    case Expectation::Kind::any:
    case Expectation::Kind::error:
        break;
    }
    return {};
}

std::string compare_answer(const Expectation& expected, const Invocation& invocation) {
    if (expected.kind == Expectation::Kind::error) return compare_error(expected.value, invocation);
    if (invocation.error) {
        const FunctionError& error = *invocation.error;
        return "the function failed: " + described(error) + std::string(remedy(error.cause));
    }
    if (!invocation.output) return "the function gave no answer";
    return compare_output(expected, *invocation.output);
}

} // namespace

std::string compare(const TestCase& test, const Invocation& invocation) {
    std::string differs = compare_answer(test.expect, invocation);
    return differs.empty() ? too_slow(test, invocation) : differs;
}

std::string too_slow(const TestCase& test, const Invocation& invocation) {
    if (!test.max_duration) return {};
    const auto most = static_cast<double>(test.max_duration->count());
    if (invocation.duration_ms) {
        if (*invocation.duration_ms <= most) return {};
        return fmt::format("the handler took {:.1f} ms, more than the {} ms of max_duration",
                           *invocation.duration_ms, test.max_duration->count());
    }
    if (invocation.round_trip <= *test.max_duration) return {};
    return fmt::format("the round trip took {} ms, more than the {} ms of max_duration (how long the handler "
                       "took is not known)",
                       invocation.round_trip.count(), test.max_duration->count());
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/pipeline.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace pyfops {
namespace {

/// Untrusted text for one line of a terminal.
std::string one_line(std::string text, std::size_t most = 80) {
    text = redact(text); // before it is cut: half a secret is not recognised
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    if (text.size() > most) text = std::string(cut_utf8(text, most)) + "...";
    return text;
}

std::string shown(const json::value& value) {
    return one_line(canonical_json(value));
}

std::string step(std::string_view path, std::string_view key) {
    std::string result = std::string(path) + "/";
    for (const char c : key)
        result += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return result;
}

std::string at(const std::string& path, const std::string& difference) {
    return path.empty() ? difference : "at " + one_line(path) + ": " + difference;
}

bool same_integer(double number, std::int64_t integer) {
    // 2^63 itself does not fit; everything below is exact when it has no fraction.
    return number >= -0x1p63 && number < 0x1p63 && std::trunc(number) == number &&
           static_cast<std::int64_t>(number) == integer;
}

bool same_integer(double number, std::uint64_t integer) {
    return number >= 0 && number < 0x1p64 && std::trunc(number) == number &&
           static_cast<std::uint64_t>(number) == integer;
}

bool same_number(const json::value& a, const json::value& b) {
    if (a.is_double() && b.is_double()) return a.as_double() == b.as_double();
    if (b.is_double()) return same_number(b, a);
    if (a.is_double())
        return b.is_int64() ? same_integer(a.as_double(), b.as_int64())
                            : same_integer(a.as_double(), b.as_uint64());
    if (a.is_int64() && b.is_int64()) return a.as_int64() == b.as_int64();
    if (a.is_uint64() && b.is_uint64()) return a.as_uint64() == b.as_uint64();
    const json::value& is_signed = a.is_int64() ? a : b;
    const json::value& is_unsigned = a.is_int64() ? b : a;
    return is_signed.as_int64() >= 0 &&
           static_cast<std::uint64_t>(is_signed.as_int64()) == is_unsigned.as_uint64();
}

/// "" or the first difference. With `subset`, members of objects that were not expected do not count.
std::string difference(const json::value& expected, const json::value& got, const std::string& path,
                       bool subset) {
    const auto differs = [&] { return at(path, "expected " + shown(expected) + ", got " + shown(got)); };
    if (expected.is_object() && got.is_object()) {
        for (const auto& member : expected.as_object()) {
            const std::string here = step(path, member.key());
            const json::value* other = got.as_object().if_contains(member.key());
            if (!other) return at(here, "expected " + shown(member.value()) + ", but it is missing");
            std::string found = difference(member.value(), *other, here, subset);
            if (!found.empty()) return found;
        }
        if (subset) return {};
        for (const auto& member : got.as_object())
            if (!expected.as_object().contains(member.key()))
                return at(step(path, member.key()), "not expected, got " + shown(member.value()));
        return {};
    }
    if (expected.is_array() && got.is_array()) {
        const json::array& wanted = expected.as_array();
        const json::array& array = got.as_array();
        for (std::size_t i = 0; i < wanted.size() && i < array.size(); ++i) {
            std::string found = difference(wanted[i], array[i], path + "/" + std::to_string(i), subset);
            if (!found.empty()) return found;
        }
        if (wanted.size() != array.size())
            return at(path, fmt::format("expected {} items, got {}", wanted.size(), array.size()));
        return {};
    }
    if (expected.is_number() && got.is_number()) return same_number(expected, got) ? "" : differs();
    return expected == got ? "" : differs();
}

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

} // namespace

std::string compare(const Expectation& expect, const Invocation& invocation) {
    if (expect.kind == Expectation::Kind::error) return compare_error(expect.value, invocation);
    if (invocation.error) {
        const FunctionError& error = *invocation.error;
        return "the function failed: " + described(error) + std::string(remedy(error.cause));
    }
    if (!invocation.output) return "the function gave no answer";
    switch (expect.kind) {
    case Expectation::Kind::exact:
        return difference(expect.value, *invocation.output, "", false);
    case Expectation::Kind::subset:
        return difference(expect.value, *invocation.output, "", true);
    case Expectation::Kind::any:
    case Expectation::Kind::error:
        break;
    }
    return {};
}

} // namespace pyfops

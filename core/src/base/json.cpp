// SPDX-License-Identifier: Apache-2.0
#include "pyfops/json.hpp"

#include "pyfops/error.hpp"

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

namespace pyfops {

json::value parse_json(std::string_view text, std::string_view what, JsonLimits limits) {
    if (text.size() > limits.max_bytes)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} is larger than {} bytes", what, limits.max_bytes));
    json::parse_options options;
    options.max_depth = limits.max_depth;
    json::parser parser({}, options);
    boost::system::error_code failure;
    const std::size_t good = parser.write_some(text.data(), text.size(), failure);
    std::size_t rest = good;
    while (!failure && rest < text.size() &&
           std::string_view(" \t\r\n").find(text[rest]) != std::string_view::npos)
        ++rest;
    if (!failure && rest == text.size()) return parser.release();
    const std::string reason = failure ? failure.message() : "text after the value";
    const std::string_view before = text.substr(0, good);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    throw Error(ErrorKind::invalid_input, fmt::format("{} is not JSON: {} at line {}, column {}", what,
                                                      reason, line, good - line_start + 1));
}

namespace {

/// As json::serialize, but a double reads as people write it: 2.0 and 0.1 instead of 2E0 and 1E-1.
std::string scalar_text(const json::value& value) {
    const double* number = value.if_double();
    if (!number || !std::isfinite(*number)) return json::serialize(value);
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number).ptr;
    std::string text(buffer.data(), end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

void write_canonical(const json::value& value, std::string& out) {
    if (const auto* object = value.if_object()) {
        std::vector<const json::key_value_pair*> members;
        for (const auto& member : *object)
            members.push_back(&member);
        std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
            return std::string_view(a->key()) < std::string_view(b->key());
        });
        out += '{';
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (i > 0) out += ',';
            out += json::serialize(json::value(members[i]->key()));
            out += ':';
            write_canonical(members[i]->value(), out);
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) out += ',';
            write_canonical((*array)[i], out);
        }
        out += ']';
    } else {
        out += scalar_text(value);
    }
}

void write_pretty(const json::value& value, std::string& out, std::size_t depth) {
    const std::string indent((depth + 1) * 2, ' ');
    if (const auto* object = value.if_object(); object && !object->empty()) {
        out += "{\n";
        bool first = true;
        for (const auto& member : *object) {
            if (!first) out += ",\n";
            first = false;
            out += indent + json::serialize(json::value(member.key())) + ": ";
            write_pretty(member.value(), out, depth + 1);
        }
        out += "\n" + std::string(depth * 2, ' ') + "}";
    } else if (const auto* array = value.if_array(); array && !array->empty()) {
        out += "[\n";
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) out += ",\n";
            out += indent;
            write_pretty((*array)[i], out, depth + 1);
        }
        out += "\n" + std::string(depth * 2, ' ') + "]";
    } else {
        out += scalar_text(value);
    }
}

} // namespace

std::string canonical_json(const json::value& value) {
    std::string out;
    write_canonical(value, out);
    return out;
}

std::string pretty_json(const json::value& value) {
    std::string out;
    write_pretty(value, out, 0);
    return out;
}

const json::value* find(const json::object& object, std::string_view key) noexcept {
    return object.if_contains(key);
}

const json::value* find(const json::value& value, std::string_view key) noexcept {
    const auto* object = value.if_object();
    return object ? object->if_contains(key) : nullptr;
}

namespace {

std::string text_of(const json::value* member, std::string_view otherwise) {
    const auto* text = member ? member->if_string() : nullptr;
    return text ? std::string(*text) : std::string(otherwise);
}

long long integer_of(const json::value* member, long long otherwise) {
    if (!member) return otherwise;
    if (const auto* number = member->if_int64()) return *number;
    if (const auto* number = member->if_uint64())
        return *number <= static_cast<std::uint64_t>(std::numeric_limits<long long>::max())
                   ? static_cast<long long>(*number)
                   : otherwise;
    if (const auto* number = member->if_double())
        if (std::trunc(*number) == *number && std::abs(*number) < 9e15)
            return static_cast<long long>(*number);
    return otherwise;
}

} // namespace

std::string string_or(const json::value& value, std::string_view key, std::string_view otherwise) {
    return text_of(find(value, key), otherwise);
}

std::string string_or(const json::object& object, std::string_view key, std::string_view otherwise) {
    return text_of(find(object, key), otherwise);
}

long long integer_or(const json::value& value, std::string_view key, long long otherwise) {
    return integer_of(find(value, key), otherwise);
}

long long integer_or(const json::object& object, std::string_view key, long long otherwise) {
    return integer_of(find(object, key), otherwise);
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "expect/regex.hpp"

#include "base/json_pointer.hpp"
#include "expect/message.hpp"
#include "expect/pattern.hpp"
#include "expect/structure.hpp"
#include "pyfops/error.hpp"

namespace pyfops::expect {
namespace {

void find_problems(const json::value& expected, const std::string& path, std::vector<Problem>& problems) {
    if (const auto* object = expected.if_object()) {
        for (const auto& member : *object)
            find_problems(member.value(), pointer_to(path, member.key()), problems);
    } else if (const auto* array = expected.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            find_problems((*array)[i], path + "/" + std::to_string(i), problems);
    } else if (const auto* text = expected.if_string()) {
        try {
            const Pattern compiled(*text);
        } catch (const Error& failure) {
            problems.push_back({path, failure.message(), "for plain text put '\\' before ( ) [ ] { } * + ?"});
        }
    }
}

std::string match(std::string_view expression, std::string_view text) {
    try {
        if (Pattern(expression).matches(text)) return {};
    } catch (const Error& failure) {
        return failure.message();
    }
    return "expected text that matches " + shown(json::string(expression)) + ", got " +
           shown(json::string(text));
}

} // namespace

std::vector<Problem> regex_problems(const json::value& expected) {
    std::vector<Problem> problems;
    find_problems(expected, "", problems);
    return problems;
}

std::string compare_regex(const json::value& expected, const json::value& answer) {
    return compare_texts(expected, answer, match);
}

} // namespace pyfops::expect

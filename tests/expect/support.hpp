// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/pipeline.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace pyfops::test {

inline json::value parsed(std::string_view text) {
    return parse_json(text, "the text of this test");
}

inline Invocation answering(json::value output) {
    Invocation invocation;
    invocation.output = std::move(output);
    return invocation;
}

/// Why the invocation does not fit; "" when it does.
inline std::string judged(Expectation expected, const Invocation& invocation) {
    TestCase test;
    test.expect = std::move(expected);
    return compare(test, invocation);
}

/// The same of JSON texts.
inline std::string judged(Expectation::Kind kind, std::string_view expected, std::string_view answer) {
    return judged({kind, parsed(expected)}, answering(parsed(answer)));
}

/// Arrays in arrays, made without recursion.
inline json::value nested(std::size_t levels) {
    json::value value = 1;
    for (std::size_t i = 0; i < levels; ++i) {
        json::array around;
        around.push_back(std::move(value));
        value = std::move(around);
    }
    return value;
}

} // namespace pyfops::test

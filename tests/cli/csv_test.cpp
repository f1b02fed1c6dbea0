// SPDX-License-Identifier: Apache-2.0
#include "views/csv.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace pyfops;
using namespace pyfops::cli;

namespace {

std::string one(const json::value& value, bool terminal = false) {
    static constexpr std::array<std::string_view, 1> columns{"a"};
    StreamTraits out;
    out.terminal = terminal;
    const std::string text = csv(columns, {json::object{{"a", value}}}, out);
    REQUIRE(text.starts_with("a\r\n"));
    REQUIRE(text.ends_with("\r\n"));
    return text.substr(3, text.size() - 5);
}

} // namespace

TEST_CASE("CSV has a header, one line a row, and nothing for null") {
    static constexpr std::array<std::string_view, 3> columns{"a", "b", "c"};
    CHECK(csv(columns, {}, {}) == "a,b,c\r\n");
    CHECK(csv(columns, {json::object{{"c", 1}, {"a", nullptr}}, json::object{{"b", "x"}, {"d", "y"}}}, {}) ==
          "a,b,c\r\n,,1\r\n,x,\r\n");
}

TEST_CASE("CSV values are plain and quoted where they must be") {
    CHECK(one(500.0) == "500");
    CHECK(one(-1.5) == "-1.5");
    CHECK(one(1e-7) == "1e-07");
    CHECK(one(12345678901) == "12345678901");
    CHECK(one(true) == "true");
    CHECK(one("") == "");
    CHECK(one("a b") == "a b");
    CHECK(one("a,b") == "\"a,b\"");
    CHECK(one("say \"hi\"") == "\"say \"\"hi\"\"\"");
    CHECK(one("two\nlines") == "\"two\nlines\"");
    CHECK(one("cr\r") == "\"cr\r\"");
}

TEST_CASE("CSV text is no formula") {
    for (const std::string start : {"=", "+", "-", "@"}) {
        CHECK(one(json::string(start + "1")) == "'" + start + "1");
        CHECK(one(json::string("a" + start)) == "a" + start);
    }
    CHECK(one("=HYPERLINK(\"x\",\"y\")") == "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    CHECK(one("\t=1") == "'\t=1");
    CHECK(one("\r=1") == "\"'\r=1\"");
    CHECK(one("\n=1") == "\"'\n=1\"");
}

TEST_CASE("CSV on a terminal shows control characters") {
    CHECK(one("a\x1b[31m") == "a\x1b[31m");
    CHECK(one("a\x1b[31m", true) == "a\\x1b[31m");
}

// SPDX-License-Identifier: Apache-2.0
#include "http/fields.hpp"
#include "pyfops/text.hpp"
#include "pyfops/utf8.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace pyfops;

TEST_CASE("a whole number is read or nothing is") {
    CHECK(to_integer("0") == 0);
    CHECK(to_integer("-12") == -12);
    CHECK(to_integer("007") == 7);
    CHECK(to_integer("9223372036854775807") == std::numeric_limits<long long>::max());
    CHECK(to_integer("-9223372036854775808") == std::numeric_limits<long long>::min());
    for (const char* none :
         {"", " ", "-", "+1", " 1", "1 ", "1x", "0x10", "1.0", "1e3", "--1", "9223372036854775808"})
        CHECK_FALSE(to_integer(none));
    CHECK_FALSE(to_integer(std::string_view("1\0", 2)));
}

TEST_CASE("every character goes to UTF-8 and back") {
    for (char32_t value = 0; value <= 0x10ffff; value += value < 0x900 ? 1 : 41) {
        if (value >= 0xd800 && value <= 0xdfff) continue;
        std::string text;
        append_utf8(text, value);
        const CodePoint point = first_code_point(text + "x");
        REQUIRE(point.valid);
        REQUIRE(point.value == value);
        REQUIRE(point.bytes == text.size());
        REQUIRE_FALSE(first_invalid_utf8(text));
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            REQUIRE_FALSE(first_code_point(text.substr(0, cut)).valid);
            REQUIRE(cut_utf8("ab" + text, 2 + cut) == "ab");
        }
    }
    std::string surrogate;
    append_utf8(surrogate, 0xd800);
    CHECK(surrogate == "\xef\xbf\xbd");
}

TEST_CASE("bytes that are not UTF-8 are found where they stand") {
    for (const char* bad : {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                            "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                            "\xff", "\xc3", "\xe2\x82", "\xc3\xc3", "\xe2\x28\xa1"}) {
        CAPTURE(bad);
        CHECK_FALSE(first_code_point(bad).valid);
        CHECK(first_code_point(bad).bytes == 1);
        CHECK(first_invalid_utf8(std::string("ä€") + bad + "z") == 5);
    }
    CHECK_FALSE(first_invalid_utf8(""));
    CHECK_FALSE(first_invalid_utf8("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80"));
}

TEST_CASE("a text is cut before a character and not in it") {
    CHECK(cut_utf8("abc", 3) == "abc");
    CHECK(cut_utf8("abc", 2) == "ab");
    CHECK(cut_utf8("", 0).empty());
    CHECK(cut_utf8("€", 2).empty());
    CHECK(cut_utf8("a€b", 4) == "a€");
    CHECK(cut_utf8("a€b", 3) == "a");
}

TEST_CASE("a field of a header cannot end the field") {
    for (const char* good : {"Content-Type", "x", "a!#$%&'*+-.^_`|~9"})
        CHECK(is_token(good));
    for (const char* bad : {"", "a b", "a:", "a\r", "a\n", "a\t", "ä", "a(b"})
        CHECK_FALSE(is_token(bad));
    CHECK_FALSE(is_token(std::string_view("a\0", 2)));
    for (const char* good : {"", "text/plain; charset=utf-8", "a\tb", "\xc3\xa4"})
        CHECK(is_field_value(good));
    for (const char* bad : {"a\r\nb", "a\rb", "a\nb", "\x01", "\x7f"})
        CHECK_FALSE(is_field_value(bad));
    CHECK_FALSE(is_field_value(std::string_view("a\0b", 3)));
}

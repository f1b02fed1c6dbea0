// SPDX-License-Identifier: Apache-2.0
#include "frame/text.hpp"

#include "pyfops/error.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::cli;

TEST_CASE("sizes and durations are for people") {
    CHECK(human_size(0) == "0 B");
    CHECK(human_size(1023) == "1023 B");
    CHECK(human_size(1536) == "1.5 KiB");
    CHECK(human_size(1024 * 1024 - 1) == "1.0 MiB");
    CHECK(human_size(262144000) == "250.0 MiB");
    CHECK(human_duration(Milliseconds(85)) == "85 ms");
    CHECK(human_duration(Milliseconds(1249)) == "1.2 s");
    CHECK(human_duration(Milliseconds(59'999)) == "1 min");
    CHECK(human_duration(Milliseconds(200'000)) == "3 min 20 s");
    CHECK(human_duration(Milliseconds(3'600'000)) == "1 h");
    CHECK(human_duration(Milliseconds(7'500'000)) == "2 h 5 min");
    CHECK(counted(1, "function") == "1 function");
    CHECK(counted(0, "error") == "0 errors");
}

TEST_CASE("untrusted text cannot steer a terminal") {
    CHECK(escape_control("a\x1b[31mb\rc\x07") == "a\\x1b[31mb\\x0dc\\x07");
    CHECK(escape_control("two\nlines") == "two\\x0alines");
    CHECK(escape_control("two\nlines", true) == "two\nlines");
    // A C1 control in UTF-8 is an escape sequence's start on some terminals.
    CHECK(escape_control("\xc2\x9b"
                         "31m") == "\\x9b31m");
    // Directions that turn text around.
    CHECK(escape_control("a\xe2\x80\xae"
                         "b") == "a\\u202eb");
    CHECK(escape_control("\xff\xc3") == "\\xff\\xc3");
    CHECK(escape_control("\xc0\x80") == "\\xc0\\x80");
    CHECK(escape_control("Gr\xc3\xbc\xc3\x9f") == "Gr\xc3\xbc\xc3\x9f");
}

TEST_CASE("widths count columns and cuts do not split characters") {
    CHECK(display_width("Gr\xc3\xbc\xc3\x9f") == 4);
    CHECK(display_width("\xe4\xb8\xad\xe6\x96\x87") == 4);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(cut_to_width("thumbnail", 9) == "thumbnail");
    CHECK(cut_to_width("thumbnail", 7) == "thum...");
    CHECK(cut_to_width("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97", 5) == "\xe4\xb8\xad...");
    CHECK(display_width(cut_to_width("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97", 2)) <= 2);
    CHECK(pad_left("7", 3) == "  7");
}

TEST_CASE("durations and numbers are checked") {
    CHECK(parse_duration("90", "x").count() == 90);
    CHECK(parse_duration("5m", "x").count() == 300);
    CHECK(parse_duration("2h", "x").count() == 7200);
    CHECK(parse_duration("1d", "x").count() == 86400);
    for (const char* bad : {"", "m", "-1", "1.5h", "0", "5 m", "9999999999999999d", "1w"})
        CHECK_THROWS_AS(parse_duration(bad, "x"), Error);
    CHECK(parse_number("7", "x", 1, 10) == 7);
    for (const char* bad : {"", "0", "11", "7x", " 7", "99999999999999999999"})
        CHECK_THROWS_AS(parse_number(bad, "x", 1, 10), Error);
}

TEST_CASE("a word for the shell is quoted only where it needs to be") {
    CHECK(shell_word("hello/a_b.c") == "hello/a_b.c");
    CHECK(shell_word("Mein Projekt") == "'Mein Projekt'");
    CHECK(shell_word("it's") == "'it'\\''s'");
    CHECK(shell_word("~x") == "'~x'");
    CHECK(shell_word("") == "''");
}

TEST_CASE("sentences are wrapped between words") {
    CHECK(wrapped("one two three", 9, 2) == "one two\n  three\n");
    CHECK(wrapped("unbreakable", 4, 0) == "unbreakable\n");
}

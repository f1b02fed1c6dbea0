// SPDX-License-Identifier: Apache-2.0
#include "frame/table.hpp"

#include <doctest/doctest.h>

using namespace pyfops::cli;

namespace {

Table sample() {
    Table table({{"NAME"}, {"SIZE", true}, {"EMPTY"}, {"LINK", false, true}});
    table.add({{"thumbnail"}, {"12 B"}, {""}, {"arn:aws:lambda:eu-central-1:000000000000:function:x"}});
    table.add({{"hi", "32"}, {"1.5 KiB"}, {""}, {""}});
    return table;
}

} // namespace

TEST_CASE("columns are aligned and empty ones are left out") {
    CHECK(sample().render(0, false) ==
          "NAME          SIZE  LINK\n"
          "thumbnail     12 B  arn:aws:lambda:eu-central-1:000000000000:function:x\n"
          "hi         1.5 KiB\n");
    CHECK(Table({{"A"}}).render(0, false).empty());
}

TEST_CASE("a link that does not fit gets a line of its own and is never cut") {
    CHECK(sample().render(40, false) == "NAME          SIZE\n"
                                        "thumbnail     12 B\n"
                                        "    arn:aws:lambda:eu-central-1:000000000000:function:x\n"
                                        "hi         1.5 KiB\n");
}

TEST_CASE("long names give way on a narrow terminal only") {
    Table table({{"NAME"}, {"SIZE", true}});
    table.add({{"a-very-long-function-name"}, {"12 B"}});
    CHECK(table.render(22, false) == "NAME              SIZE\na-very-long-f...  12 B\n");
    CHECK(table.render(0, false) == "NAME                       SIZE\na-very-long-function-name  12 B\n");
}

TEST_CASE("times lose their end and spare columns go before a name is cut") {
    Table table({{"NAME"},
                 {.title = "A", .right = true, .spare = 2},
                 {.title = "B", .right = true, .spare = 1},
                 {.title = "AT", .stem = 10}});
    table.add({{"a-long-function-name"}, {"11"}, {"22"}, {"2026-11-23T06:47:00Z"}});
    CHECK(table.render(0, false) == "NAME                   A   B  AT\n"
                                    "a-long-function-name  11  22  2026-11-23T06:47:00Z\n");
    CHECK(table.render(45, false) == "NAME                   A   B  AT\n"
                                     "a-long-function-name  11  22  2026-11-23\n");
    CHECK(table.render(36, false) == "NAME                   B  AT\n"
                                     "a-long-function-name  22  2026-11-23\n");
    CHECK(table.render(28, false) == "NAME              AT\na-long-functi...  2026-11-23\n");
}

TEST_CASE("colours do not disturb the alignment") {
    CHECK(sample().render(0, true).find("\x1b[32mhi\x1b[0m         1.5 KiB") != std::string::npos);
    CHECK(sample().render(0, false).find('\x1b') == std::string::npos);
}

TEST_CASE("what a terminal would take for a command is shown, not sent") {
    Table table({{"NAME"}, {"LINK", false, true}});
    table.add({{"a\x1b[2Jb"}, {"c\x07\n"}});
    CHECK(table.render(0, false) == "NAME       LINK\na\\x1b[2Jb  c\\x07\\x0a\n");
}

// SPDX-License-Identifier: Apache-2.0
#include "frame/arguments.hpp"

#include "commands.hpp"
#include "pyfops/error.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace pyfops;
using namespace pyfops::cli;

namespace {

Arguments parse(const char* command, const std::vector<std::string>& words) {
    return parse_arguments(*find_command(command), words);
}

std::string refusal(const char* command, const std::vector<std::string>& words) {
    try {
        parse(command, words);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid_input);
        return error.what();
    }
    return "nothing";
}

} // namespace

TEST_CASE("options are taken in every spelling") {
    const Arguments arguments = parse("run", {"-f", "a.yaml", "--only=provider=aws,region=eu-*", "-j4",
                                              "--only", "function=x", "-vv", "--json"});
    CHECK(arguments.value("file") == "a.yaml");
    CHECK(arguments.values("only") == std::vector<std::string>{"provider=aws,region=eu-*", "function=x"});
    CHECK(arguments.number("jobs", 1, 100, 0) == 4);
    CHECK(arguments.count("verbose") == 2);
    CHECK(arguments.has("json"));
    CHECK_FALSE(arguments.has("local"));
}

TEST_CASE("operands are kept apart from options") {
    const Arguments arguments = parse("invoke", {"hello", "--json", "-", "--only", "region=x"});
    CHECK(arguments.operands() == std::vector<std::string>{"hello", "-"});
    CHECK(parse("invoke", {"--", "hello", "-5"}).operand(1) == "-5");
    CHECK(parse("invoke", {"hello", R"({"a": 1})"}).operand(1) == R"({"a": 1})");
}

TEST_CASE("an unknown option gets a sentence and the nearest one") {
    CHECK(refusal("run", {"--jsn"}) == "'pyfops run' has no option '--jsn'; did you mean '--json'?");
    CHECK(refusal("run", {"--xylophone"}) ==
          "'pyfops run' has no option '--xylophone'; see 'pyfops help run'");
    CHECK(refusal("run", {"--jsn=3"}) == "'pyfops run' has no option '--jsn'; did you mean '--json'?");
    CHECK(refusal("run", {"-Z"}).find("has no option '-Z'") != std::string::npos);
    // Abbreviations are not guessed.
    CHECK(refusal("run", {"--loc"}).find("has no option '--loc'") != std::string::npos);
}

TEST_CASE("missing and superfluous values are named") {
    CHECK(refusal("run", {"--file"}).find("option --file (-f) needs a value: FILE") == 0);
    CHECK(refusal("run", {"-f"}).find("option --file (-f) needs a value: FILE") == 0);
    CHECK(refusal("run", {"--file="}).find("option --file (-f) needs a value: FILE") == 0);
    CHECK(refusal("run", {"--json=yes"}).find("option --json takes no value") == 0);
    CHECK(refusal("run", {"-f", "a", "-f", "b"}).find("is given twice, with 'a' and 'b'") !=
          std::string::npos);
    CHECK(refusal("run", {"stray"}).find("takes no operands, and 'stray' is one too many") !=
          std::string::npos);
    CHECK(refusal("package", {"--resolver", "pp"}).find("takes uv, pip, not 'pp'; did you mean 'pip'?") !=
          std::string::npos);
    CHECK_THROWS_AS(parse("run", {"-j", "0"}).number("jobs", 1, 10, 0), Error);
}

TEST_CASE("hostile words do not reach the terminal") {
    CHECK(refusal("run", {"--a\x1b[2J"}).find('\x1b') == std::string::npos);
}

TEST_CASE("options may stand before the command") {
    const CommandLine line = split_command_line({"-f", "x.yaml", "--json", "run", "--local"});
    CHECK(line.command == "run");
    CHECK(line.words == std::vector<std::string>{"-f", "x.yaml", "--json", "--local"});
    CHECK(split_command_line({"--file=run", "list"}).command == "list");
    CHECK(split_command_line({"-frun", "list"}).command == "list");
    CHECK(split_command_line({"--version"}).command.empty());
    CHECK(split_command_line({"invoke", "run"}).words == std::vector<std::string>{"run"});
}

TEST_CASE("the command table is in order") {
    std::set<std::string_view> names;
    for (const CommandInfo& command : commands()) {
        CAPTURE(command.name);
        CHECK(names.insert(command.name).second);
        CHECK(bool(command.run));
        if (command.section == Section::hidden) continue;
        CHECK_FALSE(command.summary.empty());
        CHECK_FALSE(command.examples.empty());
        CHECK(command.examples.starts_with("pyfops "));
        std::set<std::string_view> options;
        std::set<char> letters;
        for (const OptionInfo* option : options_of(command)) {
            CAPTURE(option->name);
            CHECK(options.insert(option->name).second);
            if (option->letter != 0) CHECK(letters.insert(option->letter).second);
            CHECK_FALSE(option->help.empty());
        }
        for (const char* everywhere : {"json", "quiet", "verbose", "no-color", "help"})
            CHECK(options.contains(everywhere));
    }
}

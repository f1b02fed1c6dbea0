// SPDX-License-Identifier: Apache-2.0
#include "packaging/ignore.hpp"

#include "packaging/support.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>
#include <set>

using namespace pyfops;
using packaging::glob_match;
using packaging::IgnoreRules;

TEST_CASE("globs stop at slashes unless doubled") {
    CHECK(glob_match("*.py", "a.py"));
    CHECK_FALSE(glob_match("*.py", "d/a.py"));
    CHECK(glob_match("**/a", "a"));
    CHECK(glob_match("**/a", "x/y/a"));
    CHECK(glob_match("a/**/b", "a/b"));
    CHECK(glob_match("a/**/b", "a/x/y/b"));
    CHECK(glob_match("a/**", "a/x/y"));
    CHECK_FALSE(glob_match("a/**", "a"));
    CHECK(glob_match("[a-c]x?", "bxz"));
    CHECK_FALSE(glob_match("[!a-c]x", "bx"));
    CHECK(glob_match("[]a]", "]"));
    CHECK(glob_match("\\*", "*"));
    CHECK_FALSE(glob_match("\\*", "x"));
    CHECK_FALSE(glob_match("[abc", "a"));
}

TEST_CASE("ignore rules agree with git") {
    if (std::system("git --version >/dev/null 2>&1") != 0) {
        MESSAGE("SKIPPED: git is not there to compare with");
        return;
    }
    const std::vector<std::string> patterns = {
        "*.log\n!keep.log\n",
        "build/\n",
        "/top.txt\ndoc/*.txt\n",
        "**/gen/*.py\na/**/z\n",
        "x/**\n!x/y/\n",
        "foo\\ \nbar   \n\\#hash\n\\!bang\n# comment\n\n",
        "data[0-9].bin\nfile?.c\n[!a]q\n",
        "*\n!*/\n!*.md\n",
        "**\n!a/\n",
        "a/b\n/c/\n**/d/e\nf/**\n",
        "*.txt\r\n!x.txt\r\n",
        "***.c\nz**y\n",
    };
    const std::vector<std::string> files = {
        "a.log",     "keep.log",  "d/keep.log",  "build/out.o", "d/build/o.o", "d2/build", "top.txt",
        "d/top.txt", "doc/a.txt", "doc/b/c.txt", "gen/p.py",    "q/gen/p.py",  "a/z",      "a/k/z",
        "a/k/l/z",   "x/y/z.md",  "x/w",         "foo ",        "bar",         "#hash",    "!bang",
        "data5.bin", "dataA.bin", "file1.c",     "file12.c",    "bq",          "aq",       "n/readme.md",
        "n/other",   "a/b/c",     "c/d",         "e/c/d",       "g/d/e/f",     "f/g/h",    "x.txt",
        "zzy",       "z/y",
    };
    test::TemporaryDirectory folder;
    REQUIRE(std::system(fmt::format("git init -q '{}'", folder.path().string()).c_str()) == 0);
    for (const std::string& file : files)
        write_file(folder / file, "x");
    for (const std::string& text : patterns) {
        CAPTURE(text);
        write_file(folder / ".gitignore", text);
        std::set<std::string> theirs, ours;
        const std::string command =
            fmt::format("cd '{}' && git -c core.quotePath=false -c core.excludesFile= ls-files -z -o "
                        "--exclude-standard",
                        folder.path().string());
        FILE* pipe = ::popen(command.c_str(), "r");
        REQUIRE(pipe);
        std::string name;
        for (int c; (c = std::fgetc(pipe)) != EOF;) {
            if (c != 0) {
                name += static_cast<char>(c);
                continue;
            }
            if (name != ".gitignore") theirs.insert(name);
            name.clear();
        }
        REQUIRE(::pclose(pipe) == 0);
        IgnoreRules rules;
        rules.add_text(text);
        for (const std::string& file : files) {
            bool ignored = rules.ignored(file, false);
            for (std::size_t slash = file.find('/'); slash != std::string::npos;
                 slash = file.find('/', slash + 1))
                ignored = ignored || rules.ignored(file.substr(0, slash), true);
            if (!ignored) ours.insert(file);
        }
        for (const std::string& file : files) {
            CAPTURE(file);
            CHECK(ours.contains(file) == theirs.contains(file));
        }
    }
}

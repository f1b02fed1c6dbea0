// SPDX-License-Identifier: Apache-2.0
#include "packaging/support.hpp"
#include "pyfops/error.hpp"
#include "pyfops/package.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace pyfops;
namespace fs = std::filesystem;

namespace {

std::string refusal(auto&& action) {
    try {
        action();
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid_input);
        return error.what();
    }
    return "";
}

std::vector<std::string> names(const SourceTree& tree) {
    std::vector<std::string> all;
    for (const auto& [path, file] : tree.files())
        all.push_back(path);
    return all;
}

} // namespace

TEST_CASE("a tree refuses paths that could lead out or clash") {
    SourceTree tree;
    for (const char* bad : {"", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a/", "a/.", "x\ny", "\xff"})
        CHECK_FALSE(refusal([&] { tree.add(bad, {}); }).empty());
    tree.add("a/b", {"1"});
    CHECK_FALSE(refusal([&] { tree.add("a", {}); }).empty());
    CHECK_FALSE(refusal([&] { tree.add("a/b/c", {}); }).empty());
    tree.add("a.b", {"2"});
    tree.add("a/b", {"3"});
    CHECK(tree.find("a/b")->content.view() == "3");
    CHECK_THROWS_AS(tree.add_new("a/b", {}), Error);
    CHECK(tree.total_bytes() == 2);
}

TEST_CASE("the content hash is of paths and modes and bytes") {
    SourceTree one, other;
    one.add("b", {"2"});
    one.add("a", {"1", true});
    other.add("a", {"1", true});
    other.add("b", {"2"});
    CHECK(one.content_hash() == other.content_hash());
    // Fixed: a change here makes every deployment "changed" once.
    CHECK(SourceTree().content_hash() == "014847bbf3bf1bac8614e705ff5630e35acf4c0441309e4c7a7db3febab00105");
    other.add("b", {"2", true});
    CHECK(one.content_hash() != other.content_hash());
    SourceTree split, joined;
    split.add("ab", {"c"});
    joined.add("a", {"bc"});
    CHECK(split.content_hash() != joined.content_hash());
}

TEST_CASE("reading a code base leaves out what no function needs") {
    test::TemporaryDirectory folder;
    for (const char* file :
         {"app.py", "pkg/__init__.py", "pkg/__pycache__/x.cpython-311.pyc", "old.pyc", ".git/HEAD",
          "tests/t.py", "pkg/tests/t.py", ".pyfops/journal", "env/pyvenv.cfg", "env/lib/x.py", "notes/a.md",
          "notes/keep.md", "data/\xC3\xA4.txt", "pyfops.yaml", "empty"})
        write_file(folder / file, file == std::string("empty") ? "" : "x");
    write_file(folder / "run.sh", "#!/bin/sh\n", 0755);
    write_file(folder / ".pyfopsignore", "# notes\nnotes/*\n!notes/keep.md\n");
    CHECK(names(read_tree(folder.path())) == std::vector<std::string>{"app.py", "data/\xC3\xA4.txt", "empty",
                                                                      "notes/keep.md", "pkg/__init__.py",
                                                                      "run.sh"});
    CHECK(read_tree(folder.path()).find("run.sh")->executable);
    CHECK_FALSE(read_tree(folder.path()).find("app.py")->executable);
    write_file(folder / ".pyfopsignore", "!tests/\n");
    CHECK(read_tree(folder.path()).find("tests/t.py"));
    ReadTreeOptions options;
    options.ignore = {"*.py", "!app.py"};
    CHECK(read_tree(folder.path(), options).find("app.py"));
    CHECK_FALSE(read_tree(folder.path(), options).find("pkg/__init__.py"));
}

TEST_CASE("links are followed inside a code base only") {
    test::TemporaryDirectory folder;
    fs::create_directories(folder / "code/lib");
    write_file(folder / "code/lib/a.py", "a");
    write_file(folder / "outside.py", "secret");
    fs::create_symlink("lib/a.py", folder / "code/b.py");
    fs::create_directory_symlink("lib", folder / "code/twice");
    CHECK(names(read_tree(folder / "code")) == std::vector<std::string>{"b.py", "lib/a.py", "twice/a.py"});
    CHECK(read_tree(folder / "code").find("b.py")->content.view() == "a");

    fs::create_symlink("../outside.py", folder / "code/c.py");
    CHECK(refusal([&] { read_tree(folder / "code"); }).find("'c.py' is a link that leads out") !=
          std::string::npos);
    fs::remove(folder / "code/c.py");
    // A folder beside it whose name starts with the root's name is outside too.
    fs::create_directories(folder / "code2");
    write_file(folder / "code2/x.py", "x");
    fs::create_symlink("../code2/x.py", folder / "code/d.py");
    CHECK(refusal([&] { read_tree(folder / "code"); }).find("leads out") != std::string::npos);
    fs::remove(folder / "code/d.py");
    fs::create_directory_symlink("..", folder / "code/lib/up");
    CHECK(refusal([&] { read_tree(folder / "code"); }).find("a link to a folder that contains it") !=
          std::string::npos);
    fs::remove(folder / "code/lib/up");
    fs::create_symlink("nowhere", folder / "code/e.py");
    CHECK(refusal([&] { read_tree(folder / "code"); }).find("does not exist") != std::string::npos);
    fs::remove(folder / "code/e.py");
    REQUIRE(::mkfifo((folder / "code/pipe").c_str(), 0600) == 0);
    CHECK(refusal([&] { read_tree(folder / "code"); }).find("neither a file nor a folder") !=
          std::string::npos);
}

TEST_CASE("reading a code base has limits and says which file passed them") {
    test::TemporaryDirectory folder;
    write_file(folder / "a", "12345");
    write_file(folder / "b", "12345");
    ReadTreeOptions options;
    options.max_bytes = 9;
    CHECK(refusal([&] { read_tree(folder.path(), options); }).find("over 9 bytes") != std::string::npos);
    options = {};
    options.max_files = 1;
    CHECK(refusal([&] { read_tree(folder.path(), options); }).find("at most 1 may") != std::string::npos);
    CHECK(refusal([&] { read_tree(folder / "none"); }).find("does not exist") != std::string::npos);
}

TEST_CASE("a tree is written with fixed modes whatever the umask") {
    test::TemporaryDirectory folder;
    SourceTree tree;
    tree.add("deep/er/a.py", {"a"});
    tree.add("deep/run", {"b", true});
    tree.add("empty", {""});
    const mode_t before = ::umask(0077);
    write_tree(tree, folder.path());
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat((folder / "deep/run").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0755);
    REQUIRE(::stat((folder / "deep/er/a.py").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0644);
    REQUIRE(::stat((folder / "deep/er").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0755);
    CHECK(read_tree(folder.path()).content_hash() == tree.content_hash());
}

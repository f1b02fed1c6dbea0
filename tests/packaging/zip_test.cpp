// SPDX-License-Identifier: Apache-2.0
#include "packaging/deflate.hpp"
#include "packaging/support.hpp"
#include "packaging/zip_writer.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>

#include <clocale>
#include <ctime>

using namespace pyfops;
using test::error_of;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

SourceTree sample() {
    SourceTree tree;
    tree.add("app.py", {std::string(5000, 'a')});
    tree.add("bin/run.sh", {"#!/bin/sh\n", true});
    tree.add("empty", {""});
    tree.add("d\xC3\xA4ta/\xE6\x97\xA5.txt", {"text"});
    std::string noise;
    SeededRandom random(7);
    for (int i = 0; i < 4000; ++i)
        noise += static_cast<char>(random.bits());
    tree.add("noise.dat", {noise});
    return tree;
}

std::shared_ptr<const DependencySet> one_dependency(const std::string& path,
                                                    const std::string& content = "x") {
    auto set = std::make_shared<DependencySet>();
    set->files[path] = packaging::pack_file({content});
    set->distributions.push_back({"dep", "1.0", "dep-1.0-py3-none-any.whl", "", content.size()});
    set->total_bytes = content.size();
    set->content_hash = sha256_hex(path + content);
    return set;
}

/// Runs a script under Debian's Python and returns its exit code.
int python(const std::string& script, const fs::path& folder) {
    write_file(folder / "script.py", script);
    return std::system(fmt::format("cd '{}' && /usr/bin/python3 script.py", folder.string()).c_str());
}

} // namespace

TEST_CASE("a package reads back as what went in") {
    test::TemporaryDirectory folder;
    test::World world(folder / "cache");
    BuildRequest request;
    request.tree = sample();
    request.dependencies = one_dependency("dep/__init__.py");
    request.dependencies_prefix = ".python_packages/lib/site-packages";
    const Package package = world.build(request);
    const SourceTree back = read_zip(package.archive.view());
    CHECK(back.content_hash() == package.content_hash);
    CHECK(back.files().size() == package.file_count);
    CHECK(back.total_bytes() == package.unzipped_bytes);
    CHECK(back.find("bin/run.sh")->executable);
    CHECK(back.find(".python_packages/lib/site-packages/dep/__init__.py")->content.view() == "x");
    CHECK(package.archive_sha256 == sha256(package.archive.view()));
    CHECK(package.shares.at(0).name == "(your code)");
    CHECK(package.shares.at(1).name == "dep");

    // And the judgement of somebody else's reader.
    write_file(folder / "p.zip", package.archive.view());
    CHECK(python(R"(
import zipfile
z = zipfile.ZipFile("p.zip")
assert z.testzip() is None
infos = z.infolist()
assert [i.filename for i in infos] == sorted((i.filename for i in infos), key=str.encode)
assert "d\u00e4ta/\u65e5.txt" in z.namelist()
for i in infos:
    assert i.date_time == (1980, 1, 1, 0, 0, 0), i
    assert i.create_system == 3 and not i.extra and not i.comment and i.flag_bits == 0x800, i
    assert i.external_attr >> 16 == (0o100755 if i.filename == "bin/run.sh" else 0o100644), i
assert z.getinfo("noise.dat").compress_type == zipfile.ZIP_STORED
assert z.getinfo("app.py").compress_type == zipfile.ZIP_DEFLATED
assert z.read("app.py") == b"a" * 5000
)",
                 folder.path()) == 0);
}

TEST_CASE("equal content gives equal bytes whatever the zone and locale and umask and order") {
    test::TemporaryDirectory folder;
    std::string first_hash, first_archive;
    const struct {
        const char* zone;
        const char* locale;
        mode_t mask;
        bool reversed;
    } worlds[] = {{"UTC", "C", 022, false},
                  {"Asia/Kathmandu", "C.UTF-8", 077, true},
                  {"America/St_Johns", "C", 0, false}};
    int number = 0;
    for (const auto& one : worlds) {
        ::setenv("TZ", one.zone, 1);
        ::tzset();
        std::setlocale(LC_ALL, one.locale);
        const mode_t before = ::umask(one.mask);
        const fs::path code = folder / fmt::format("code{}", number++);
        std::vector<std::pair<std::string, SourceFile>> files;
        const SourceTree tree = sample();
        for (const auto& [path, file] : tree.files())
            files.emplace_back(path, file);
        if (one.reversed) std::ranges::reverse(files);
        for (const auto& [path, file] : files) {
            fs::create_directories((code / path).parent_path());
            FILE* out = std::fopen((code / path).c_str(), "w");
            REQUIRE(out);
            std::fwrite(file.content.view().data(), 1, file.content.size(), out);
            std::fclose(out);
            if (file.executable) fs::permissions(code / path, fs::perms::owner_exec, fs::perm_options::add);
        }
        test::World world(folder / "cache");
        BuildRequest request;
        request.tree = read_tree(code);
        const Package package = world.build(request);
        ::umask(before);
        if (first_hash.empty()) {
            first_hash = package.content_hash;
            first_archive = package.archive.view();
        }
        CHECK(package.content_hash == first_hash);
        CHECK(package.archive.view() == first_archive);
    }
    ::unsetenv("TZ");
    ::tzset();
    std::setlocale(LC_ALL, "C");
    CHECK(first_hash == sample().content_hash());
}

TEST_CASE("the number of threads does not show in the bytes") {
    SourceTree tree;
    for (int i = 0; i < 60; ++i)
        tree.add(fmt::format("f{}", i),
                 {std::string(static_cast<std::size_t>(20'000 + 977 * i), static_cast<char>('a' + i % 26))});
    const auto one = packaging::pack_tree(tree, 1), many = packaging::pack_tree(tree, 8);
    REQUIRE(one.size() == many.size());
    for (const auto& [path, file] : one) {
        CHECK(file.deflated.view() == many.at(path).deflated.view());
        CHECK(file.crc32 == many.at(path).crc32);
        CHECK(packaging::unpack_file(file) == tree.find(path)->content.view());
    }
}

TEST_CASE("archives that would do harm are refused") {
    test::TemporaryDirectory folder;
    REQUIRE(python(R"(
import zipfile, stat
def make(name, *entries):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for path, content, mode in entries:
            info = zipfile.ZipInfo(path)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, content)
FILE = stat.S_IFREG | 0o644
make("good.zip", ("a/b.txt", "x", FILE), ("a/", "", stat.S_IFDIR | 0o755), ("r", "y", stat.S_IFREG | 0o755))
make("up.zip", ("../x", "x", FILE))
make("inner.zip", ("a/../../x", "x", FILE))
make("absolute.zip", ("/etc/x", "x", FILE))
make("link.zip", ("l", "/etc/passwd", stat.S_IFLNK | 0o777))
make("bomb.zip", *[(f"b{i}", b"\0" * (4 << 20), FILE) for i in range(8)])
make("many.zip", *[(f"f{i}", "", FILE) for i in range(300)])
make("clash.zip", ("a", "x", FILE), ("a/b", "x", FILE))
import warnings; warnings.simplefilter("ignore")
make("twice.zip", ("a", "1", FILE), ("a", "2", FILE))
good = open("good.zip", "rb").read()
open("cut.zip", "wb").write(good[:len(good) // 2])
make("crc.zip", ("a", "hello" * 100, FILE))
crc = bytearray(open("crc.zip", "rb").read())
at = crc.index(b"PK\x01\x02") + 16
crc[at] ^= 1; crc[14] ^= 1
open("crc.zip", "wb").write(crc)
# What an entry declares is not what it holds.
lie = bytearray(open("bomb.zip", "rb").read())
at = lie.index(b"PK\x01\x02") + 24
lie[at:at+4] = (10).to_bytes(4, "little"); lie[22:26] = (10).to_bytes(4, "little")
open("lie.zip", "wb").write(lie)
)",
                   folder.path()) == 0);
    const SourceTree good = read_zip(read_file(folder / "good.zip"));
    CHECK(good.files().size() == 2);
    CHECK(good.find("r")->executable);
    CHECK_FALSE(good.find("a/b.txt")->executable);
    for (const char* name : {"up", "inner", "absolute", "link", "clash", "twice", "cut", "crc"}) {
        CAPTURE(std::string(name));
        const std::string bytes = read_file(folder / (std::string(name) + ".zip"));
        CHECK(error_of([&] { read_zip(bytes); }).kind() == ErrorKind::invalid_input);
    }
    const std::string bomb = read_file(folder / "bomb.zip"), lie = read_file(folder / "lie.zip");
    CHECK(contains(error_of([&] { read_zip(bomb, 20u << 20); }).what(), "more than is allowed"));
    CHECK(read_zip(bomb, 32u << 20).total_bytes() == 32u << 20);
    CHECK_THROWS_AS(read_zip(lie, 20u << 20), Error);
    const std::string many = read_file(folder / "many.zip");
    CHECK(contains(error_of([&] { read_zip(many, 1u << 20, 299); }).what(), "more than 299 entries"));
    CHECK_THROWS_AS(read_zip("not a zip at all"), Error);
    CHECK_THROWS_AS(read_zip(""), Error);
}

TEST_CASE("what is too large is refused with the biggest parts named") {
    test::TemporaryDirectory folder;
    test::World world(folder / "cache");
    BuildRequest request;
    request.tree = sample();
    request.dependencies = one_dependency("dep/__init__.py", std::string(3'000'000, 'x'));
    request.limits.max_unzipped = 2'000'000;
    Error error = error_of([&] { world.build(request); });
    CHECK(error.kind() == ErrorKind::limit_exceeded);
    CHECK(contains(error.what(),
                   "3.0 MB unzipped; at most 2.0 MB are allowed. The biggest parts (unzipped): dep 3.0 MB"));
    request.limits = {};
    request.limits.max_zipped = 1000;
    error = error_of([&] { world.build(request); });
    CHECK(error.kind() == ErrorKind::limit_exceeded);
    CHECK(contains(error.what(), "zipped"));
    request.limits = {};
    request.limits.max_files = 3;
    CHECK(contains(error_of([&] { world.build(request); }).what(), "6 files; at most 3"));
}

TEST_CASE("code and dependencies that would hide each other are refused") {
    test::TemporaryDirectory folder;
    test::World world(folder / "cache");
    const auto conflict = [&](const char* mine, const char* theirs, const char* prefix = "") {
        BuildRequest request;
        request.tree.add(mine, {"mine"});
        request.dependencies = one_dependency(theirs);
        request.dependencies_prefix = prefix;
        try {
            world.build(request);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::conflict);
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(contains(conflict("yaml/__init__.py", "yaml/__init__.py"),
                   "'yaml/__init__.py' is a file of your code and of the dependency 'dep' 1.0"));
    CHECK(contains(conflict("bcrypt.py", "bcrypt/__init__.py"), "both have a module 'bcrypt'"));
    CHECK(contains(conflict("bcrypt/__init__.py", "bcrypt.cpython-311-x86_64-linux-gnu.so"), "'bcrypt'"));
    CHECK(contains(conflict("six.py", "six.py", ".python_packages/lib/site-packages"), "'six'"));
    CHECK(conflict("app.py", "dep/__init__.py") == "");
    CHECK(conflict("google/mine/x.py", "google/cloud/y.py") == "");
    CHECK(conflict("data.json", "data/__init__.py") == "");
}

// SPDX-License-Identifier: Apache-2.0
// The small parts: tags, requirements files, the lock file, the packed set.
#include "packaging/deflate.hpp"
#include "packaging/lock_file.hpp"
#include "packaging/python_tags.hpp"
#include "packaging/requirements.hpp"
#include "packaging/set_file.hpp"
#include "packaging/support.hpp"
#include "packaging/wheel.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

using namespace pyfops;
using namespace pyfops::packaging;
using test::error_of;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string why(const char* wheel, const PythonPlatform& platform = {"3.11", "x86_64", "2.26"}) {
    return why_incompatible(parse_wheel_name(wheel), platform);
}

} // namespace

TEST_CASE("wheels are judged by their tags") {
    CHECK(why("a-1-py3-none-any.whl") == "");
    CHECK(why("a-1-py2.py3-none-any.whl") == "");
    CHECK(why("a-1-cp39-abi3-manylinux2014_x86_64.whl") == "");
    CHECK(why("a-1-cp311-cp311-manylinux1_x86_64.whl") == "");
    CHECK(why("a-1-cp311-cp311-manylinux_2_26_x86_64.whl") == "");
    CHECK(why("a-1-1-cp311-none-linux_x86_64.whl") == "");
    CHECK(why("a-1-cp311-cp311-manylinux_2_27_x86_64.whl") == "it needs glibc 2.27, the runtime has 2.26");
    CHECK(why("a-1-cp311-cp311-manylinux_2_28_x86_64.manylinux_2_34_x86_64.whl") ==
          "it needs glibc 2.28, the runtime has 2.26");
    CHECK(why("a-1-cp312-cp312-manylinux2014_x86_64.whl") ==
          "it is for cp312-cp312, the runtime is Python 3.11");
    CHECK(why("a-1-cp312-abi3-manylinux2014_x86_64.whl") ==
          "it is for cp312-abi3, the runtime is Python 3.11");
    CHECK(why("a-1-cp310-cp310-manylinux2014_x86_64.whl") != "");
    CHECK(why("a-1-cp311-cp311t-manylinux2014_x86_64.whl") != "");
    CHECK(why("a-1-cp311-cp311-macosx_11_0_arm64.whl") ==
          "it is for macosx_11_0_arm64, the runtime is Linux");
    CHECK(why("a-1-cp311-cp311-manylinux2014_aarch64.whl") == "it is for aarch64, the runtime is x86_64");
    CHECK(why("a-1-cp311-cp311-manylinux2014_aarch64.whl", {"3.11", "aarch64", "2.26"}) == "");
    CHECK(why("a-1-cp311-cp311-musllinux_1_2_x86_64.whl") == "it is for musl, the runtime has glibc 2.26");
    CHECK(why("a-1-py2-none-any.whl") == "it is for py2-none, the runtime is Python 3.11");
    for (const char* bad : {"a-1.whl", "a-1-py3-none-any.zip", "x/a-1-py3-none-any.whl",
                            "a-1-2-3-4-py3-none-any.whl", "--py3-none-any.whl"})
        CHECK_THROWS_AS(parse_wheel_name(bad), Error);
    CHECK(normalise_name("Foo__.Bar") == "foo-bar");
    CHECK_THROWS_AS(platform_name({"3.11", "x86_64", "two"}), Error);
    CHECK_THROWS_AS(compatible_tags({"2.7", "x86_64", "2.17"}), Error);
}

TEST_CASE("tags agree with the packaging library") {
    if (std::system("/usr/bin/python3 -c 'from pip._vendor.packaging import tags' 2>/dev/null") != 0) {
        MESSAGE("SKIPPED: /usr/bin/python3 has no pip to compare with");
        return;
    }
    test::TemporaryDirectory folder;
    const PythonPlatform platform{"3.12", "x86_64", "2.34"};
    write_file(folder / "tags.py", fmt::format(R"(
import itertools
from pip._vendor.packaging.tags import compatible_tags, cpython_tags
platforms = ['{}']
for tag in itertools.chain(cpython_tags((3, 12), ["cp312"], platforms), compatible_tags((3, 12), "cp312", platforms)):
    print(tag)
)",
                                               fmt::join(platform_tags(platform), "','")));
    REQUIRE(std::system(
                fmt::format("/usr/bin/python3 '{0}/tags.py' > '{0}/out'", folder.path().string()).c_str()) ==
            0);
    const bool same =
        read_file(folder / "out") == fmt::format("{}\n", fmt::join(compatible_tags(platform), "\n"));
    CHECK(same); // not the lists themselves: they are long
}

TEST_CASE("requirements are read with their places") {
    test::TemporaryDirectory folder;
    write_file(
        folder / "req.txt",
        "# comment\r\nRequests[socks]>=2 ; python_version > '3' # why\r\n\n-r sub/more.txt\n"
        "-c limits.txt\nlong==1 \\\n  --hash=sha256:00\n--extra-index-url https://user:pw@x.invalid/\n");
    write_file(folder / "sub/more.txt", "six\n");
    write_file(folder / "limits.txt", "six<2\n");
    const Requirements all = read_requirements(folder / "req.txt", "f/req.txt");
    REQUIRE(all.all.size() == 3);
    CHECK(all.all[0].name == "requests");
    CHECK(all.all[0].place() == "f/req.txt:2: Requests[socks]>=2 ; python_version > '3'");
    CHECK(all.all[1].place() == "f/sub/more.txt:1: six");
    CHECK(all.all[2].line == 6);
    CHECK(all.find("six"));
    CHECK_FALSE(all.find("limits"));

    write_file(folder / "same.txt", "Requests[socks]>=2 ; python_version > '3'\n-r sub/more.txt\n-c "
                                    "limits.txt\nlong==1   --hash=sha256:00\n"
                                    "--extra-index-url https://user:pw@x.invalid/");
    CHECK(read_requirements(folder / "same.txt", "x").hash == all.hash);
    write_file(folder / "limits.txt", "six<3\n");
    CHECK(read_requirements(folder / "req.txt", "x").hash != all.hash);

    for (const char* bad : {"-e .", "--editable=.", "./local", "../x", "/abs/x.whl", "x.whl", "dir/x.tar.gz",
                            "git+https://h.invalid/x", "name @ https://h.invalid/x.whl",
                            "https://h.invalid/x.whl", "--no-binary :all:", "--unknown", "two words",
                            "-r https://h.invalid/r.txt", "-r missing.txt", "=1", "\xff"}) {
        CAPTURE(std::string(bad));
        write_file(folder / "bad.txt", std::string("ok\n") + bad + "\n");
        const Error error = error_of([&] { read_requirements(folder / "bad.txt", "bad.txt"); });
        CHECK(error.kind() == ErrorKind::invalid_input);
        if (std::string(bad) != "-r missing.txt") CHECK(contains(error.what(), "bad.txt:2: "));
    }
    for (const char* leak : {"--extra-index-url http://h.invalid/?q=${UV_DEFAULT_INDEX}",
                             "--find-links ${HOME}", "-r ${NAME}.txt", "name==${VERSION}"}) {
        CAPTURE(std::string(leak));
        write_file(folder / "bad.txt", std::string("ok\n") + leak + "\n");
        const Error error = error_of([&] { read_requirements(folder / "bad.txt", "bad.txt"); });
        CHECK(contains(error.what(), "bad.txt:2: "));
        CHECK(contains(error.what(), "takes in a variable of the environment"));
        CHECK(contains(error.hint(), "write the value itself"));
    }
    write_file(folder / "circle.txt", "-r circle.txt\n");
    CHECK(contains(error_of([&] { read_requirements(folder / "circle.txt", "c"); }).what(), "circle"));
    CHECK(contains(error_of([&] { read_requirements(folder / "none.txt", "none.txt"); }).what(),
                   "'none.txt' does not exist"));
}

TEST_CASE("the lock file is sorted text that many can write") {
    test::TemporaryDirectory folder;
    const auto file = folder / "pyfops.lock";
    const std::string hash(64, 'a');
    // Threads stand for processes: the lock is on the open file, not on the process.
    std::vector<std::thread> writers;
    for (int i = 0; i < 8; ++i)
        writers.emplace_back([&, i] {
            for (int k = 0; k < 4; ++k)
                update_lock_file(file, fmt::format("f{}/requirements.txt", i), hash,
                                 fmt::format("python3.{} manylinux_2_17 x86_64", 10 + k),
                                 {{"zz", "1", "zz-1-py3-none-any.whl", "", hash},
                                  {"aa", "1", "aa-1-py3-none-any.whl", "aa-1.tar.gz", hash}});
        });
    for (std::thread& writer : writers)
        writer.join();
    const LockFile lock = LockFile::read(file);
    for (int i = 0; i < 8; ++i)
        for (int k = 0; k < 4; ++k) {
            const auto* found = lock.find(fmt::format("f{}/requirements.txt", i), hash,
                                          fmt::format("python3.{} manylinux_2_17 x86_64", 10 + k));
            REQUIRE(found);
            CHECK(found->at(0).name == "aa");
            CHECK(found->at(0).sdist == "aa-1.tar.gz");
            CHECK(found->at(1).wheel == "zz-1-py3-none-any.whl");
        }
    CHECK(lock.text() == read_file(file));
    CHECK_FALSE(lock.find("f0/requirements.txt", std::string(64, 'b'), "python3.10 manylinux_2_17 x86_64"));

    for (
        const char* bad :
        {"", "{}", "{\"version\": 2, \"requirements\": {}}", "{\"version\": 1, \"requirements\": []}",
         R"({"version": 1, "requirements": {"r": {"sha256": "x", "platforms": {"p": [{"name": "a", "version": "1", "wheel": "b-1-py3-none-any.whl", "sha256": "00"}]}}}})"}) {
        CAPTURE(std::string(bad));
        write_file(file, bad);
        CHECK(error_of([&] { LockFile::read(file); }).kind() == ErrorKind::invalid_input);
    }
}

TEST_CASE("a packed set survives storage and damage is noticed") {
    test::TemporaryDirectory folder;
    DependencySet set;
    set.files["a.py"] = pack_file({std::string(1000, 'x'), true});
    set.files["d\xC3\xA4.txt"] = pack_file({""});
    set.distributions.push_back({"a", "1", "a-1-py3-none-any.whl", std::string(64, '0'), 1000, true});
    set.content_hash = "hash";
    set.total_bytes = 1000;
    const std::string bytes = encode_set(set);
    write_file(folder / "set", bytes);
    const auto back = read_set(folder / "set");
    REQUIRE(back);
    CHECK(encode_set(*back) == bytes);
    CHECK(unpack_file(back->files.at("a.py")) == std::string(1000, 'x'));
    for (std::size_t i = 0; i < bytes.size(); i += 7) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
        write_file(folder / "set", damaged);
        CHECK_FALSE(read_set(folder / "set"));
    }
    write_file(folder / "set", bytes.substr(0, bytes.size() - 1));
    CHECK_FALSE(read_set(folder / "set"));
    CHECK_FALSE(read_set(folder / "none"));
}

TEST_CASE("a wheel must hold what its name says") {
    const std::string file = "one-1.0-py3-none-any.whl";
    const WheelName name = parse_wheel_name(file);
    const SourceTree tree = install_wheel(test::make_wheel(file), name, false);
    CHECK(contains(std::string(tree.find("one-1.0.dist-info/RECORD")->content.view()),
                   "one-1.0.dist-info/RECORD,,\n"));
    CHECK(contains(std::string(tree.find("one-1.0.dist-info/RECORD")->content.view()),
                   "one/__init__.py,sha256="));
    CHECK(contains(std::string(tree.find("one-1.0.dist-info/WHEEL")->content.view()), "Generator: test"));
    CHECK_FALSE(contains(std::string(install_wheel(test::make_wheel(file), name, true)
                                         .find("one-1.0.dist-info/WHEEL")
                                         ->content.view()),
                         "Generator"));
    CHECK_THROWS_AS(install_wheel(test::make_wheel("two-1.0-py3-none-any.whl"), name, false), Error);
    CHECK_THROWS_AS(install_wheel("PK", name, false), Error);
}

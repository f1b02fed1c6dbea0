// SPDX-License-Identifier: Apache-2.0
#include "base/proc.hpp"
#include "process/cgroup.hpp"
#include "process/owner_mark.hpp"
#include "pyfops/system.hpp"
#include "sandbox_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <poll.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

using namespace pyfops;

namespace {

/// A process of its own that owns a sandboxed group and then only waits.
struct Owner {
    explicit Owner(const SandboxOptions& options) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        pid = ::fork();
        if (pid == 0) {
            ::close(ends[0]);
            SandboxFixture fixture(options);
            auto request =
                SandboxFixture::python("import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n"
                                       "        os.setsid()\n        time.sleep(1000)\ntime.sleep(1000)");
            request.memory_bytes = 256u << 20;
            const auto program = fixture.sandbox->start(std::move(request));
            eventually([&] { return proc::descendants(::getpid()).size() >= 5; });
            for (const int each : proc::descendants(::getpid()))
                if (::write(ends[1], &each, sizeof each) < 0) ::_exit(1);
            ::close(ends[1]);
            ::pause();
            ::_exit(0);
        }
        ::close(ends[1]);
        for (int each = 0; ::read(ends[0], &each, sizeof each) == sizeof each;)
            group.push_back(each);
        ::close(ends[0]);
    }
    int pid;
    std::vector<int> group;
};

std::string mark_of_the_dead() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const int pid = ::fork();
    if (pid == 0) {
        const std::string mark = process::owner_mark();
        ::_exit(::write(ends[1], mark.data(), mark.size()) == static_cast<ssize_t>(mark.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    char text[256];
    const ssize_t got = ::read(ends[0], text, sizeof text);
    ::close(ends[0]);
    ::waitpid(pid, nullptr, 0);
    REQUIRE(got > 0);
    return {text, static_cast<std::size_t>(got)};
}

std::size_t folders_named(const std::string& part) {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
        const std::string name = entry.path().filename().string();
        found += name.starts_with("pyfops-sandbox.") && name.find(part) != std::string::npos ? 1 : 0;
    }
    return found;
}

} // namespace

TEST_CASE("kill -9 of the owner takes the whole group down and the next start removes its control groups") {
    for (const bool without_namespaces : {false, true}) {
        CAPTURE(without_namespaces);
        const Owner owner({.without_namespaces = without_namespaces});
        const std::string mark = "." + std::to_string(owner.pid) + ".";
        CHECK(owner.group.size() == 5); // keeper, program, three children
        // In place of a view of its own it has a folder for /tmp.
        if (without_namespaces) CHECK(folders_named(mark) == 1);
        for (const int pid : owner.group)
            CHECK(::kill(pid, 0) == 0);
        ::kill(owner.pid, SIGKILL);
        ::waitpid(owner.pid, nullptr, 0);
        for (const int pid : owner.group)
            CHECK(eventually([&] { return ::kill(pid, 0) != 0; }));

        SandboxFixture next;
        const bool groups = next.sandbox->abilities().memory != MemoryControl::approximate;
        if (!groups) MESSAGE("no control groups on this machine");
        CHECK(groups_named(mark).empty());
        next.sandbox->abilities();
        CHECK(folders_named(mark) == 0);
    }
}

TEST_CASE("a mark tells a process that lives from one that has ended") {
    const std::string own = process::owner_mark();
    CHECK_FALSE(process::owner_is_gone(own));
    CHECK_FALSE(process::owner_is_gone(own + "7"));
    const std::string gone = mark_of_the_dead();
    CHECK(process::owner_is_gone(gone));
    CHECK(process::owner_is_gone(gone + "AbC123"));
    // A later process of the same number is somebody else.
    const auto number = own.find('.', own.find('.') + 1);
    CHECK(process::owner_is_gone(own.substr(0, number) + ".1.x"));
    // Of another pid namespace: nobody here knows.
    CHECK_FALSE(process::owner_is_gone("1" + gone));
    for (const char* none : {"", ".", "...", "a.b.c.", "0.0.0.", "AbC123"})
        CHECK_FALSE(process::owner_is_gone(none));
}

TEST_CASE("folders of owners that are gone are removed and nothing else") {
    const TemporaryDirectory parent, outside;
    write_file(outside.path() / "kept", "kept");
    const std::string family = "pyfops-sandbox.", gone = family + mark_of_the_dead();
    const auto make = [&](const std::string& name) {
        const auto folder = parent.path() / name;
        write_file(folder / "deep" / "file", "x");
        std::filesystem::create_directory_symlink(outside.path(), folder / "link");
        return folder;
    };
    const auto left = make(gone + "AbC123");
    const auto living = make(family + process::owner_mark() + "AbC123");
    const auto other_name = make("other" + gone + "AbC123");
    const auto no_mark = make(family + "AbC123");
    write_file(parent.path() / (gone + "file"), "x");
    std::filesystem::create_directory_symlink(outside.path(), parent.path() / (gone + "link"));
    std::filesystem::path foreign, sandboxed;
    if (::geteuid() == 0) {
        foreign = make(gone + "foreign");
        sandboxed = make(gone + "sandboxed");
        REQUIRE(::chown(foreign.c_str(), 54321, 54321) == 0);
        REQUIRE(::chown(sandboxed.c_str(), 65534, 65534) == 0);
    }
    process::remove_left_folders(parent.path(), family, 65534);
    CHECK_FALSE(std::filesystem::exists(left));
    CHECK(std::filesystem::exists(living));
    CHECK(std::filesystem::exists(other_name));
    CHECK(std::filesystem::exists(no_mark));
    CHECK(std::filesystem::exists(parent.path() / (gone + "file")));
    CHECK(std::filesystem::is_symlink(parent.path() / (gone + "link")));
    CHECK(std::filesystem::exists(outside.path() / "kept"));
    if (::geteuid() == 0) {
        CHECK(std::filesystem::exists(foreign));
        CHECK_FALSE(std::filesystem::exists(sandboxed));
    }
    process::remove_left_folders(parent.path() / "none", family, 65534); // no parent, no harm
}

TEST_CASE("the groups of a living owner are left alone") {
    const Owner owner({});
    SandboxFixture next;
    const bool groups = next.sandbox->abilities().memory != MemoryControl::approximate;
    CHECK(groups_named("." + std::to_string(owner.pid) + ".").empty() == !groups);
    for (const int pid : owner.group)
        CHECK(::kill(pid, 0) == 0);
    ::kill(owner.pid, SIGKILL);
    ::waitpid(owner.pid, nullptr, 0);
    for (const int pid : owner.group)
        CHECK(eventually([&] { return ::kill(pid, 0) != 0; }));
    SandboxFixture last;
    last.sandbox->abilities();
    CHECK(groups_named("." + std::to_string(owner.pid) + ".").empty());
}

TEST_CASE("the own control group is found in every layout") {
    const std::string v1 =
        "36 32 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
        "37 32 0:32 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
        "40 32 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
    const std::string v1_groups = "9:name=systemd:/\n8:pids:/\n4:memory:/box/1\n0::/user.slice\n";
    CHECK(process::own_group(v1, v1_groups, "memory") ==
          std::filesystem::path("/sys/fs/cgroup/memory/box/1"));
    CHECK(process::own_group(v1, v1_groups, "pids") == std::filesystem::path("/sys/fs/cgroup/pids"));
    CHECK(process::own_group(v1, v1_groups, "") ==
          std::filesystem::path("/sys/fs/cgroup/unified/user.slice"));
    CHECK(process::own_group(v1, v1_groups, "memory", "/other") ==
          std::filesystem::path("/sys/fs/cgroup/memory/other"));
    CHECK_FALSE(process::own_group(v1, v1_groups, "cpu"));

    const std::string v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    CHECK(process::own_group(v2, "0::/user.slice/user-1000.slice/session-2.scope\n", "") ==
          std::filesystem::path("/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"));
    CHECK_FALSE(process::own_group(v2, "0::/\n", "memory"));

    const std::string container =
        "50 40 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
    CHECK(process::own_group(container, "4:memory:/docker/abc/inner\n", "memory") ==
          std::filesystem::path("/sys/fs/cgroup/memory/inner"));
    CHECK(process::own_group(container, "4:memory:/docker/abc\n", "memory") ==
          std::filesystem::path("/sys/fs/cgroup/memory"));
}

TEST_CASE("a group of version 2 is limited and read by its files") {
    // Plain files stand for the kernel's: this shows what is written and how what is read is understood.
    TemporaryDirectory group;
    const auto file = [&](const char* name) { return group.path() / name; };
    for (const char* name : {"memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cgroup.procs"})
        std::ofstream(file(name)) << "";
    std::ofstream(file("memory.events")) << "low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n";
    std::ofstream(file("memory.stat"))
        << "anon 4096\nfile 9000\nactive_file 2000\ninactive_file 3000\nshmem 4000\n";
    std::ofstream(file("memory.current")) << "100000\n";
    std::ofstream(file("memory.peak")) << "205000\n";
    {
        process::Cgroup cgroup(MemoryControl::cgroup_v2, group.path(), group.path());
        cgroup.limit(64u << 20, 33);
        CHECK(proc::read_text(file("memory.max")) == "67108864");
        CHECK(proc::read_text(file("memory.swap.max")) == "0");
        CHECK(proc::read_text(file("memory.oom.group")) == "1");
        CHECK(proc::read_text(file("pids.max")) == "33");
        CHECK(cgroup.entries().size() == 1);
        CHECK(cgroup.current_bytes() == 95'000);
        CHECK(cgroup.peak_bytes() == 200'000);
        CHECK(cgroup.out_of_memory_kills() == 0);
        const process::Fd events = cgroup.memory_events();
        REQUIRE(events);
        pollfd ready{events.get(), POLLIN, 0};
        CHECK(::poll(&ready, 1, 0) == 0);
        std::ofstream(file("memory.events")) << "oom 1\noom_kill 2\n";
        CHECK(::poll(&ready, 1, 5000) == 1);
        CHECK(cgroup.out_of_memory_kills() == 2);
    }
}

TEST_CASE("the interpreters of the host and of a cache are found without running them") {
    const auto host = python_runtimes("/no/such/cache");
    REQUIRE(host.size() == 1);
    SandboxFixture fixture;
    const Sandbox::Result said = fixture.run(
        SandboxFixture::python("import platform; print(platform.python_version(), platform.libc_ver()[1])"));
    CHECK(said.output == host[0].full_version + " " + host[0].glibc + "\n");
    CHECK(host[0].root.empty());
    CHECK(host[0].full_version.starts_with(host[0].version + "."));

    const std::vector<PythonRuntime> three{{"3.11", "3.11.2", "/usr/bin/python3.11", "", ""},
                                           {"3.9", "3.9.2", "/usr/bin/python3.9", "/c/bullseye", ""},
                                           {"3.13", "3.13.5", "/usr/bin/python3.13", "/c/trixie", ""}};
    CHECK(choose_runtime(three, "3.13")->root == "/c/trixie");
    CHECK(choose_runtime(three, "3.12")->version == "3.11");
    CHECK_FALSE(choose_runtime({}, "3.11"));
}

TEST_CASE("a runtime root is changed into and its own Python runs") {
    SandboxFixture fixture;
    const char* cache = std::getenv("PYFOPS_TEST_CACHE");
    const auto all = python_runtimes(cache ? cache : real_system().cache_directory());
    if (all.size() < 2 || !fixture.sandbox->abilities().private_files) {
        MESSAGE("SKIPPED: no runtime root in the cache (pyfops emulate --runtimes makes them)");
        return;
    }
    for (const PythonRuntime& runtime : all) {
        if (runtime.root.empty()) continue;
        auto request = SandboxFixture::python("import platform, ssl, sys; print(platform.python_version(), "
                                              "platform.libc_ver()[1], sys.executable)");
        request.command[0] = runtime.executable.string();
        request.root = runtime.root;
        const Sandbox::Result result = fixture.run(std::move(request));
        INFO(result.error_output);
        CHECK(result.output ==
              runtime.full_version + " " + runtime.glibc + " " + runtime.executable.string() + "\n");
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "sandbox_fixture.hpp"
#include "support/eat.hpp"

#include <csignal>

#include <unistd.h>

using namespace pyfops;

namespace {

SandboxRequest limited(const std::string& code, std::size_t megabytes) {
    auto request = SandboxFixture::python(eat + code);
    request.memory_bytes = megabytes << 20;
    return request;
}

void check_memory(SandboxFixture& fixture) {
    const bool approximate = fixture.sandbox->abilities().memory == MemoryControl::approximate;
    const struct {
        const char* where;
        const char* code;
    } cases[] = {
        {"main process", "eat(400)"},
        {"thread", "import threading\nt = threading.Thread(target=eat, args=(400,))\nt.start()\nt.join()"},
        {"child that the parent survives", "import os, time\nif os.fork() == 0:\n    eat(400)\n    "
                                           "os._exit(0)\nos.wait()\nprint('alive', flush=True)\n"
                                           "time.sleep(20)"},
        {"grandchild",
         "import os, time\nif os.fork() == 0:\n    if os.fork() == 0:\n        os.setsid()\n        "
         "eat(400)\n    os.wait()\n    os._exit(0)\nos.wait()\ntime.sleep(20)"},
        {"many children together",
         "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        d = eat(40)\n"
         "        time.sleep(20)\ntime.sleep(20)"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.where);
        const auto begin = std::chrono::steady_clock::now();
        const Sandbox::Result result = fixture.run(limited(one.code, 128));
        INFO(result.error_output);
        CHECK(result.exit.out_of_memory);
        CHECK_FALSE(result.exit.timed_out);
        CHECK(result.exit.approximate == approximate);
        CHECK(result.exit.peak_memory_bytes > (100u << 20));
        CHECK(result.exit.peak_memory_bytes < (approximate ? 330u << 20 : (128u << 20) + 1));
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(15));
    }
}

} // namespace

TEST_CASE("memory: whoever of the group takes too much ends the group") {
    SandboxFixture fixture;
    check_memory(fixture);
}

TEST_CASE("memory: the same without control groups by sampling") {
    SandboxFixture fixture({.without_cgroups = true});
    CHECK(fixture.sandbox->abilities().memory == MemoryControl::approximate);
    check_memory(fixture);
}

TEST_CASE("memory: what fits runs and the peak is the group's") {
    for (const bool without_cgroups : {false, true}) {
        CAPTURE(without_cgroups);
        SandboxFixture fixture({.without_cgroups = without_cgroups});
        const Sandbox::Result result =
            fixture.run(limited("import time\nd = eat(60)\ntime.sleep(0.1)\nprint(len(d))", 256));
        CHECK(result.output == "62914560\n");
        CHECK_FALSE(result.exit.out_of_memory);
        CHECK(result.exit.peak_memory_bytes > (60u << 20));
        CHECK(result.exit.peak_memory_bytes < (110u << 20));
    }
}

TEST_CASE("memory: reading large files is not using memory") {
    SandboxFixture fixture;
    if (fixture.sandbox->abilities().memory == MemoryControl::approximate) {
        MESSAGE("SKIPPED: no control groups on this machine");
        return;
    }
    const Sandbox::Result result = fixture.run(limited(R"(
import os
n = 0
for directory, _, files in os.walk("/usr/lib"):
    for name in files:
        try:
            with open(os.path.join(directory, name), "rb") as f:
                n += len(f.read(1 << 20))
        except OSError:
            pass
        if n > 400 << 20: break
print(n > 100 << 20)
)",
                                                       64));
    CHECK(result.output == "True\n");
    CHECK_FALSE(result.exit.out_of_memory);
    CHECK(result.exit.peak_memory_bytes < (40u << 20));
}

TEST_CASE("memory: a kill is told at once while the first process lives on") {
    SandboxFixture fixture;
    if (fixture.sandbox->abilities().memory == MemoryControl::approximate) {
        MESSAGE("SKIPPED: no control groups on this machine");
        return;
    }
    auto program = fixture.sandbox->start(
        limited("import os, time\nif os.fork() == 0:\n    eat(400)\npid, status = os.wait()\n"
                "print(status, flush=True)\ntime.sleep(100)",
                64));
    CHECK(program->out_of_memory_kills() == 0);
    CHECK(eventually([&] { return program->out_of_memory_kills() == 1; }));
    const SandboxExit exit = run_task(fixture.context, program->wait());
    CHECK(exit.out_of_memory);
    CHECK(program->out_of_memory_kills() >= 1);
}

TEST_CASE("a fork bomb meets the limit of processes and goes with its group") {
    SandboxFixture fixture;
    if (!fixture.sandbox->abilities().process_limit) {
        MESSAGE("SKIPPED: processes cannot be limited on this machine");
        return;
    }
    auto request = SandboxFixture::python(R"(
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(100)
        made += 1
except OSError:
    print(made)
)");
    request.max_processes = 20;
    const Sandbox::Result result = fixture.run(std::move(request));
    CHECK(result.output == "19\n");
    request = SandboxFixture::shell(":(){ :|:& };:; sleep 100");
    request.max_processes = 50;
    const Sandbox::Result bomb = fixture.run(std::move(request), Milliseconds(1000));
    CHECK((bomb.exit.timed_out || bomb.exit.exit_code >= 0));
}

TEST_CASE("a flood of output is bounded and does not stop the program") {
    SandboxFixture fixture;
    auto request = SandboxFixture::python("import sys\nfor _ in range(400): sys.stdout.write('x' * 100000)\n"
                                          "sys.stderr.write('end')");
    request.max_output_bytes = 1u << 20;
    const Sandbox::Result result = fixture.run(std::move(request));
    CHECK(result.exit.exit_code == 0);
    CHECK(result.truncated);
    CHECK(result.output.size() == (1u << 20));
    CHECK(result.error_output == "end");
}

TEST_CASE("output before a sink is there is not lost") {
    SandboxFixture fixture;
    auto program = fixture.sandbox->start(SandboxFixture::shell("echo early; echo wrong >&2"));
    const SandboxExit exit = run_task(fixture.context, program->wait());
    std::string output;
    std::string errors;
    program->on_output([&](std::string_view piece, bool is_error) { (is_error ? errors : output) += piece; });
    CHECK(exit.exit_code == 0);
    CHECK(output == "early\n");
    CHECK(errors == "wrong\n");
}

TEST_CASE("time and file limits") {
    SandboxFixture fixture;
    auto request = SandboxFixture::shell("echo begun; sleep 1000");
    const auto begin = std::chrono::steady_clock::now();
    const Sandbox::Result late = fixture.run(request, Milliseconds(400));
    CHECK(late.exit.timed_out);
    CHECK(late.exit.exit_code == -1);
    CHECK(late.exit.signal == SIGKILL);
    CHECK(late.output == "begun\n");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));

    request = SandboxFixture::shell("ulimit -n; ulimit -c; head -c 100000 /dev/zero > /tmp/f 2>/dev/null; "
                                    "wc -c < /tmp/f");
    request.max_open_files = 77;
    request.max_file_bytes = 4096;
    request.environment["TMPDIR"] = "/tmp";
    const Sandbox::Result limits = fixture.run(std::move(request));
    CHECK(limits.output == "77\n0\n4096\n");
}

TEST_CASE("exit codes and signals come through") {
    SandboxFixture fixture;
    CHECK(fixture.run(SandboxFixture::python("import sys; sys.exit(3)")).exit.exit_code == 3);
    CHECK(fixture.run(SandboxFixture::shell("kill -SEGV $$")).exit.signal == SIGSEGV);
    CHECK(fixture.run(SandboxFixture::shell("kill -9 $$")).exit.signal == SIGKILL);
}

TEST_CASE("what a program leaves running ends with it") {
    SandboxFixture fixture;
    auto request = SandboxFixture::shell("setsid sleep 1234.5678 & sleep 0.2");
    CHECK(fixture.run(std::move(request)).exit.exit_code == 0);
    CHECK(std::system("pgrep -f '[s]leep 1234.5678' > /dev/null") != 0);
}

TEST_CASE("killing and dropping a process leave nothing behind") {
    SandboxFixture fixture;
    auto program = fixture.sandbox->start(SandboxFixture::shell("sleep 1000"));
    const int pid = program->pid();
    CHECK(pid > 0);
    CHECK(::kill(pid, 0) == 0);
    program->kill();
    const SandboxExit exit = run_task(fixture.context, program->wait());
    CHECK(exit.signal == SIGKILL);
    CHECK(::kill(pid, 0) == -1);
    auto dropped = fixture.sandbox->start(SandboxFixture::shell("sleep 1000"));
    const int second = dropped->pid();
    dropped.reset();
    CHECK(::kill(second, 0) == -1);
    CHECK(groups_named("." + std::to_string(::getpid()) + ".").empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "pool_fixture.hpp"
#include "support/eat.hpp"

#include <chrono>
#include <csignal>

#include <unistd.h>

using namespace pyfops;

TEST_CASE("a handler that raises gives its error and the instance lives on") {
    PoolFixture fixture;
    const auto image =
        PoolFixture::app("def handler(e, c):\n    print('before')\n    raise KeyError('no such key')\n");
    const ExecutionResult result = fixture.run(image);
    CHECK(result.outcome == Outcome::function_error);
    CHECK(result.error_type == "KeyError");
    CHECK(result.body.find(R"("errorMessage": "'no such key'")") != std::string::npos);
    CHECK(result.body.find("/var/task/app.py") != std::string::npos);
    CHECK(result.logs.find("before\n") == 0);
    CHECK(result.logs.find("[ERROR] KeyError") != std::string::npos);
    CHECK_FALSE(fixture.run(image).init_ms);
}

TEST_CASE("what cannot be loaded is told with its type") {
    PoolFixture fixture;
    const struct {
        const char* code;
        const char* type;
    } cases[] = {
        {"import no_such_module_here\n", "Runtime.ImportModuleError"},
        {"def handler(:\n", "Runtime.UserCodeSyntaxError"},
        {"x = 1\n", "Runtime.HandlerNotFound"},
        {"raise ValueError('at import')\n", "ValueError"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.type);
        const ExecutionResult result = fixture.run(PoolFixture::app(one.code));
        CHECK(result.outcome == Outcome::init_error);
        CHECK(result.error_type == one.type);
        CHECK(result.body.find(one.type) != std::string::npos);
        CHECK(result.init_ms);
    }
}

TEST_CASE("an answer that is not JSON is a marshal error") {
    PoolFixture fixture;
    const ExecutionResult result = fixture.run(PoolFixture::app("def handler(e, c):\n    return {1, 2}\n"));
    CHECK(result.outcome == Outcome::function_error);
    CHECK(result.error_type == "Runtime.MarshalError");
}

TEST_CASE("sys.exit and a crash end the instance with their code and the next event is on a fresh one") {
    PoolFixture fixture;
    const struct {
        const char* code;
        int exit_code;
        int signal;
    } cases[] = {
        {"sys.exit(3)", 3, 0},
        {"sys.exit()", 0, 0},
        {"os._exit(7)", 7, 0},
        {"os.kill(os.getpid(), signal.SIGSEGV)", -1, SIGSEGV},
    };
    for (const auto& one : cases) {
        CAPTURE(one.code);
        const auto image =
            PoolFixture::app("import os, signal, sys\ndef handler(e, c):\n    print('last words', "
                             "flush=True)\n    if e == {}:\n        " +
                             std::string(one.code) + "\n    return 'fine'\n");
        const ExecutionResult result = fixture.run(image);
        CHECK(result.outcome == Outcome::exited);
        CHECK(result.exit_code == one.exit_code);
        CHECK(result.signal == one.signal);
        CHECK(result.logs.find("last words\n") != std::string::npos);
        const ExecutionResult next = fixture.run(image, "1");
        CHECK(next.body == "\"fine\"");
        CHECK(next.init_ms);
    }
}

TEST_CASE("a process that ends after its answer does not fail the next event") {
    PoolFixture fixture;
    const auto image =
        PoolFixture::app("import os, threading, time\ndef leave():\n    time.sleep(0.05)\n    "
                         "os._exit(1)\ndef handler(e, c):\n    threading.Thread(target=leave).start()\n "
                         "   return 'answered'\n");
    for (int i = 0; i < 4; ++i) {
        CHECK(fixture.run(image).body == "\"answered\"");
        ::usleep(static_cast<useconds_t>(100'000 + 5'000 * i));
    }
}

TEST_CASE("exiting while it is imported is told") {
    PoolFixture fixture;
    const ExecutionResult result = fixture.run(PoolFixture::app("import sys\nsys.exit(9)\n"));
    CHECK(result.outcome == Outcome::exited);
    CHECK(result.exit_code == 9);
}

TEST_CASE("a handler that never returns is killed at its timeout") {
    PoolFixture fixture;
    auto image =
        PoolFixture::app("import time\ndef handler(e, c):\n    print('started')\n    if e == {}:\n        "
                         "time.sleep(1000)\n    return 'quick'\n");
    image->timeout = Milliseconds(400);
    const ExecutionResult late = fixture.run(image);
    CHECK(late.outcome == Outcome::timed_out);
    CHECK(late.duration_ms >= 400);
    CHECK(late.duration_ms < 3000);
    CHECK(late.logs == "started\n");
    const ExecutionResult next = fixture.run(image, "1");
    CHECK(next.body == "\"quick\"");
    CHECK(next.init_ms);
    // One that is busy and not asleep as well.
    auto busy = PoolFixture::app("def handler(e, c):\n    while True:\n        pass\n");
    busy->timeout = Milliseconds(300);
    CHECK(fixture.run(busy).outcome == Outcome::timed_out);
}

TEST_CASE("a start that takes too long is repeated within the timeout and then given up") {
    PoolFixture fixture;
    auto image = PoolFixture::app("import time\ntime.sleep(1)\ndef handler(e, c):\n    return 1\n");
    image->init_timeout = Milliseconds(300);
    image->timeout = Milliseconds(10'000);
    CHECK(fixture.run(image).body == "1");
    const auto hopeless = std::make_shared<FunctionImage>(*image);
    hopeless->id += "b";
    hopeless->timeout = Milliseconds(400);
    CHECK(fixture.run(hopeless).outcome == Outcome::timed_out);
}

TEST_CASE("out of memory is found wherever it happens and the next event is on a fresh instance") {
    const std::string head =
        "import os, subprocess, sys, threading, time\nfrom ctypes import *\n" + std::string(eat);
    const struct {
        const char* where;
        std::string code;
    } cases[] = {
        {"main process", head + "def handler(e, c):\n    return len(eat(400)) if e == {} else 'small'\n"},
        {"thread",
         head + "def handler(e, c):\n    if e == {}:\n        t = threading.Thread(target=eat, args=(400,))\n"
                "        t.start(); t.join()\n    return 'small'\n"},
        {"forked child with the handler alive", head + R"(
def handler(e, c):
    if e == {}:
        if os.fork() == 0:
            eat(400)
            os._exit(0)
        os.wait()
        return "survived"
    return "small"
)"},
        {"program started by the handler", head + R"py(
def handler(e, c):
    if e == {}:
        code = subprocess.call([sys.executable, "-c", "x = bytearray(400 << 20); x[::4096] = b'1' * len(x[::4096])"])
        return code
    return "small"
)py"},
        {"native code", head + R"(
libc = CDLL(None)
libc.malloc.restype = c_void_p
libc.malloc.argtypes = [c_size_t]
def handler(e, c):
    if e == {}:
        for _ in range(400):
            memset(libc.malloc(1 << 20), 1, 1 << 20)
    return "small"
)"},
        {"without end",
         head + "def handler(e, c):\n    if e == {}:\n        all = []\n        while True:\n            "
                "all.append(bytearray(4 << 20))\n            all[-1][::4096] = b'1' * 1024\n    return "
                "'small'\n"},
    };
    PoolFixture fixture;
    for (const auto& one : cases) {
        CAPTURE(one.where);
        const auto image = PoolFixture::app(one.code);
        const ExecutionResult result = fixture.run(image);
        INFO(result.logs);
        INFO(result.body);
        CHECK(result.outcome == Outcome::out_of_memory);
        CHECK(result.body.empty());
        CHECK(result.memory_used_mb > 110);
        const ExecutionResult next = fixture.run(image, "1");
        CHECK(next.body == "\"small\"");
        CHECK(next.init_ms);
    }
    SUBCASE("at import") {
        const ExecutionResult result =
            fixture.run(PoolFixture::app(head + "eat(400)\ndef handler(e, c):\n    pass\n"));
        CHECK(result.outcome == Outcome::out_of_memory);
    }
}

TEST_CASE("out of memory is found without control groups too") {
    PoolFixture fixture({}, {.without_cgroups = true});
    const auto image = PoolFixture::app(std::string(eat) + R"(
import os
def handler(e, c):
    if os.fork() == 0:
        eat(600)
        os._exit(0)
    os.wait()
    return 1
)");
    const ExecutionResult result = fixture.run(image);
    CHECK(result.outcome == Outcome::out_of_memory);
}

TEST_CASE("megabytes of output are cut with a mark and all of it before the answer is there") {
    PoolFixture fixture({.max_log_bytes = 100'000});
    const auto image =
        PoolFixture::app("def handler(e, c):\n    for i in range(e):\n        print('x' * 999)\n    "
                         "print('the end')\n    return 1\n");
    const ExecutionResult flood = fixture.run(image, "5000");
    CHECK(flood.outcome == Outcome::answered);
    CHECK(flood.logs.size() < 100'200);
    CHECK(flood.logs.ends_with("[the log of this event ends here: 4900008 more bytes were printed]\n"));
    for (int i = 0; i < 20; ++i) {
        const ExecutionResult result = fixture.run(image, "60");
        CHECK(result.logs.size() == 60'008);
        CHECK(result.logs.ends_with("the end\n"));
    }
}

TEST_CASE("an answer over the limit is an error of the function and the instance lives on") {
    PoolFixture fixture;
    auto image = PoolFixture::app("def handler(e, c):\n    return 'x' * e\n");
    image->max_answer_bytes = 1000;
    for (const char* size : {"1500", "90000", "10000000"}) {
        CAPTURE(size);
        const ExecutionResult result = fixture.run(image, size);
        CHECK(result.outcome == Outcome::function_error);
        CHECK(result.error_type == "Function.ResponseSizeTooLarge");
        const ExecutionResult next = fixture.run(image, "998");
        CHECK(next.outcome == Outcome::answered);
        CHECK(next.body.size() == 1000);
    }
}

TEST_CASE("a handler that forks and never stops its children leaves none") {
    PoolFixture fixture;
    auto image = PoolFixture::app(
        "import os, time\ndef handler(e, c):\n    for _ in range(5):\n        if os.fork() == "
        "0:\n            os.setsid()\n            time.sleep(1000)\n    return 'forked'\n");
    CHECK(fixture.run(image).body == "\"forked\"");
    CHECK_FALSE(fixture.run(image).init_ms);
}

// SPDX-License-Identifier: Apache-2.0
#include "process/processes.hpp"
#include "pyfops/error.hpp"
#include "support/run_task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace pyfops;
namespace asio = boost::asio;

namespace {

struct Fixture {
    asio::io_context context;
    std::unique_ptr<Processes> processes = make_processes(context.get_executor(), real_clock());

    ProcessResult run(ProcessRequest request, Milliseconds limit = Milliseconds(20'000)) {
        return run_task(context, processes->run(std::move(request), Deadline::after(real_clock(), limit)));
    }
    ProcessResult shell(const std::string& script, Milliseconds limit = Milliseconds(20'000)) {
        ProcessRequest request;
        request.command = {"/bin/sh", "-c", script};
        request.environment = {{"PATH", "/usr/bin:/bin"}};
        return run(std::move(request), limit);
    }
};

bool alive(int pid) {
    return ::kill(pid, 0) == 0;
}

/// Until the kernel has done it, at most five seconds.
template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 5000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

ErrorKind kind_of(Fixture& fixture, ProcessRequest request, Milliseconds limit = Milliseconds(20'000)) {
    try {
        fixture.run(std::move(request), limit);
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("no error");
    return ErrorKind::internal;
}

} // namespace

TEST_CASE("a program gets exactly its arguments and environment and input with streams kept apart") {
    Fixture fixture;
    ProcessRequest request;
    request.command = {"sh", "-c", "cat; echo \"[$1]\" >&2; env; pwd; exit 7", "sh", "a b\"c"};
    request.environment = {{"PATH", "/usr/bin:/bin"}, {"ONLY", "this"}};
    request.directory = "/usr";
    request.input = std::string(300'000, 'x') + "\n";
    ::setenv("PYFOPS_TEST_LEAK", "1", 1);
    const ProcessResult result = fixture.run(std::move(request));
    CHECK(result.exit_code == 7);
    CHECK(result.signal == 0);
    CHECK_FALSE(result.ok());
    CHECK(result.error_output == "[a b\"c]\n");
    CHECK(result.output.substr(0, 300'001) == std::string(300'000, 'x') + "\n");
    CHECK(result.output.find("ONLY=this\n") != std::string::npos);
    CHECK(result.output.find("LEAK") == std::string::npos);
    CHECK(result.output.ends_with("\n/usr\n"));
}

TEST_CASE("a program that does not exist or cannot start is told apart") {
    Fixture fixture;
    CHECK(kind_of(fixture, {.command = {"no-such-program-here"}}) == ErrorKind::not_found);
    CHECK(kind_of(fixture, {.command = {"/no/such/program"}}) == ErrorKind::not_found);
    CHECK(kind_of(fixture, {.command = {"/etc/passwd"}}) == ErrorKind::invalid_input);
    CHECK(kind_of(fixture, {.command = {"/bin/true"}, .directory = "/no/such/directory"}) ==
          ErrorKind::invalid_input);
    CHECK(kind_of(fixture, {}) == ErrorKind::invalid_input);
    CHECK(::waitpid(-1, nullptr, WNOHANG | __WALL) == -1);
    CHECK(errno == ECHILD);
}

TEST_CASE("endless output is cut and marked and does not block the program") {
    Fixture fixture;
    ProcessRequest request;
    request.command = {"sh", "-c", "head -c 5000000 /dev/zero; echo done >&2"};
    request.environment = {{"PATH", "/usr/bin:/bin"}};
    request.max_output_bytes = 1000;
    const ProcessResult result = fixture.run(std::move(request));
    CHECK(result.ok());
    CHECK(result.output.size() == 1000);
    CHECK(result.truncated);
    CHECK(result.error_output == "done\n");
}

TEST_CASE("the whole group dies at the deadline") {
    Fixture fixture;
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("pyfops-process-" + std::to_string(::getpid()));
    ProcessRequest request;
    request.command = {"sh", "-c", "sleep 1000 & echo $! > " + file.string() + "; wait"};
    request.environment = {{"PATH", "/usr/bin:/bin"}};
    const auto begin = std::chrono::steady_clock::now();
    CHECK(kind_of(fixture, std::move(request), Milliseconds(300)) == ErrorKind::timeout);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    int grandchild = 0;
    std::ifstream(file) >> grandchild;
    REQUIRE(grandchild > 0);
    CHECK(eventually([&] { return !alive(grandchild); }));
    std::filesystem::remove(file);
}

TEST_CASE("a cancelled task kills its program") {
    Fixture fixture;
    asio::cancellation_signal stop;
    ProcessRequest request;
    request.command = {"/bin/sleep", "1000"};
    std::exception_ptr failure;
    asio::co_spawn(
        fixture.context, fixture.processes->run(std::move(request), Deadline()),
        asio::bind_cancellation_slot(
            stop.slot(), [&](std::exception_ptr thrown, const ProcessResult&) { failure = thrown; }));
    asio::steady_timer timer(fixture.context, std::chrono::milliseconds(50));
    timer.async_wait([&](const boost::system::error_code&) { stop.emit(asio::cancellation_type::terminal); });
    fixture.context.run();
    REQUIRE(failure);
    CHECK(to_error(failure).kind() == ErrorKind::cancelled);
    CHECK(::waitpid(-1, nullptr, WNOHANG | __WALL) == -1);
}

TEST_CASE("a program ended by a signal says so") {
    Fixture fixture;
    const ProcessResult result = fixture.shell("kill -SEGV $$");
    CHECK(result.exit_code == -1);
    CHECK(result.signal == SIGSEGV);
}

TEST_CASE("signals that the embedding program blocks or ignores start afresh in the program") {
    Fixture fixture;
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    auto* old = ::signal(SIGPIPE, SIG_IGN);
    const ProcessResult result = fixture.shell("grep -E '^Sig(Blk|Ign)' /proc/self/status");
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::signal(SIGPIPE, old);
    CHECK(result.output == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("no descriptor of ours reaches a program") {
    Fixture fixture;
    const int open_without_flag = ::open("/etc/hostname", O_RDONLY);
    const ProcessResult result = fixture.shell("ls /proc/self/fd | wc -l");
    ::close(open_without_flag);
    CHECK(result.output == "4\n"); // three streams and the listed directory
}

TEST_CASE("many at once leave no descriptor and no zombie") {
    Fixture fixture;
    const auto descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    fixture.shell("true");
    fixture.context.restart();
    const auto before = descriptors();
    int ended = 0;
    for (int i = 0; i < 30; ++i) {
        ProcessRequest request;
        request.command = {"/bin/echo", std::to_string(i)};
        asio::co_spawn(fixture.context, fixture.processes->run(std::move(request), Deadline()),
                       [&ended, i](std::exception_ptr failure, const ProcessResult& result) {
                           if (!failure && result.output == std::to_string(i) + "\n") ++ended;
                       });
    }
    fixture.context.run();
    CHECK(ended == 30);
    CHECK(descriptors() == before);
    CHECK(::waitpid(-1, nullptr, WNOHANG | __WALL) == -1);
}

TEST_CASE("a background process that holds the output does not keep a run from ending") {
    Fixture fixture;
    const ProcessResult result = fixture.shell("setsid sleep 30 & echo $!");
    CHECK(result.ok());
    ::kill(std::stoi(result.output), SIGKILL);
}

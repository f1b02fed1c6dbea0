// SPDX-License-Identifier: Apache-2.0
#include "local/exchange.hpp"
#include "pyfops/error.hpp"
#include "pyfops/local_cloud.hpp"
#include "pyfops/system.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

using namespace pyfops;
namespace fs = std::filesystem;

namespace {

LocalCloudOptions at(const fs::path& state) {
    LocalCloudOptions options;
    options.state = state;
    options.log_level = LogLevel::error;
    return options;
}

long long pid_of(const fs::path& state) {
    const auto text = real_system().read_file(state / "emulator.json");
    return text ? integer_or(parse_json(*text, "emulator.json"), "pid") : 0;
}

bool ended(long long pid) {
    for (int i = 0; i < 5000; ++i) {
        if (::kill(static_cast<pid_t>(pid), 0) != 0) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

} // namespace

TEST_CASE("a foreground cloud answers and ends when it is told to") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    ForegroundCloud cloud(at(state), real_system());
    const std::string url = cloud.wait_ready();
    CHECK(url.starts_with("http://127.0.0.1:"));
    const long long pid = pid_of(state);
    REQUIRE(pid > 1);
    {
        // Commands join it as any other.
        const LocalCloud joined(at(state), real_system());
        CHECK(joined.base_url() == url);
        CHECK(pid_of(state) == pid);
    }
    std::thread other([&cloud] { cloud.stop(); });
    cloud.wait();
    other.join();
    CHECK(ended(pid));
    CHECK_FALSE(fs::exists(state / "emulator.json"));
    cloud.stop(); // without effect
}

TEST_CASE("a foreground cloud ends with its object and with its process") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    long long pid = 0;
    {
        ForegroundCloud cloud(at(state), real_system());
        cloud.wait_ready();
        pid = pid_of(state);
    }
    CHECK(ended(pid));

    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t owner = ::fork();
    if (owner == 0) {
        ForegroundCloud cloud(at(state), real_system());
        cloud.wait_ready();
        const long long child = pid_of(state);
        if (::write(ends[1], &child, sizeof child) < 0) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    ::close(ends[1]);
    REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
    ::close(ends[0]);
    CHECK(::kill(static_cast<pid_t>(pid), 0) == 0);
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    CHECK(ended(pid));
}

TEST_CASE("a foreground cloud that ends by itself says how") {
    const TemporaryDirectory folder;
    LocalCloudOptions options = at(folder.path() / "state");
    options.faults = {{"rules", {{{"action", "explode"}}}}};
    ForegroundCloud wrong(options, real_system());
    CHECK_THROWS_WITH_AS(wrong.wait_ready(), doctest::Contains("must be one of latency"), Error);

    ForegroundCloud killed(at(folder.path() / "other"), real_system());
    killed.wait_ready();
    ::kill(static_cast<pid_t>(pid_of(folder.path() / "other")), SIGKILL);
    CHECK_THROWS_WITH_AS(killed.wait(), doctest::Contains("ended by signal 9"), Error);

    ForegroundCloud stopped(at(folder.path() / "third"), real_system());
    stopped.stop();
    CHECK(stopped.wait_ready().empty());
    CHECK_NOTHROW(stopped.wait());
}

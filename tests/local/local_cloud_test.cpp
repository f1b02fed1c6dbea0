// SPDX-License-Identifier: Apache-2.0
#include "pyfops/local_cloud.hpp"

#include "local/exchange.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace pyfops;
namespace fs = std::filesystem;

namespace {

/// The emulator's own record; it ends with the case, whatever happens in it.
class Started {
  public:
    explicit Started(fs::path state) : state_(std::move(state)) {}
    ~Started() {
        if (const auto file = record()) ::kill(static_cast<pid_t>(integer_or(*file, "pid")), SIGTERM);
        // Ended when its lock can be had.
        const int lock = ::open((state_ / "emulator.lock").c_str(), O_RDWR | O_CLOEXEC);
        if (lock < 0) return;
        ::flock(lock, LOCK_EX);
        ::close(lock);
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }
    std::optional<json::object> record() const {
        const auto text = real_system().read_file(state_ / "emulator.json");
        if (!text) return std::nullopt;
        return parse_json(*text, "emulator.json").as_object();
    }
    long long pid() const { return integer_or(record().value_or(json::object()), "pid"); }

  private:
    fs::path state_;
};

LocalCloudOptions at(const fs::path& state) {
    LocalCloudOptions options;
    options.state = state;
    return options;
}

std::string refusal(const LocalCloudOptions& options, const System& system = real_system()) {
    try {
        const LocalCloud cloud(options, system);
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

/// The machine's environment with one variable more.
class WithVariable final : public System {
  public:
    WithVariable(std::string name, std::string value) : name_(std::move(name)), value_(std::move(value)) {}
    std::optional<std::string> variable(std::string_view name) const override {
        return name == name_ ? std::optional(value_) : real_system().variable(name);
    }
    std::map<std::string, std::string> variables() const override {
        auto all = real_system().variables();
        all[name_] = value_;
        return all;
    }
    std::optional<std::string> read_file(const fs::path& path, std::size_t max_bytes) const override {
        return real_system().read_file(path, max_bytes);
    }
    fs::path home() const override { return real_system().home(); }
    fs::path cache_directory() const override { return real_system().cache_directory(); }

  private:
    std::string name_, value_;
};

} // namespace

TEST_CASE("a command starts the local cloud and the next one joins it") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    const Started started(state);
    const LocalCloud first(at(state), real_system());
    const auto pid = started.pid();
    CHECK(pid > 0);
    const LocalCloud second(at(state), real_system());
    CHECK(started.pid() == pid);
    CHECK(second.base_url() == first.base_url());
    const auto variables = first.environment();
    CHECK(variables.at("AWS_ENDPOINT_URL") == first.base_url());
    CHECK(variables.at("AWS_ENDPOINT_URL_LAMBDA") == first.base_url());
    CHECK(variables == second.environment());
    CHECK_FALSE(first.notices().empty());
}

TEST_CASE("two commands at once get one local cloud") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    const Started started(state);
    std::vector<std::unique_ptr<LocalCloud>> clouds(4);
    std::vector<std::thread> threads;
    for (auto& cloud : clouds)
        threads.emplace_back(
            [&cloud, &state] { cloud = std::make_unique<LocalCloud>(at(state), real_system()); });
    for (auto& thread : threads)
        thread.join();
    for (const auto& cloud : clouds) {
        REQUIRE(cloud);
        CHECK(cloud->base_url() == clouds.front()->base_url());
    }
}

TEST_CASE("port and keys stay when the local cloud is started again after a kill") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    const Started started(state);
    std::string url;
    std::map<std::string, std::string> environment;
    {
        const LocalCloud cloud(at(state), real_system());
        url = cloud.base_url();
        environment = cloud.environment();
        REQUIRE(::kill(static_cast<pid_t>(started.pid()), SIGKILL) == 0);
        REQUIRE(::waitpid(static_cast<pid_t>(started.pid()), nullptr, 0) > 0);
    }
    const LocalCloud again(at(state), real_system());
    CHECK(again.base_url() == url);
    CHECK(again.environment() == environment);
}

TEST_CASE("a command that wants another local cloud than the one that runs is told so") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    const Started started(state);
    const LocalCloud cloud(at(state), real_system());
    auto options = at(state);
    options.network = false;
    CHECK(refusal(options).find("gives functions the network") != std::string::npos);
    options = at(state);
    options.port = 1;
    CHECK(refusal(options).find("listens on port") != std::string::npos);
    options = at(state);
    options.faults = {{"rule", 1}};
    CHECK(refusal(options).find("fault plan: 'rule' is unknown") != std::string::npos);
    options.faults = {{"rules", {{{"action", "latency"}, {"ms", 1}}}}};
    CHECK(refusal(options).empty());
    const auto record = *started.record();
    const auto answer = control_exchange(static_cast<std::uint16_t>(integer_or(record, "port")), "GET",
                                         "/_pyfops/faults", string_or(record, "token"));
    CHECK(answer.body.find("latency") != std::string::npos);
}

TEST_CASE("what keeps the local cloud from starting is told in its own words") {
    const TemporaryDirectory folder;
    auto options = at(folder.path() / "state");
    options.faults = {{"rules", {{{"action", "explode"}}}}};
    CHECK(refusal(options).find("fault plan: rules[0].action must be one of") != std::string::npos);
    options = at(folder.path() / "file" / "state");
    write_file(folder.path() / "file", "");
    CHECK(refusal(options).find("cannot create") != std::string::npos);
    const WithVariable nowhere("PYFOPS_EMULATOR", "/nonexistent/pyfops-emulator");
    CHECK(refusal(at(folder.path() / "state"), nowhere).find("/nonexistent/pyfops-emulator") !=
          std::string::npos);
    const WithVariable silent("PYFOPS_EMULATOR", "/bin/false");
    CHECK(refusal(at(folder.path() / "state"), silent).find("the local cloud does not start") !=
          std::string::npos);
}

TEST_CASE("what answers on the port but is no local cloud is not taken for one") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    write_file(state / "emulator.json", R"({"port": 1, "pid": 1, "token": "x"})");
    const Started started(state);
    const LocalCloud cloud(at(state), real_system());
    CHECK(started.pid() > 1);
}

TEST_CASE("who took the port of a killed local cloud is not told its token and not believed") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    write_file(state / "emulator.lock", "");
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 8) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    constexpr int nobody = 1 << 30; // beyond every process number
    write_file(state / "emulator.json",
               json::serialize(json::object{
                   {"port", ntohs(address.sin_port)}, {"pid", nobody}, {"token", "told-to-the-wrong-one"}}));
    std::string heard;
    std::thread impostor([&] {
        for (int client = 0; (client = ::accept(listener, nullptr, nullptr)) >= 0; ::close(client)) {
            char text[4096];
            const ssize_t got = ::recv(client, text, sizeof text, 0);
            heard.append(text, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            const std::string answer =
                "HTTP/1.0 200 OK\r\n\r\n" +
                json::serialize(json::object{
                    {"pid", nobody}, {"network", true}, {"AWS_ENDPOINT_URL", "https://example.com"}});
            ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    });
    std::string endpoint;
    long long pid = 0;
    {
        const Started started(state);
        const LocalCloud cloud(at(state), real_system());
        endpoint = cloud.environment().at("AWS_ENDPOINT_URL");
        pid = started.pid();
        ::shutdown(listener, SHUT_RDWR);
        impostor.join();
        if (pid == nobody) fs::remove(state / "emulator.json");
    }
    ::close(listener);
    CHECK(pid != nobody);
    CHECK(endpoint.starts_with("http://127.0.0.1:"));
    CHECK(heard == "");
}

TEST_CASE("a link that came with the project leads the local cloud's log to no other file") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "state";
    write_file(folder.path() / "precious", "kept");
    fs::create_directories(state);
    fs::create_symlink(folder.path() / "precious", state / "emulator.log");
    const Started started(state);
    const LocalCloud cloud(at(state), real_system());
    CHECK(read_file(folder.path() / "precious") == "kept");
    CHECK(fs::is_regular_file(fs::symlink_status(state / "emulator.log")));
}

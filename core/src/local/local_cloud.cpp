// SPDX-License-Identifier: Apache-2.0
#include "pyfops/local_cloud.hpp"

#include "base/descriptor.hpp"
#include "base/own_directories.hpp"
#include "local/emulator_process.hpp"
#include "local/exchange.hpp"
#include "local/state_guard.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

/// Waits for the lock.
void lock(const Descriptor& file, int kind, const fs::path& path) {
    int result = 0;
    do
        result = ::flock(file.get(), kind);
    while (result != 0 && errno == EINTR);
    if (file.get() < 0 || result != 0)
        throw Error(ErrorKind::unavailable,
                    fmt::format("cannot lock {}: {}", path.string(), std::strerror(errno)))
            .hint("the local cloud keeps its state there; make the directory writable");
}

int open_lock(const fs::path& path) {
    return ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

struct Running {
    std::uint16_t port = 0;
    std::string token;
    json::object health;
};

/// The emulator holds this lock as long as it lives. Without that, what listens on the port that a killed one
/// has left may be anybody's, and would be handed the token and whatever is deployed.
bool emulator_lives(const fs::path& state) {
    const Descriptor file(::open((state / "emulator.lock").c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    return file.get() >= 0 && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::optional<Running> find_running(const fs::path& state, const System& system) {
    const auto text = system.read_file(state / "emulator.json");
    if (!text || !emulator_lives(state)) return std::nullopt;
    try {
        const auto file = parse_json(*text, (state / "emulator.json").string());
        Running running;
        running.port = static_cast<std::uint16_t>(integer_or(file, "port"));
        running.token = string_or(file, "token");
        const auto answer = control_exchange(running.port, "GET", "/_pyfops/health", running.token);
        if (answer.status != 200) return std::nullopt;
        running.health = parse_json(answer.body, "the local cloud's health").as_object();
        if (integer_or(running.health, "pid") != integer_or(file, "pid")) return std::nullopt;
        return running;
    } catch (const Error&) {
        return std::nullopt; // it ended without cleaning up; a new one is started
    }
}

std::string last_words(const fs::path& log, const System& system) {
    const auto text = system.read_file(log, 16u << 20);
    if (!text || text->empty()) return {};
    std::string words = text->size() > 2000 ? text->substr(text->size() - 2000) : *text;
    while (!words.empty() && words.back() == '\n')
        words.pop_back();
    return words;
}

void start(const LocalCloudOptions& options, const System& system) {
    EmulatorProcess process(options, EmulatorProcess::Life::shared, system);
    if (process.ready_line(std::chrono::seconds(60))) return;
    process.signal(SIGKILL);
    process.wait();
    const fs::path log = options.state / "emulator.log";
    const auto words = last_words(log, system);
    throw Error(ErrorKind::unavailable,
                "the local cloud does not start" + (words.empty() ? "" : ": " + words))
        .hint(fmt::format("see {}", log.string()));
}

/// A cloud that runs already serves this command only if it does what is asked for.
void check_same(const LocalCloudOptions& options, const Running& running) {
    const auto differs = [](const std::string& what) {
        throw Error(ErrorKind::conflict, "a local cloud that runs for this project " + what)
            .hint("wait until the commands that use it are done, or use another state directory");
    };
    const auto flag = [&](std::string_view name) {
        const auto* value = find(running.health, name);
        return value && value->is_bool() && value->as_bool();
    };
    if (options.port != 0 && options.port != running.port)
        differs(fmt::format("listens on port {}, not {}", running.port, options.port));
    if (!options.network && flag("network")) differs("gives functions the network");
    if (options.require_sandbox && !flag("sandbox_complete"))
        differs("runs them in less than the whole sandbox");
    if (!options.plugin_path.empty()) {
        const auto* known = find(running.health, "plugin_path");
        const auto wanted = program_options(options);
        if (!known || *known != wanted.at("plugin_path")) differs("was started with other plugins");
    }
}

} // namespace

struct LocalCloud::State {
    Descriptor lease; ///< shared lock; the cloud ends when nobody holds one
    Running running;
    std::map<std::string, std::string> environment;

    explicit State(int lease_file) : lease(lease_file) {}
};

LocalCloud::LocalCloud(const LocalCloudOptions& options, const System& system) {
    std::error_code failure;
    create_own_directories(options.state, failure);
    if (failure)
        throw Error(ErrorKind::unavailable,
                    fmt::format("cannot create {}: {}", options.state.string(), failure.message()));
    refuse_open_state(options.state);
    const fs::path lease = options.state / "lease.lock";
    state_ = std::make_unique<State>(open_lock(lease));
    // Held before looking: a cloud that is about to end holds it alone until it is gone.
    lock(state_->lease, LOCK_SH, lease);
    const fs::path gate_path = options.state / "start.lock";
    const Descriptor gate(open_lock(gate_path));
    lock(gate, LOCK_EX, gate_path);
    auto running = find_running(options.state, system);
    if (running) {
        check_same(options, *running);
        if (!options.faults.empty()) {
            const auto answer = control_exchange(running->port, "POST", "/_pyfops/faults", running->token,
                                                 json::serialize(options.faults));
            if (answer.status != 200)
                throw Error(ErrorKind::invalid_input, string_or(parse_json(answer.body, "the answer"),
                                                                "error", "the fault plan is refused"));
        }
    } else {
        start(options, system);
        running = find_running(options.state, system);
        if (!running)
            throw Error(ErrorKind::unavailable, "the local cloud ended right after its start")
                .hint(fmt::format("see {}", (options.state / "emulator.log").string()));
    }
    state_->running = std::move(*running);
    const auto answer =
        control_exchange(state_->running.port, "GET", "/_pyfops/environment", state_->running.token);
    const auto variables = parse_json(answer.body, "the local cloud's environment");
    if (answer.status != 200 || !variables.is_object())
        throw Error(ErrorKind::unavailable, "the local cloud does not say how it is reached: " + answer.body);
    for (const auto& variable : variables.as_object())
        if (variable.value().is_string())
            state_->environment[variable.key()] = std::string(variable.value().as_string());
}

LocalCloud::~LocalCloud() = default;

std::string LocalCloud::base_url() const {
    return fmt::format("http://127.0.0.1:{}", state_->running.port);
}

std::map<std::string, std::string> LocalCloud::environment() const {
    return state_->environment;
}

LocalCloud::Client LocalCloud::client(const std::string& provider) const {
    const auto answer =
        control_exchange(state_->running.port, "GET", "/_pyfops/clients", state_->running.token);
    const auto all = parse_json(answer.body, "the local cloud's clients");
    const json::value* one = find(all, provider);
    if (!one) {
        std::vector<std::string> known;
        if (all.is_object())
            for (const auto& member : all.get_object())
                known.emplace_back(member.key());
        const std::string close = nearest(provider, known);
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the local cloud does not stand in for '{}'", provider))
            .hint(close.empty() ? fmt::format("it knows {}", fmt::join(known, ", "))
                                : fmt::format("did you mean '{}'?", close));
    }
    Client client;
    client.settings = string_or(*one, "settings");
    if (const json::value* variables = find(*one, "environment"); variables && variables->is_object())
        for (const auto& variable : variables->get_object())
            if (variable.value().is_string())
                client.environment[variable.key()] = std::string(variable.value().get_string());
    return client;
}

std::vector<std::string> LocalCloud::notices() const {
    std::vector<std::string> list;
    if (const auto* notices = find(state_->running.health, "notices"); notices && notices->is_array())
        for (const auto& notice : notices->as_array())
            if (notice.is_string()) list.emplace_back(notice.as_string());
    return list;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include "base/descriptor.hpp"
#include "base/own_directories.hpp"
#include "cloud.hpp"
#include "http_server.hpp"
#include "instance_pool.hpp"
#include "local_ca.hpp"

#include "local/state_guard.hpp"
#include "process/sandbox_factory.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/system.hpp"
#include "pyfops/version.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <list>

namespace pyfops {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// To standard error, which is emulator.log when a command started us.
class ErrorStreamLog final : public Log {
  public:
    explicit ErrorStreamLog(LogLevel least) : least_(least) {}
    bool enabled(LogLevel level) const noexcept override { return level >= least_; }
    void write(LogLevel level, std::string_view message) noexcept override {
        try {
            static constexpr const char* names[] = {"trace", "debug", "info", "warning", "error"};
            const auto line = fmt::format("{} {}: {}\n", to_iso8601(real_clock().system_now()),
                                          names[static_cast<int>(level)], redact(message));
            std::fwrite(line.data(), 1, line.size(), stderr);
        } catch (...) { // a log that cannot be written is no reason to end
        }
    }

  private:
    LogLevel least_;
};

class LockFile {
  public:
    explicit LockFile(const fs::path& path)
        : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)) {
        if (!file_)
            throw Error(ErrorKind::storage,
                        fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
    }
    bool try_alone() { return ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0; }
    void release() { ::flock(file_.get(), LOCK_UN); }

  private:
    Descriptor file_;
};

/// Ports and token, chosen once.
struct Fixed {
    std::uint16_t port = 0;
    std::uint16_t tls_port = 0;
    std::string token;
};

const std::string own_collection = "emulator";

Fixed load_fixed(const EmulatorState& state) {
    Fixed fixed;
    if (const auto stored = state.get(own_collection, "fixed")) {
        fixed.port = static_cast<std::uint16_t>(integer_or(*stored, "port"));
        fixed.tls_port = static_cast<std::uint16_t>(integer_or(*stored, "tls_port"));
        fixed.token = string_or(*stored, "token");
    }
    if (fixed.token.empty()) fixed.token = base64url(random_bytes(24));
    return fixed;
}

/// The wanted port; when it is one of ours that somebody else took meanwhile, another one.
std::uint16_t listen(HttpServer& server, std::uint16_t asked, std::uint16_t kept, bool tls, Log& log) {
    if (asked != 0) return server.listen(asked, tls);
    if (kept != 0) {
        try {
            return server.listen(kept, tls);
        } catch (const Error& error) {
            log.warning(fmt::format("{}; choosing another port", error.what()));
        }
    }
    return server.listen(0, tls);
}

/// Everything, in the order in which it must be taken down in reverse.
class Emulator {
  public:
    explicit Emulator(const ProgramOptions& options)
        : options_(options),
          log_(options.log_level),
          state_(options.state / "cloud"),
          fixed_(load_fixed(state_)),
          random_(seed()),
          sandbox_(make_sandbox(context_.get_executor(), real_clock(), log_, sandbox_options())),
          pool_(make_instance_pool(context_.get_executor(), *sandbox_, real_clock(), log_, pool_options())),
          cloud_(real_clock(), log_, fixed_.token) {
        cloud_.set_faults(FaultPlan(options.faults));
        cloud_.describe([this] { return health(); });
    }

    ~Emulator() {
        // No task may run into what is gone: they are cancelled, and end, before anything is taken down.
        if (server_) server_->stop();
        for (auto& task : tasks_)
            task.emit(asio::cancellation_type::terminal);
        context_.restart();
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (!tasks_.empty() && std::chrono::steady_clock::now() < until)
            context_.run_one_for(std::chrono::milliseconds(50));
        context_.poll();
    }
    Emulator(const Emulator&) = delete;
    Emulator& operator=(const Emulator&) = delete;

    void run(LockFile& lease, const std::function<void(const json::object&)>& ready) {
        open_server();
        load_faces();
        write_description();
        asio::signal_set signals(context_, SIGINT, SIGTERM);
        signals.async_wait([this](const boost::system::error_code& failure, int) {
            if (!failure) context_.stop();
        });
        if (!options_.foreground) spawn(watch_leases(lease), "watching leases");
        ready(description(false));
        context_.run();
        std::error_code none;
        fs::remove(options_.state / "emulator.json", none);
    }

  private:
    static std::uint64_t seed() {
        std::uint64_t value = 0;
        const auto bytes = random_bytes(sizeof value);
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }

    SandboxOptions sandbox_options() const {
        SandboxOptions wanted;
        wanted.require_complete = options_.require_sandbox;
        return wanted;
    }

    InstancePoolOptions pool_options() const {
        InstancePoolOptions wanted;
        wanted.network = options_.network;
        wanted.directory = fs::absolute(options_.state) / "instances";
        wanted.runtimes = python_runtimes(real_system().cache_directory());
        return wanted;
    }

    void open_server() {
        HttpServerOptions server_options;
        if (options_.tls) {
            const auto certificates = local_certificates(options_.state / "tls", real_clock());
            ca_ = certificates.ca;
            server_options.certificate = certificates.certificate;
            server_options.key = certificates.key;
        }
        server_options.admit = [this](const ServerRequest& head) { return cloud_.admit(head); };
        server_ = std::make_unique<HttpServer>(
            context_.get_executor(),
            [this](ServerRequest request) { return cloud_.handle(std::move(request)); }, server_options);
        fixed_.port = listen(*server_, options_.port, fixed_.port, false, log_);
        if (options_.tls) fixed_.tls_port = listen(*server_, 0, fixed_.tls_port, true, log_);
        state_.put(own_collection, "fixed",
                   {{"port", fixed_.port}, {"tls_port", fixed_.tls_port}, {"token", fixed_.token}});
        host_ = std::make_unique<EmulatorHost>(EmulatorHost{
            state_, *pool_, real_clock(), random_, log_, fmt::format("http://127.0.0.1:{}", fixed_.port),
            options_.tls ? fmt::format("https://127.0.0.1:{}", fixed_.tls_port) : std::string(),
            [this](Task<void> task) { spawn(std::move(task), "background work"); },
            [this](const std::string& name) { return cloud_.setting(name); }});
    }

    void load_faces() {
        const PluginRegistry registry(options_.plugin_path.empty() ? plugin_search_path(real_system())
                                                                   : options_.plugin_path);
        for (const auto& file : registry.emulator_faces()) {
            // One that cannot be used is told and left out; the others serve.
            try {
                const auto& descriptor = load_plugin_module(file.path, "pyfops_emulator_face");
                PyfopsErrorText text{};
                auto* object = static_cast<EmulatorFace*>(descriptor.create(&text));
                if (!object)
                    throw Error(ErrorKind::plugin, fmt::format("{}: {}", file.path.string(), text.text));
                Cloud::FacePointer face(object,
                                        [&descriptor](EmulatorFace* gone) { descriptor.destroy(gone); });
                face->start(*host_);
                cloud_.add(file.id, std::move(face));
            } catch (...) {
                const Error error = to_error(std::current_exception());
                problems_.emplace_back(error.what());
                log_.warning(error.what());
            }
        }
    }

    json::object description(bool secret) const {
        json::object file{{"ready", true},
                          {"version", PYFOPS_VERSION},
                          {"pid", ::getpid()},
                          {"port", fixed_.port},
                          {"base_url", fmt::format("http://127.0.0.1:{}", fixed_.port)}};
        if (options_.tls) {
            file["tls_port"] = fixed_.tls_port;
            file["ca"] = fs::absolute(ca_).string();
        }
        if (secret) file["token"] = fixed_.token;
        return file;
    }

    void write_description() {
        write_file(options_.state / "emulator.json", pretty_json(description(true)) + "\n", 0600);
    }

    json::object health() const {
        json::object answer = description(false);
        answer["network"] = options_.network;
        answer["sandbox_complete"] = sandbox_->abilities().complete();
        json::array notices, plugins;
        for (const auto& notice : pool_->notices())
            notices.emplace_back(json::string(notice));
        for (const auto& problem : problems_)
            notices.emplace_back(json::string(problem));
        for (const auto& path : options_.plugin_path)
            plugins.emplace_back(json::string(path.string()));
        answer["notices"] = std::move(notices);
        answer["plugin_path"] = std::move(plugins);
        return answer;
    }

    void spawn(Task<void> task, std::string_view what) {
        const auto place = tasks_.emplace(tasks_.end());
        auto done = [this, what, place](std::exception_ptr failure) {
            tasks_.erase(place);
            if (!failure) return;
            const Error error = to_error(failure);
            if (error.kind() != ErrorKind::cancelled)
                log_.write(LogLevel::error, fmt::format("{}: {}", what, error.what()));
        };
        asio::co_spawn(context_, std::move(task),
                       asio::bind_cancellation_slot(place->slot(), std::move(done)));
    }

    /// Every command holds the lease file's lock, shared; while nobody does, it can be taken alone.
    Task<void> watch_leases(LockFile& lease) {
        const Milliseconds step(100);
        Milliseconds alone{};
        while (alone.count() <= options_.linger_ms) {
            auto pause = real_clock().sleep(step);
            co_await std::move(pause);
            if (!lease.try_alone()) {
                alone = Milliseconds{};
                continue;
            }
            alone += step;
            // Who comes while it is held waits until we are gone, and then starts a new one.
            if (alone.count() <= options_.linger_ms) lease.release();
        }
        context_.stop();
    }

    const ProgramOptions& options_;
    ErrorStreamLog log_;
    EmulatorState state_;
    Fixed fixed_;
    SeededRandom random_;
    asio::io_context context_{1};
    std::list<asio::cancellation_signal> tasks_;
    std::unique_ptr<Sandbox> sandbox_;
    std::unique_ptr<InstancePool> pool_;
    std::unique_ptr<EmulatorHost> host_;
    Cloud cloud_;
    std::unique_ptr<HttpServer> server_;
    fs::path ca_;
    std::vector<std::string> problems_;
};

} // namespace

void run_emulator(const ProgramOptions& options, const std::function<void(const json::object&)>& ready) {
    std::error_code failure;
    create_own_directories(options.state, failure);
    if (failure)
        throw Error(ErrorKind::storage,
                    fmt::format("cannot create {}: {}", options.state.string(), failure.message()));
    refuse_open_state(options.state);
    LockFile instance(options.state / "emulator.lock");
    // A command that looks whether somebody holds it has it for an instant itself.
    for (int attempt = 0; !instance.try_alone(); ++attempt) {
        if (attempt < 20) {
            ::usleep(5000);
            continue;
        }
        throw Error(ErrorKind::conflict,
                    fmt::format("a local cloud already runs for {}", options.state.string()))
            .hint("commands with --local join it by themselves");
    }
    LockFile lease(options.state / "lease.lock");
    Emulator emulator(options);
    emulator.run(lease, ready);
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "instance.hpp"
#include "instance_pool.hpp"
#include "package_directory.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/runtimes.hpp"
#include "pyfops/workers.hpp"
#include "pyfops_emulator_embedded.hpp"
#include "refusal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Outcome = ExecutionResult::Outcome;
using Step = Instance::Step;
using InstancePtr = std::shared_ptr<Instance>;

namespace {

constexpr const char* task_directory = "/var/task";
constexpr const char* runtime_directory = "/opt/pyfops-runtime";
constexpr const char* instance_client = "pyfops_instance.py";

double milliseconds_since(SteadyTime begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// The pool itself; events on their way keep it alive.
class Pool : public std::enable_shared_from_this<Pool> {
  public:
    Pool(asio::any_io_executor executor, Sandbox& sandbox, Clock& clock, Log& log,
         InstancePoolOptions options)
        : executor_(executor),
          sandbox_(sandbox),
          clock_(clock),
          log_(log),
          options_(std::move(options)),
          packages_(options_.directory),
          workers_(1),
          freed_(executor),
          idle_timer_(executor) {
        freed_.expires_at(SteadyTime::max());
    }

    static Task<ExecutionResult> execute(std::shared_ptr<Pool> self,
                                         std::shared_ptr<const FunctionImage> image, std::string request_id,
                                         std::string event, HttpHeaders headers);
    void retire(const std::string& image_id);
    std::vector<std::string> notices() const;
    /// Ends everything, now.
    void stop() noexcept {
        idle_timer_.cancel();
        freed_.cancel();
        for (const InstancePtr& instance : std::exchange(instances_, {}))
            instance->drop();
    }

  private:
    /// Gives an instance back, whatever way the event took: one that has not finished it is of no use.
    class Lease {
      public:
        Lease(std::shared_ptr<Pool> pool, InstancePtr instance)
            : pool_(std::move(pool)),
              instance_(std::move(instance)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool_->give_back(instance_, reusable); }
        Instance& operator*() const { return *instance_; }
        Instance* operator->() const { return instance_.get(); }
        bool reusable = false;

      private:
        std::shared_ptr<Pool> pool_;
        InstancePtr instance_;
    };
    struct Unpacked {
        fs::path package;
        fs::path runtime;
        PythonRuntime python;
        std::string unfit; ///< why it is refused before it runs; empty: it is not
    };

    Task<Unpacked> unpack(std::shared_ptr<const FunctionImage> image);
    InstancePtr idle_instance(const std::string& image_id);
    /// Waits until one more may be started, or one of that image is free.
    Task<void> room(std::string image_id);
    /// A free instance or a new one, which is busy.
    static Task<InstancePtr> obtain(std::shared_ptr<Pool> self, std::shared_ptr<const FunctionImage> image);
    InstancePtr start(const std::shared_ptr<const FunctionImage>& image, const Unpacked& unpacked);
    void give_back(const InstancePtr& instance, bool reusable) noexcept;
    void forget(const InstancePtr& instance) noexcept;
    void remove_unused(const fs::path& package) noexcept;
    void end_idle();

    static void describe_end(Instance& instance, ExecutionResult& result);

    asio::any_io_executor executor_;
    Sandbox& sandbox_;
    Clock& clock_;
    Log& log_;
    InstancePoolOptions options_;
    PackageDirectory packages_;
    Workers workers_;
    std::map<std::string, Unpacked> unpacked_; ///< by image id
    std::vector<InstancePtr> instances_;       ///< running, oldest first
    asio::steady_timer freed_;                 ///< cancelled when an instance became free or ended
    asio::steady_timer idle_timer_;
};

Task<Pool::Unpacked> Pool::unpack(std::shared_ptr<const FunctionImage> image) {
    const auto known = unpacked_.find(image->id);
    if (known != unpacked_.end()) co_return known->second;
    Unpacked made;
    auto python = choose_runtime(options_.runtimes, image->python);
    if (!python)
        throw Error(ErrorKind::not_found, "there is no Python to run the function with")
            .hint("install /usr/bin/python3 or make runtimes with 'pyfops emulate --runtimes'");
    made.python = std::move(*python);
    const std::function<void()> work = [this, &made, image] {
        made.package = packages_.package(image->archive, sha256_hex(image->archive.view()));
        auto runtime_files = image->runtime_files;
        runtime_files.emplace(instance_client, instance_files::text(instance_client));
        made.runtime = packages_.runtime(runtime_files);
        made.unfit = unfit_wheel(made.package, made.python);
    };
    auto working = workers_.run(work);
    co_await std::move(working);
    unpacked_[image->id] = made;
    co_return made;
}

InstancePtr Pool::idle_instance(const std::string& image_id) {
    // The one that ran last: its caches are warm, and the others can be ended.
    InstancePtr best;
    for (const InstancePtr& instance : instances_)
        if (!instance->busy && !instance->ended() && instance->settings().image->id == image_id &&
            (!best || best->idle_since < instance->idle_since))
            best = instance;
    return best;
}

Task<void> Pool::room(std::string image_id) {
    for (;;) {
        if (idle_instance(image_id)) co_return;
        std::erase_if(instances_,
                      [](const InstancePtr& instance) { return !instance->busy && instance->ended(); });
        if (static_cast<int>(instances_.size()) < options_.max_instances) co_return;
        // Idle ones of other functions make place, the longest unused first.
        const auto oldest =
            std::min_element(instances_.begin(), instances_.end(), [](const auto& a, const auto& b) {
                return std::pair(a->busy, a->idle_since) < std::pair(b->busy, b->idle_since);
            });
        if (!(*oldest)->busy) {
            (*oldest)->kill();
            instances_.erase(oldest);
            co_return;
        }
        co_await freed_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

InstancePtr Pool::start(const std::shared_ptr<const FunctionImage>& image, const Unpacked& unpacked) {
    SandboxRequest request;
    request.command.push_back(unpacked.python.executable.string());
    for (std::string argument : image->arguments) {
        constexpr std::string_view task = "{task}";
        for (std::size_t at = 0; (at = argument.find(task, at)) != std::string::npos;)
            argument.replace(at, task.size(), task_directory);
        request.command.push_back(std::move(argument));
    }
    request.environment = image->environment;
    request.mounts = {{unpacked.package, task_directory}, {unpacked.runtime, runtime_directory}};
    request.directory = task_directory;
    request.root = unpacked.python.root;
    request.memory_bytes = static_cast<std::size_t>(image->memory_mb) << 20;
    request.max_processes = 1024;
    request.network = options_.network;
    request.listener_variable = "AWS_LAMBDA_RUNTIME_API";
    Instance::Settings settings{image, unpacked.python.full_version, unpacked.package, options_.max_log_bytes,
                                image->max_answer_bytes};
    auto instance =
        std::make_shared<Instance>(executor_, std::move(settings), sandbox_.start(std::move(request)));
    instance->busy = true;
    instances_.push_back(instance);
    instance->start();
    return instance;
}

void Pool::forget(const InstancePtr& instance) noexcept {
    std::erase(instances_, instance);
    remove_unused(instance->settings().package);
    freed_.cancel();
}

/// The package of images that are all retired.
void Pool::remove_unused(const fs::path& package) noexcept {
    const bool known = std::any_of(unpacked_.begin(), unpacked_.end(),
                                   [&](const auto& other) { return other.second.package == package; });
    const bool used = std::any_of(instances_.begin(), instances_.end(), [&](const InstancePtr& other) {
        return other->settings().package == package;
    });
    if (!known && !used) packages_.remove(package);
}

void Pool::give_back(const InstancePtr& instance, bool reusable) noexcept {
    instance->busy = false;
    if (!reusable || instance->retired || instance->ended()) {
        instance->kill();
        forget(instance);
        return;
    }
    instance->idle_since = std::chrono::steady_clock::now();
    freed_.cancel();
    end_idle();
}

void Pool::end_idle() {
    const SteadyTime now = std::chrono::steady_clock::now();
    SteadyTime next = SteadyTime::max();
    std::erase_if(instances_, [&](const InstancePtr& instance) {
        if (instance->busy) return false;
        if (now - instance->idle_since < options_.idle_limit) {
            next = std::min(next, instance->idle_since + options_.idle_limit);
            return false;
        }
        instance->kill();
        return true;
    });
    if (next == SteadyTime::max()) return;
    idle_timer_.expires_at(next);
    idle_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        const auto self = weak.lock();
        if (!failure && self) self->end_idle();
    });
}

void Pool::retire(const std::string& image_id) {
    std::erase_if(instances_, [&](const InstancePtr& instance) {
        if (instance->settings().image->id != image_id) return false;
        instance->retired = true;
        if (!instance->busy) instance->kill();
        return !instance->busy;
    });
    const auto known = unpacked_.find(image_id);
    if (known == unpacked_.end()) return;
    const fs::path package = known->second.package;
    unpacked_.erase(known);
    remove_unused(package);
    freed_.cancel();
}

std::vector<std::string> Pool::notices() const {
    std::vector<std::string> all = sandbox_.abilities().missing;
    std::string found;
    for (const PythonRuntime& runtime : options_.runtimes)
        found += (found.empty() ? "" : ", ") + runtime.full_version +
                 (runtime.root.empty() ? " (this machine's)" : "");
    all.push_back(found.empty() ? "no Python interpreter was found: functions cannot run"
                                : "functions run on Python " + found);
    return all;
}

void Pool::describe_end(Instance& instance, ExecutionResult& result) {
    const SandboxExit end = instance.ended() ? instance.exit() : SandboxExit{};
    result.outcome = end.out_of_memory ? Outcome::out_of_memory : Outcome::exited;
    result.exit_code = end.exit_code;
    result.signal = end.signal;
}

Task<InstancePtr> Pool::obtain(std::shared_ptr<Pool> self, std::shared_ptr<const FunctionImage> image) {
    if (InstancePtr idle = self->idle_instance(image->id)) co_return idle;
    for (;;) {
        auto unpacking = self->unpack(image);
        const Unpacked unpacked = co_await std::move(unpacking);
        auto waiting = self->room(image->id);
        co_await std::move(waiting);
        if (InstancePtr idle = self->idle_instance(image->id)) co_return idle;
        // Retired while it waited: the package may be gone.
        if (self->unpacked_.contains(image->id)) co_return self->start(image, unpacked);
    }
}

Task<ExecutionResult> Pool::execute(std::shared_ptr<Pool> self, std::shared_ptr<const FunctionImage> image,
                                    std::string request_id, std::string event, HttpHeaders headers) {
    const SteadyTime::duration timeout = image->timeout;
    const auto now = [] { return std::chrono::steady_clock::now(); };
    auto unpacking = self->unpack(image);
    const Unpacked unpacked = co_await std::move(unpacking);
    if (!unpacked.unfit.empty()) co_return refusal(unpacked.unfit, unpacked.python, image->python);
    ExecutionResult result;
    // A start that takes too long is repeated once within the function's own time, as the cloud does.
    bool second_start = false;
    for (;;) {
        auto obtaining = obtain(self, image);
        InstancePtr instance = co_await std::move(obtaining);
        const bool fresh = instance->busy;
        instance->busy = true;
        Lease lease(self, std::move(instance));
        result.ran_on = lease->settings().ran_on;
        SteadyTime begin = now();
        SteadyTime until = begin + timeout;
        Step step = Step::done;
        bool initialised = true;
        if (fresh) {
            auto starting = lease->wait_for_init(second_start ? until : begin + image->init_timeout);
            step = co_await std::move(starting);
            initialised = step == Step::done;
            if (step == Step::late && !second_start) {
                second_start = true;
                self->log_.debug("the start of a function took longer than its limit and is repeated");
                continue;
            }
            result.init_ms = milliseconds_since(begin);
        }
        if (initialised) {
            if (!second_start || !fresh) {
                begin = now();
                until = begin + timeout;
            }
            const auto left = std::chrono::duration_cast<Milliseconds>(until - now());
            const auto deadline = std::chrono::duration_cast<Milliseconds>(
                (self->clock_.system_now() + left).time_since_epoch());
            headers.set("Lambda-Runtime-Aws-Request-Id", request_id);
            headers.set("Lambda-Runtime-Deadline-Ms", std::to_string(deadline.count()));
            auto running = lease->run({request_id, event, headers}, until);
            step = co_await std::move(running);
            // It had ended before it heard of the event.
            if (step == Step::ended && !fresh && !lease->event_taken()) continue;
        }
        result.duration_ms = milliseconds_since(begin);
        result.error_type = lease->error_type();
        result.content_type = lease->content_type();
        if (step == Step::done || step == Step::failed) {
            result.body = lease->take_body();
            result.outcome = step == Step::done ? Outcome::answered
                             : initialised      ? Outcome::function_error
                                                : Outcome::init_error;
        }
        if (lease->out_of_memory()) {
            // Something of the group was killed; that the handler lived to answer does not count.
            result.outcome = Outcome::out_of_memory;
            result.body.clear();
        }
        lease.reusable =
            initialised && (step == Step::done || step == Step::failed) && !lease->out_of_memory();
        if (!lease.reusable && step != Step::failed) {
            auto ending = lease->end();
            co_await std::move(ending);
        }
        if (step == Step::late && result.outcome != Outcome::out_of_memory)
            result.outcome = Outcome::timed_out;
        if (step == Step::ended) describe_end(*lease, result);
        result.memory_used_mb = lease->peak_mb();
        result.logs = lease->take_log();
        co_return result;
    }
}

class SandboxedPool final : public InstancePool {
  public:
    explicit SandboxedPool(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
    ~SandboxedPool() override { pool_->stop(); }
    Task<ExecutionResult> execute(std::shared_ptr<const FunctionImage> image, std::string request_id,
                                  std::string event, HttpHeaders headers) override {
        return Pool::execute(pool_, std::move(image), std::move(request_id), std::move(event),
                             std::move(headers));
    }
    void retire(const std::string& image_id) override { pool_->retire(image_id); }
    std::vector<std::string> notices() const override { return pool_->notices(); }

  private:
    std::shared_ptr<Pool> pool_;
};

} // namespace

std::unique_ptr<InstancePool> make_instance_pool(asio::any_io_executor executor, Sandbox& sandbox,
                                                 Clock& clock, Log& log, InstancePoolOptions options) {
    return std::make_unique<SandboxedPool>(
        std::make_shared<Pool>(std::move(executor), sandbox, clock, log, std::move(options)));
}

} // namespace pyfops

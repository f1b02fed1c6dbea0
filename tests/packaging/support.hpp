// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/package_builder.hpp"
#include "process/processes.hpp"
#include "pyfops/context.hpp"
#include "pyfops/error.hpp"
#include "pyfops/handler_check.hpp"
#include "pyfops/package.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pyfops::test {

using ::TemporaryDirectory;

/// The error that an action throws; fails the test when it throws none.
Error error_of(const std::function<void()>& action);

/// A tiny wheel with one module; further files by path. Returns its bytes.
std::string make_wheel(const std::string& file_name, std::map<std::string, std::string> files = {},
                       const std::string& metadata = {});

/// A world with real processes and clock, no network but what pip is told, and a fake sandbox unless a real
/// one is asked for.
class World {
  public:
    explicit World(const std::filesystem::path& cache);

    struct TestSystem final : System {
        std::map<std::string, std::string> environment;
        std::filesystem::path cache;

        std::optional<std::string> variable(std::string_view name) const override {
            const auto found = environment.find(std::string(name));
            return found == environment.end() ? std::nullopt : std::optional(found->second);
        }
        std::map<std::string, std::string> variables() const override { return environment; }
        std::optional<std::string> read_file(const std::filesystem::path& path,
                                             std::size_t max) const override {
            return real_system().read_file(path, max);
        }
        std::filesystem::path home() const override { return cache; }
        std::filesystem::path cache_directory() const override { return cache; }
    };
    TestSystem system; ///< pip sees this environment
    testing::RecordingObserver observer;
    testing::RecordingLog log;
    int processes_started = 0;

    StageContext context();
    /// Runs tasks to their end, side by side, and throws the first failure.
    void run(std::vector<Task<void>> tasks);
    std::shared_ptr<const DependencySet> dependencies(DependencyRequest request);
    Package build(BuildRequest request);
    std::vector<HandlerProblem> check(const SourceTree& code, const FunctionSpec& function,
                                      std::shared_ptr<const DependencySet> set = nullptr,
                                      HandlerCheckOptions options = {});
    PackageBuilder& builder() { return *builder_; }
    Host& host() { return host_; }

  private:
    struct CountingProcesses;
    boost::asio::io_context loop_;
    std::unique_ptr<Processes> real_;
    std::unique_ptr<Processes> counting_;
    testing::FakeHttp http_;
    std::unique_ptr<Sandbox> sandbox_;
    Workers workers_{2};
    SeededRandom random_{1};
    Limiter limiter_;
    std::unique_ptr<PackageBuilder> builder_;
    Host host_;
};

/// pip and uv in a cache that the tests share; "" with a "SKIPPED:" line when no package index is reachable.
/// Links them into `cache`.
bool with_tools(const std::filesystem::path& cache);

} // namespace pyfops::test

// SPDX-License-Identifier: Apache-2.0
// A thousand deployments, 100 ms for each provider call, against what the concurrency allows at best; with a
// real SQLite database and a real journal. Usage: deploy_bench
#include "pyfops/engine.hpp"
#include "pyfops/testing/fake_packages.hpp"
#include "pyfops/testing/fake_provider.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <chrono>

using namespace pyfops;

namespace {

constexpr int functions = 10;
constexpr int regions = 100;
constexpr int concurrency = 10; ///< the default of the AWS provider
constexpr int calls = 4;        ///< find, create, poll, poll: what a deployment of AWS makes
constexpr Milliseconds call_time{100};

Task<Deployment> slow_deploy(testing::FakeProvider& provider, const DeployRequest& request,
                             StageContext& context) {
    for (int i = 0; i < calls; ++i) {
        auto sleeping = context.host.clock.sleep(call_time);
        co_await std::move(sleeping);
    }
    co_return co_await provider.deploy_in_memory(request);
}

Task<Package> small_package(const PackageRequest& request) {
    co_return testing::fake_package(request.wrapped.content_hash());
}

double resident_megabytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

} // namespace

int main() {
    const TemporaryDirectory directory;
    write_file(directory.path() / "code" / "a.py", "def handler(event):\n    return event\n");
    Project project;
    project.name = "bench";
    project.directory = directory.path();
    DeploymentEntry entry{"fake", {}, {}, std::nullopt, "/deployments/0"};
    auto owned = std::make_unique<testing::FakeProvider>();
    testing::FakeProvider& provider = *owned;
    provider.description.regions.clear();
    for (int i = 0; i < regions; ++i) {
        entry.regions.push_back(fmt::format("r{}", i));
        provider.description.regions.push_back({entry.regions.back(), "", false});
    }
    project.deployments = {entry};
    for (int i = 0; i < functions; ++i) {
        FunctionSpec function;
        function.name = fmt::format("f{}", i);
        function.type = function.name + "Type";
        function.source = directory.path() / "code";
        function.module = "a";
        function.callable = "handler";
        project.functions.push_back(function);
    }
    provider.on_deploy = [&](const DeployRequest& request, StageContext& context) {
        return slow_deploy(provider, request, context);
    };
    provider.on_package = [](const PackageRequest& request, StageContext&) { return small_package(request); };

    Engine engine;
    engine.plugins().add(std::move(owned), "bench");
    const auto store = open_store(
        DatabaseUrl::parse("sqlite:afcl.db", directory.path(), engine.host().system), engine.host().log);
    Journal journal(directory.path() / "journal");
    Pipeline pipeline(engine.host(), engine.plugins(), store.get(), &journal);
    RunRequest request{project};
    request.last = Stage::deploy;
    request.jobs = concurrency;
    request.check_handlers = false;

    const auto start = std::chrono::steady_clock::now();
    const RunReport report = engine.run(pipeline.run(request));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double limit = functions * regions * calls * call_time.count() / 1000.0 / concurrency;
    fmt::print("{} deployments ({} at a time, {} calls of {} ms): {:.1f} s, {:.2f} x what concurrency allows "
               "({:.1f} s); "
               "{:.0f} MB resident; goals: 1.2 x, 100 MB\n",
               report.units.size(), concurrency, calls, call_time.count(), took.count(), took.count() / limit,
               limit, resident_megabytes());
    return report.succeeded() ? 0 : 1;
}

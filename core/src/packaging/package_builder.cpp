// SPDX-License-Identifier: Apache-2.0
#include "packaging/package_builder.hpp"

#include "packaging/archive.hpp"
#include "packaging/dependencies.hpp"
#include "packaging/single_flight.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pyfops {

namespace packaging {
namespace {

using SharedSet = std::shared_ptr<const DependencySet>;
using SharedPackage = std::shared_ptr<const Package>;

class Builder final : public PackageBuilder {
  public:
    explicit Builder(std::filesystem::path cache) : installer_(CachePaths{std::move(cache)}) {}

    Task<SharedSet> dependencies(DependencyRequest request, StageContext& context) override {
        const std::string key =
            fmt::format("{}\n{}\n{}\n{} {} {}\n{} {}\n{}", request.requirements.string(), request.label,
                        request.lock_file.string(), request.platform.python, request.platform.glibc,
                        request.platform.architecture, static_cast<int>(request.resolver), request.update,
                        fmt::join(request.extra, "\n"));
        std::function<Task<SharedSet>()> work = [this, request = std::move(request), &context] {
            return installer_.install(request, context);
        };
        return installs_.run(key, std::move(work));
    }

    Task<Package> build(BuildRequest request, StageContext& context) override {
        const auto shared = std::make_shared<const BuildRequest>(std::move(request));
        std::string key;
        Task<void> hashing = context.host.workers.run([&key, shared] { key = key_of(*shared); });
        co_await std::move(hashing);
        std::function<Task<SharedPackage>()> work = [shared, &context] { return assemble(shared, context); };
        Task<SharedPackage> building = builds_.run(key, std::move(work));
        const SharedPackage package = co_await std::move(building);
        co_return *package;
    }

  private:
    static std::string key_of(const BuildRequest& request) {
        return fmt::format("{} {} {} {} {} {}", request.tree.content_hash(),
                           request.dependencies ? request.dependencies->content_hash : "-",
                           request.dependencies_prefix, request.limits.max_files, request.limits.max_unzipped,
                           request.limits.max_zipped);
    }

    static Task<SharedPackage> assemble(std::shared_ptr<const BuildRequest> request, StageContext& context) {
        SharedPackage package;
        Task<void> working = context.host.workers.run(
            [&package, request] { package = std::make_shared<const Package>(build_archive(*request)); });
        co_await std::move(working);
        co_return package;
    }

    DependencyInstaller installer_;
    SingleFlight<SharedSet> installs_;
    SingleFlight<SharedPackage> builds_;
};

} // namespace
} // namespace packaging

std::unique_ptr<PackageBuilder> make_package_builder(std::filesystem::path cache_directory) {
    return std::make_unique<packaging::Builder>(std::move(cache_directory));
}

} // namespace pyfops

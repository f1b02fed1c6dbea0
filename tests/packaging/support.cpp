// SPDX-License-Identifier: Apache-2.0
#include "packaging/support.hpp"

#include "packaging/deflate.hpp"
#include "packaging/python_tags.hpp"
#include "packaging/tools.hpp"
#include "packaging/zip_writer.hpp"
#include "process/sandbox_factory.hpp"
#include "pyfops/error.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace pyfops::test {

namespace fs = std::filesystem;

namespace {

Task<void> store_dependencies(PackageBuilder& builder, DependencyRequest request, StageContext& context,
                              std::shared_ptr<const DependencySet>& into) {
    Task<std::shared_ptr<const DependencySet>> task = builder.dependencies(std::move(request), context);
    into = co_await std::move(task);
}

Task<void> store_package(PackageBuilder& builder, BuildRequest request, StageContext& context,
                         Package& into) {
    Task<Package> task = builder.build(std::move(request), context);
    into = co_await std::move(task);
}

Task<void> store_check(const SourceTree& code, const FunctionSpec& function,
                       std::shared_ptr<const DependencySet> set, HandlerCheckOptions options,
                       StageContext& context, std::vector<HandlerProblem>& into) {
    Task<std::vector<HandlerProblem>> task =
        check_handler(code, std::move(set), function, context, std::move(options));
    into = co_await std::move(task);
}

Task<void> make_tools(packaging::PythonTools& tools, StageContext& context) {
    Task<fs::path> task = tools.folder(context);
    co_await std::move(task);
}

template <class... T>
std::vector<Task<void>> list(T... tasks) {
    std::vector<Task<void>> all;
    (all.push_back(std::move(tasks)), ...);
    return all;
}

} // namespace

Error error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    FAIL("nothing was thrown");
    return Error(ErrorKind::internal, "nothing was thrown");
}

std::string make_wheel(const std::string& file_name, std::map<std::string, std::string> files,
                       const std::string& metadata) {
    const packaging::WheelName name = packaging::parse_wheel_name(file_name);
    const std::string stem = file_name.substr(0, file_name.find('-')) + "-" + name.version;
    std::string module = name.distribution;
    std::ranges::replace(module, '-', '_');
    if (files.empty()) files[module + "/__init__.py"] = fmt::format("version = '{}'\n", name.version);
    files[stem + ".dist-info/METADATA"] = fmt::format("Metadata-Version: 2.1\nName: {}\nVersion: {}\n{}",
                                                      name.distribution, name.version, metadata);
    std::string tags;
    for (const std::string& python : name.pythons)
        for (const std::string& abi : name.abis)
            for (const std::string& platform : name.platforms)
                tags += fmt::format("Tag: {}-{}-{}\n", python, abi, platform);
    files[stem + ".dist-info/WHEEL"] = fmt::format(
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: {}\n{}", name.pure() ? "true" : "false", tags);
    files[stem + ".dist-info/RECORD"] = "";
    std::map<std::string, PackedFile> packed;
    for (const auto& [path, content] : files)
        packed[path] = packaging::pack_file({content});
    packaging::ZipEntries entries;
    for (const auto& [path, file] : packed)
        entries[path] = &file;
    return packaging::write_zip(entries);
}

struct World::CountingProcesses final : Processes {
    CountingProcesses(Processes& real, int& count) : real_(real), count_(count) {}
    Task<ProcessResult> run(ProcessRequest request, Deadline deadline) override {
        ++count_;
        return real_.run(std::move(request), deadline);
    }
    Processes& real_;
    int& count_;
};

World::World(const fs::path& cache)
    : real_(make_processes(loop_.get_executor(), real_clock())),
      counting_(std::make_unique<CountingProcesses>(*real_, processes_started)),
      sandbox_(make_sandbox(loop_.get_executor(), real_clock(), log)),
      limiter_(real_clock()),
      builder_(make_package_builder(cache)),
      host_{http_,        *counting_, *sandbox_, *builder_, workers_, system,
            real_clock(), random_,    limiter_,  log,       observer} {
    system.cache = cache;
    system.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", cache.string()}};
}

StageContext World::context() {
    return StageContext{host_, Deadline::after(real_clock(), std::chrono::minutes(3)), {}};
}

void World::run(std::vector<Task<void>> tasks) {
    std::exception_ptr failure;
    for (Task<void>& task : tasks)
        boost::asio::co_spawn(loop_, std::move(task), [&failure](std::exception_ptr thrown) {
            if (thrown && !failure) failure = thrown;
        });
    loop_.restart();
    loop_.run();
    if (failure) std::rethrow_exception(failure);
}

std::vector<HandlerProblem> World::check(const SourceTree& code, const FunctionSpec& function,
                                         std::shared_ptr<const DependencySet> set,
                                         HandlerCheckOptions options) {
    StageContext stage = context();
    std::vector<HandlerProblem> problems;
    run(list(store_check(code, function, std::move(set), std::move(options), stage, problems)));
    return problems;
}

std::shared_ptr<const DependencySet> World::dependencies(DependencyRequest request) {
    StageContext stage = context();
    std::shared_ptr<const DependencySet> set;
    run(list(store_dependencies(*builder_, std::move(request), stage, set)));
    return set;
}

Package World::build(BuildRequest request) {
    StageContext stage = context();
    Package package;
    run(list(store_package(*builder_, std::move(request), stage, package)));
    return package;
}

bool with_tools(const fs::path& cache) {
    const fs::path shared = fs::path(PYFOPS_BINARY_DIR) / "packaging-test-cache";
    fs::create_directories(shared / "tools");
    fs::create_directories(shared / "locks");
    World world(shared);
    world.system.environment = real_system().variables();
    packaging::PythonTools tools(packaging::CachePaths{shared});
    StageContext stage = world.context();
    try {
        world.run(list(make_tools(tools, stage)));
    } catch (const Error& error) {
        MESSAGE("SKIPPED: ", error.what());
        return false;
    }
    fs::create_directories(cache);
    fs::create_directory_symlink(shared / "tools", cache / "tools");
    fs::create_directory_symlink(shared / "locks", cache / "locks");
    return true;
}

} // namespace pyfops::test

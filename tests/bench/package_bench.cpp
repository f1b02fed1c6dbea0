// SPDX-License-Identifier: Apache-2.0
// Packaging against `zip -r`: a native dependency tree cold and warm, and many small functions. Needs a
// package index and zip. Usage: package_bench [FOLDER], where the wheels are kept between runs.
#include "packaging/package_builder.hpp"
#include "process/processes.hpp"
#include "pyfops/context.hpp"
#include "pyfops/error.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

using namespace pyfops;
namespace fs = std::filesystem;

namespace {

constexpr int rounds = 5;

/// The best of several: what the work takes when nothing disturbs it.
double best_ms(const std::function<void()>& prepare, const std::function<void()>& work) {
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        prepare();
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count());
    }
    return best;
}

void line(std::string_view what, double ms, double against, std::string_view other) {
    if (against > 0)
        fmt::print("{:<64} {:8.1f} ms   {:5.2f} x {}\n", what, ms, ms / against, other);
    else
        fmt::print("{:<64} {:8.1f} ms\n", what, ms);
}

struct Bench {
    explicit Bench(fs::path folder)
        : cache(std::move(folder)),
          processes(make_processes(loop.get_executor(), real_clock())),
          limiter(real_clock()) {
        restart();
    }
    /// As a new process: nothing is left in memory.
    void restart() { builder = make_package_builder(cache); }

    void run(std::vector<Task<void>> tasks) {
        std::exception_ptr failure;
        for (Task<void>& task : tasks)
            boost::asio::co_spawn(loop, std::move(task), [&failure](std::exception_ptr thrown) {
                if (thrown) failure = thrown;
            });
        loop.restart();
        loop.run();
        if (failure) std::rethrow_exception(failure);
    }

    fs::path cache;
    boost::asio::io_context loop;
    std::unique_ptr<Processes> processes;
    testing::FakeHttp http;
    testing::FakeSandbox sandbox;
    testing::RecordingLog log;
    Workers workers{2};
    SeededRandom random{1};
    Limiter limiter;
    std::unique_ptr<PackageBuilder> builder;

    Host host() {
        return Host{http,         *processes, sandbox, *builder, workers,        real_system(),
                    real_clock(), random,     limiter, log,      null_observer()};
    }
};

Task<void> one_package(DependencyRequest dependencies, SourceTree code, std::string prefix,
                       StageContext& context, std::size_t& bytes) {
    BuildRequest request;
    if (!dependencies.requirements.empty()) {
        Task<std::shared_ptr<const DependencySet>> installing =
            context.host.packages.dependencies(std::move(dependencies), context);
        request.dependencies = co_await std::move(installing);
    }
    request.tree = std::move(code);
    request.dependencies_prefix = std::move(prefix);
    Task<Package> building = context.host.packages.build(std::move(request), context);
    const Package package = co_await std::move(building);
    bytes += package.archive.size();
}

/// The four providers that take a package of this size; two of them want the dependencies in a folder.
const std::vector<std::string> prefixes = {"", ".python_packages/lib/site-packages", "", "site-packages"};

} // namespace

int main(int argc, char** argv) try {
    const fs::path folder = argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path() / "pyfops-package-bench";
    fs::create_directories(folder / "project");
    write_file(folder / "project/requirements.txt", "numpy==2.2.6\n");
    DependencyRequest request;
    request.requirements = folder / "project/requirements.txt";
    request.label = "requirements.txt";
    request.platform = {"3.11", "x86_64", "2.28"};
    request.lock_file = folder / "project/pyfops.lock";

    Bench bench(folder / "cache");
    int edits = 0;
    const auto package_all = [&](std::size_t providers) {
        bench.restart();
        Host host = bench.host();
        StageContext context{host, Deadline(), {}};
        SourceTree code;
        code.add("app.py",
                 {fmt::format("# edit {}\ndef handler(event, context):\n    return {{}}\n", ++edits)});
        std::size_t bytes = 0;
        std::vector<Task<void>> tasks;
        for (std::size_t i = 0; i < providers; ++i) {
            SourceTree wrapped = code;
            wrapped.add("entry.py", {fmt::format("# provider {}\n", i)});
            tasks.push_back(one_package(request, std::move(wrapped), prefixes[i], context, bytes));
        }
        bench.run(std::move(tasks));
    };
    package_all(1); // fetches the wheel

    // The same tree for zip: what the package holds.
    const fs::path tree = folder / "tree";
    fs::remove_all(tree);
    fs::create_directories(tree);
    {
        Host host = bench.host();
        StageContext context{host, Deadline(), {}};
        struct Keep {
            static Task<void> set(PackageBuilder& builder, DependencyRequest r, StageContext& c,
                                  std::shared_ptr<const DependencySet>& into) {
                Task<std::shared_ptr<const DependencySet>> task = builder.dependencies(std::move(r), c);
                into = co_await std::move(task);
            }
            static Task<void> package(PackageBuilder& builder, BuildRequest r, StageContext& c,
                                      Package& into) {
                Task<Package> task = builder.build(std::move(r), c);
                into = co_await std::move(task);
            }
        };
        BuildRequest build;
        std::vector<Task<void>> first, second;
        first.push_back(Keep::set(*bench.builder, request, context, build.dependencies));
        bench.run(std::move(first));
        Package package;
        second.push_back(Keep::package(*bench.builder, build, context, package));
        bench.run(std::move(second));
        write_tree(read_zip(package.archive.view()), tree);
        fmt::print("numpy: {} files, {:.1f} MB, zipped {:.1f} MB\n", package.file_count,
                   static_cast<double>(package.unzipped_bytes) / 1e6,
                   static_cast<double>(package.archive.size()) / 1e6);
    }
    const std::string zip = fmt::format("cd '{}' && zip -qr ../zip.zip .", tree.string());
    const double by_zip = best_ms([&] { fs::remove(folder / "zip.zip"); },
                                  [&] {
                                      if (std::system(zip.c_str()) != 0)
                                          throw Error(ErrorKind::not_found, "zip is missing");
                                  });
    line("zip -r of the tree, once", by_zip, 0, "");
    line("package for four providers, cold (wheel fetched, nothing compressed)",
         best_ms([&] { fs::remove_all(bench.cache / "sets"); }, [&] { package_all(4); }), by_zip, "zip -r");
    line("package for one provider, cold",
         best_ms([&] { fs::remove_all(bench.cache / "sets"); }, [&] { package_all(1); }), by_zip, "zip -r");
    line("package for four providers, code changed", best_ms([] {}, [&] { package_all(4); }), by_zip,
         "zip -r");
    line("package for one provider, code changed", best_ms([] {}, [&] { package_all(1); }), by_zip, "zip -r");

    const auto handlers = [&] {
        bench.restart();
        Host host = bench.host();
        StageContext context{host, Deadline(), {}};
        std::size_t bytes = 0;
        std::vector<Task<void>> tasks;
        for (int function = 0; function < 10; ++function)
            for (int provider = 0; provider < 5; ++provider) {
                SourceTree code;
                code.add(
                    "app.py",
                    {fmt::format("# {} {}\nimport json\ndef handler(event, context):\n    return event\n",
                                 function, ++edits)});
                code.add("entry.py", {fmt::format("# provider {}\n", provider)});
                tasks.push_back(one_package({}, std::move(code), "", context, bytes));
            }
        bench.run(std::move(tasks));
    };
    // As many archives of as many files.
    fs::create_directories(folder / "small");
    write_file(folder / "small/app.py", "import json\ndef handler(event, context):\n    return event\n");
    write_file(folder / "small/entry.py", "# provider\n");
    const std::string small =
        fmt::format("cd '{}' && for i in $(seq 50); do zip -q ../small-$i.zip app.py entry.py; done",
                    (folder / "small").string());
    const double by_zips = best_ms(
        [&] {
            for (int i = 1; i <= 50; ++i)
                fs::remove(folder / fmt::format("small-{}.zip", i));
        },
        [&] {
            if (std::system(small.c_str()) != 0) throw Error(ErrorKind::not_found, "zip is missing");
        });
    line("zip of two files, 50 times", by_zips, 0, "");
    line("10 stdlib handlers for five providers (goal: 100 ms)", best_ms([] {}, handlers), by_zips,
         "50 x zip");
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
}

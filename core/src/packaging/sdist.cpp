// SPDX-License-Identifier: Apache-2.0
#include "packaging/sdist.hpp"

#include "base/file_lock.hpp"
#include "base/printable.hpp"
#include "packaging/python_tags.hpp"
#include "packaging/wheel.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/package.hpp"
#include "pyfops/sandbox.hpp"
#include "pyfops_packaging_files_embedded.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pyfops::packaging {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds build_time = std::chrono::minutes(5);

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const std::string_view line = text.substr(0, end); !line.empty() && line.front() != '#')
            lines.emplace_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string> strings(const json::value& source, std::string_view key) {
    std::vector<std::string> all;
    if (const json::value* list = pyfops::find(source, key); list && list->is_array())
        for (const json::value& one : list->as_array())
            if (one.is_string()) all.emplace_back(one.as_string());
    return all;
}

/// What a person can use of a failed build's output: the last line that says something.
std::string last_line(const std::string& output) {
    std::string last;
    for (const std::string& line : lines_of(output))
        if (line.find_first_not_of(' ') != std::string::npos) last = line;
    return printable(last);
}

/// The wheel that was built before; "" when there is none.
std::string kept_wheel(const fs::path& folder) {
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure))
        if (entry.path().extension() == ".whl") return entry.path().filename().string();
    return {};
}

Error not_pure(const LockedPackage& package, const std::string& why) {
    return Error(ErrorKind::invalid_input,
                 fmt::format("'{}' {} has no wheel, only the source distribution '{}', and {}", package.name,
                             package.version, package.sdist, why))
        .hint("require a version that has a wheel for the runtime, or put a wheel into a folder named with "
              "'--find-links'");
}

} // namespace

Task<LockedPackage> SdistBuilder::build(Pin pin, std::string file, std::string sha256, fs::path requirements,
                                        BuildEnvironment environment, StageContext& context) {
    LockedPackage package{pin.name, pin.version, "", file, sha256};
    if (!sha256.empty()) package.wheel = kept_wheel(cache_.built(sha256));
    if (!package.wheel.empty()) co_return package;

    Task<json::value> asking = tools_.ask({{"do", "sdist"},
                                           {"name", pin.name},
                                           {"version", pin.version},
                                           {"file", file},
                                           {"options", json::array()},
                                           {"requirements", requirements.string()},
                                           {"folder", cache_.downloads().string()}},
                                          requirements.parent_path(), context);
    const json::value source = co_await std::move(asking);
    if (const std::string why = string_or(source, "unreachable"); !why.empty())
        throw Error(
            ErrorKind::unavailable,
            fmt::format("the source of '{}' cannot be fetched: no package index answers ({})", pin.name, why))
            .hint("see whether the network and pip's index settings are right");
    if (pyfops::find(source, "missing"))
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("the source of '{}' {} is not offered by the package index", pin.name, pin.version));
    package.sdist = string_or(source, "file");
    package.sha256 = string_or(source, "sha256");
    if (const std::string why = string_or(source, "unusable"); !why.empty()) throw not_pure(package, why);
    if (!sha256.empty() && package.sha256 != sha256)
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("'{}' is not the file that pyfops.lock names: its hash differs", package.sdist))
            .hint("find out why it changed; 'pyfops package --update' accepts the new one");
    package.wheel = kept_wheel(cache_.built(package.sha256));
    if (!package.wheel.empty()) co_return package;

    Task<FileLock> waiting = FileLock::acquire(cache_.locks() / ("built-" + package.sha256), context);
    const FileLock lock = co_await std::move(waiting);
    context.progress(Stage::package, fmt::format("building {} {} in the sandbox", pin.name, pin.version));
    Task<void> running = run(package, source, std::move(environment), context);
    co_await std::move(running);
    co_return package;
}

Task<void> SdistBuilder::run(LockedPackage& package, const json::value& source, BuildEnvironment environment,
                             StageContext& context) {
    std::optional<PythonRuntime> runtime;
    Task<void> looking =
        context.host.workers.run([&] { runtime = choose_runtime(python_runtimes(cache_.root), ""); });
    co_await std::move(looking);
    if (!runtime) throw not_pure(package, "there is no Python interpreter here to build it");
    std::vector<std::string> requires_ = strings(source, "requires");
    const std::string backend = string_or(source, "backend");
    if (backend == "setuptools.build_meta:__legacy__") requires_ = lines_of(files::text("build.txt"));

#if defined(__aarch64__)
    const PythonPlatform here{runtime->version, "aarch64", runtime->glibc};
#else
    const PythonPlatform here{runtime->version, "x86_64", runtime->glibc};
#endif
    Task<std::vector<fs::path>> fetching = environment(requires_, here);
    const std::vector<fs::path> wheels = co_await std::move(fetching);

    const ScratchFolder work(cache_.scratch());
    const fs::path inside = work.path() / "build", out = work.path() / "out";
    const fs::path archive = cache_.download(package.sha256, package.sdist);
    Task<void> preparing = context.host.workers.run([&wheels, &inside, &out, &archive] {
        fs::create_directories(inside / "environment");
        fs::create_directories(out);
        fs::permissions(inside, fs::perms(0755));
        fs::permissions(inside / "environment", fs::perms(0755));
        fs::permissions(out, fs::perms(0777)); // the sandbox runs as another user; only it sees this folder
        for (const fs::path& wheel : wheels)
            write_tree(install_wheel(read_file(wheel), parse_wheel_name(wheel.filename().string()), false),
                       inside / "environment");
        fs::copy_file(archive, inside / archive.filename());
        fs::permissions(inside / archive.filename(), fs::perms(0644));
        write_file(inside / "build_wheel.py", files::text("build_wheel.py"), 0644);
    });
    co_await std::move(preparing);

    SandboxRequest request;
    request.command = {runtime->executable.string(), "-B",   "/build/build_wheel.py",
                       "/build/" + package.sdist,    "/out", backend,
                       "/build/environment"};
    for (const std::string& part : strings(source, "backend_path"))
        request.command.push_back(part);
    // Fixed times and seeds: the same source gives the same wheel.
    request.environment = {{"PATH", "/usr/bin:/bin"},
                           {"HOME", "/tmp"},
                           {"LC_ALL", "C.UTF-8"},
                           {"PYTHONHASHSEED", "0"},
                           {"PYTHONNOUSERSITE", "1"},
                           {"SOURCE_DATE_EPOCH", "315619200"},
                           {"PYTHONDONTWRITEBYTECODE", "1"},
                           {"TZ", "UTC"}};
    request.mounts = {{inside, "/build", false}, {out, "/out", true}};
    request.root = runtime->root;
    request.memory_bytes = std::size_t{1} << 30;
    request.network = false;
    Task<Sandbox::Result> building =
        context.host.sandbox.run(std::move(request), context.deadline.within(context.host.clock, build_time));
    const Sandbox::Result result = co_await std::move(building);
    if (result.exit.timed_out) throw not_pure(package, "building it took too long");
    if (result.exit.exit_code != 0) {
        const std::string why = last_line(result.error_output.empty() ? result.output : result.error_output);
        throw not_pure(package,
                       "it cannot be built here: " + (why.empty() ? std::string("the build failed") : why));
    }
    const std::size_t mark = result.output.rfind("pyfops-wheel:");
    std::string name = mark == std::string::npos ? "" : result.output.substr(mark + 13);
    name.resize(std::min(name.find('\n'), name.size()));
    const WheelName wheel = parse_wheel_name(name);
    if (wheel.distribution != package.name)
        throw not_pure(package, fmt::format("building it gives '{}'", printable(name)));
    if (!wheel.pure())
        throw not_pure(package,
                       fmt::format("it is not pure Python: building it gives '{}'", printable(name)));
    const fs::path made = out / name;
    if (!fs::is_regular_file(fs::symlink_status(made))) throw not_pure(package, "building it gives no file");
    const std::string bytes = read_file(made, std::size_t{1} << 30);
    install_wheel(bytes, wheel, true); // refuses what is not a wheel
    write_file(cache_.built(package.sha256) / name, bytes);
    package.wheel = name;
}

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.hpp"
#include "base/printable.hpp"
#include "process/runtime_root.hpp"
#include "process/suite_source.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/runtimes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <array>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

constexpr std::array<RuntimeSuite, 3> suites{{{"3.9", "bullseye"}, {"3.11", "bookworm"}, {"3.13", "trixie"}}};

/// Of one root; a slow mirror needs minutes.
constexpr Milliseconds longest{20 * 60'000};
constexpr Milliseconds longest_trial{60'000};

/// What a cloud's runtime has as well; says what it is.
constexpr const char* trial = "import ctypes, decimal, hashlib, json, platform, sqlite3, ssl, sys, zlib; "
                              "print(json.dumps([platform.python_version(), platform.libc_ver()[1]]))";

const RuntimeSuite& suite_of(const std::string& version) {
    for (const RuntimeSuite& one : suites)
        if (one.version == version) return one;
    std::vector<std::string_view> all;
    for (const RuntimeSuite& one : suites)
        all.push_back(one.version);
    throw Error(ErrorKind::not_found, fmt::format("no Debian suite brings Python {}", printable(version)))
        .hint(fmt::format("choose from {}", fmt::join(all, ", ")));
}

void remove_tree(const fs::path& tree) noexcept {
    std::error_code ignored;
    fs::remove_all(tree, ignored);
}

/// A folder of this attempt alone, so that what a killed one may still do does not meddle with it.
class WorkDirectory {
  public:
    explicit WorkDirectory(const fs::path& root)
        : path_(fmt::format("{}.{}.{}.part", root.string(), ::getpid(), hex(random_bytes(4)))) {
        // Under the root's lock: these are left from attempts that were killed.
        std::error_code failure;
        const std::string prefix = root.filename().string() + ".";
        for (const auto& entry : fs::directory_iterator(root.parent_path(), failure)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with(prefix) && name.ends_with(".part")) remove_tree(entry.path());
        }
        fs::create_directory(path_, failure);
        if (!failure) fs::permissions(path_, fs::perms::owner_all, failure);
        if (failure)
            throw Error(ErrorKind::storage,
                        fmt::format("cannot write '{}': {}", path_.string(), failure.message()))
                .hint("name a writable folder in PYFOPS_CACHE_DIR");
    }
    ~WorkDirectory() { remove_tree(path_); }
    WorkDirectory(const WorkDirectory&) = delete;
    WorkDirectory& operator=(const WorkDirectory&) = delete;
    const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

/// Bytes of the files; takes from them the right to run as their owner: nobody needs it here.
std::size_t tidy(const fs::path& root) {
    std::size_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        bytes += entry.file_size();
        constexpr auto special = fs::perms::set_uid | fs::perms::set_gid;
        if ((entry.status().permissions() & special) != fs::perms::none)
            fs::permissions(entry.path(), special, fs::perm_options::remove);
    }
    return bytes;
}

Task<ProcessResult> run_tool(std::vector<std::string> command, std::map<std::string, std::string> environment,
                             StageContext& context) {
    ProcessRequest request;
    request.command = std::move(command);
    request.environment = std::move(environment);
    auto running = context.host.processes.run(std::move(request), context.deadline);
    co_return co_await std::move(running);
}

/// Runs the new interpreter as functions will be run.
Task<void> try_out(PythonRuntime* runtime, StageContext& context) {
    SandboxRequest request;
    request.command = {runtime->executable.string(), "-I", "-c", trial};
    request.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}};
    request.root = runtime->root;
    request.network = false;
    auto running = context.host.sandbox.run(std::move(request),
                                            context.deadline.within(context.host.clock, longest_trial));
    const Sandbox::Result result = co_await std::move(running);
    if (result.exit.exit_code != 0)
        throw Error(ErrorKind::internal, fmt::format("the new Python {} does not run in the sandbox: {}",
                                                     runtime->version, printable(result.error_output)));
    const json::value said = parse_json(result.output, "what the new Python says");
    const json::array* words = said.if_array();
    if (!words || words->size() != 2 || !words->at(0).is_string() || !words->at(1).is_string() ||
        !words->at(0).as_string().starts_with(runtime->version + "."))
        throw Error(ErrorKind::internal, fmt::format("the new Python {} says that it is {}", runtime->version,
                                                     printable(result.output)));
    runtime->full_version = words->at(0).as_string();
    runtime->glibc = words->at(1).as_string();
}

/// Under the root's lock.
Task<PythonRuntime> make_root(RuntimeSuite suite, fs::path root, StageContext& context) {
    const WorkDirectory work(root);
    process::SuiteSource source(context.host.system, work.path());

    auto asking = source.ask_apt(context);
    co_await std::move(asking);
    const fs::path archive = work.path() / "root.tar";
    auto making = run_tool(source.make_command(suite.suite, archive), source.environment(), context);
    const ProcessResult made = co_await std::move(making);
    if (!made.ok()) throw process::why_not_made(suite, made);

    const fs::path tree = work.path() / "root";
    fs::create_directory(tree);
    auto unpacking = run_tool(source.unpack_command(archive, tree), source.environment(), context);
    const ProcessResult unpacked = co_await std::move(unpacking);
    if (!unpacked.ok()) throw process::why_not_made(suite, unpacked);

    std::size_t bytes = 0;
    auto tidying = context.host.workers.run([&bytes, &tree] {
        fs::permissions(tree, fs::perms(0755));
        bytes = tidy(tree);
    });
    co_await std::move(tidying);
    auto runtime = process::look_at_root(tree);
    if (!runtime || runtime->version != suite.version)
        throw Error(ErrorKind::internal,
                    fmt::format("Debian {} brought no Python {}", suite.suite, suite.version));
    auto trying = try_out(&*runtime, context);
    co_await std::move(trying);

    runtime->root = root;
    runtime->suite = suite.suite;
    runtime->bytes = bytes;
    // The record first: a root with its name is complete.
    process::write_record(*runtime);
    std::error_code failure;
    if (fs::exists(root)) fs::rename(root, work.path() / "damaged", failure);
    if (!failure) fs::rename(tree, root, failure);
    if (failure)
        throw Error(ErrorKind::storage,
                    fmt::format("cannot place '{}': {}", root.string(), failure.message()));
    co_return std::move(*runtime);
}

Task<PythonRuntime> make_one(RuntimeSuite suite, fs::path directory, StageContext& context) {
    const fs::path root = directory / suite.suite;
    const auto there = [&]() -> std::optional<PythonRuntime> {
        auto known = process::known_root(root);
        if (known && known->version == suite.version) return known;
        return std::nullopt;
    };
    if (auto known = there()) co_return std::move(*known);
    if (!context.host.sandbox.abilities().private_files)
        throw Error(ErrorKind::invalid_input, "this machine lets no process change into a runtime root")
            .hint("run as root, or allow user namespaces");
    StageContext limited{context.host, context.deadline.within(context.host.clock, longest), context.subject};
    auto locking = FileLock::acquire(root.string() + ".lock", limited);
    const FileLock lock = co_await std::move(locking);
    if (auto known = there()) co_return std::move(*known);
    auto making = make_root(suite, root, limited);
    co_return co_await std::move(making);
}

} // namespace

std::span<const RuntimeSuite> runtime_suites() noexcept {
    return suites;
}

Task<std::vector<PythonRuntime>> make_runtimes(std::vector<std::string> versions, fs::path cache,
                                               StageContext& context) {
    std::vector<RuntimeSuite> wanted;
    for (const std::string& version : versions)
        wanted.push_back(suite_of(version));
    std::vector<PythonRuntime> made;
    for (const RuntimeSuite& suite : wanted) {
        auto making = make_one(suite, fs::absolute(cache) / "runtimes", context);
        made.push_back(co_await std::move(making));
    }
    co_return made;
}

} // namespace pyfops

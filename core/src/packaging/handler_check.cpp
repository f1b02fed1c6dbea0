// SPDX-License-Identifier: Apache-2.0
#include "pyfops/handler_check.hpp"

#include "base/printable.hpp"
#include "packaging/python_tags.hpp"
#include "packaging/unpacked.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/sandbox.hpp"
#include "pyfops_packaging_files_embedded.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds import_time = std::chrono::seconds(30);
constexpr std::size_t import_memory = std::size_t{2} << 30;

/// "a.b" is a/b.py or a/b/__init__.py; "" when the code has neither.
std::string module_file(const SourceTree& code, const std::string& module) {
    std::string path = module;
    std::ranges::replace(path, '.', '/');
    for (const char* ending : {".py", "/__init__.py"})
        if (code.find(path + ending)) return path + ending;
    return {};
}

HandlerProblem module_missing(const SourceTree& code, const FunctionSpec& function) {
    std::vector<std::string> modules;
    for (const auto& [path, file] : code.files()) {
        if (!path.ends_with(".py")) continue;
        std::string module = path.substr(0, path.size() - 3);
        if (module.ends_with("/__init__")) module.resize(module.size() - 9);
        std::ranges::replace(module, '/', '.');
        modules.push_back(std::move(module));
    }
    HandlerProblem problem{
        "handler-module-missing",
        fmt::format("the code base '{}' has no module '{}'", function.source_name, function.module),
        "name the module without '.py', with dots between folders"};
    if (const std::string near = nearest(function.module, modules); !near.empty())
        problem.hint = fmt::format("did you mean '{}'?", near);
    return problem;
}

/// The distribution that the interpreter cannot load, with the reason; "" when it can load all.
std::string not_loadable(const DependencySet& set, const PythonRuntime& runtime) {
#if defined(__aarch64__)
    const PythonPlatform here{runtime.version, "aarch64", runtime.glibc};
#else
    const PythonPlatform here{runtime.version, "x86_64", runtime.glibc};
#endif
    for (const Distribution& one : set.distributions)
        if (const std::string why = packaging::why_incompatible(packaging::parse_wheel_name(one.wheel), here);
            !why.empty())
            return fmt::format("'{}': {}", one.wheel, why);
    return {};
}

std::map<std::string, std::string> environment_of(const FunctionSpec& function) {
    std::map<std::string, std::string> environment;
    // Modules read their settings at import; a secret has some value there, never the real one.
    for (const auto& [name, value] : function.environment) {
        const auto* plain = std::get_if<std::string>(&value);
        environment[name] = plain ? *plain : "secret";
    }
    environment["PATH"] = "/usr/bin:/bin";
    environment["HOME"] = "/tmp";
    environment["LC_ALL"] = "C.UTF-8";
    environment["PYTHONDONTWRITEBYTECODE"] = "1";
    environment["PYTHONNOUSERSITE"] = "1";
    return environment;
}

HandlerProblem to_problem(const json::value& report, const FunctionSpec& function,
                          const PythonRuntime& runtime, const HandlerCheckOptions& options) {
    // The words are those of untrusted code.
    const auto text = [&report](std::string_view key) { return printable(string_or(report, key)); };
    HandlerProblem problem{text("code"), text("summary"), text("hint"), text("file"),
                           static_cast<int>(integer_or(report, "line"))};
    const json::value* warning = find(report, "warning");
    problem.warning = warning && warning->is_bool() && warning->as_bool();
    if (const json::value* candidates = find(report, "candidates"); candidates && candidates->is_array()) {
        std::vector<std::string> names;
        for (const json::value& one : candidates->as_array())
            if (one.is_string()) names.push_back(printable(std::string(one.as_string())));
        if (const std::string near = nearest(function.callable, names); !near.empty())
            problem.hint = fmt::format("did you mean '{}'?", near);
    }
    if (problem.code == "handler-syntax-error" && runtime.version != function.python) {
        problem.warning = true;
        problem.hint =
            fmt::format("checked with Python {}; the function asks for {}", runtime.version, function.python);
    }
    const std::string missing = string_or(report, "missing");
    const std::string top = missing.substr(0, missing.find('.'));
    if (!top.empty() && std::ranges::find(options.provided_modules, top) != options.provided_modules.end()) {
        problem.warning = true;
        problem.hint = fmt::format("the runtime brings '{}' along; what is behind it was not checked", top);
    }
    return problem;
}

HandlerProblem crashed(const FunctionSpec& function, const std::string& file, const SandboxExit& exit) {
    HandlerProblem problem{"handler-import-crash", "", "", file};
    if (exit.timed_out)
        problem.summary = fmt::format("importing '{}' does not end within {} s", function.module,
                                      import_time / std::chrono::seconds(1));
    else if (exit.out_of_memory)
        problem.summary =
            fmt::format("importing '{}' needs more than {} MB", function.module, import_memory >> 20);
    else if (exit.signal != 0)
        problem.summary =
            fmt::format("importing '{}' kills Python with signal {}", function.module, exit.signal);
    else
        problem.summary =
            fmt::format("importing '{}' ends Python with exit code {}", function.module, exit.exit_code);
    problem.hint = "put what must not run at import into the handler";
    return problem;
}

} // namespace

Task<std::vector<HandlerProblem>> check_handler(const SourceTree& code,
                                                std::shared_ptr<const DependencySet> dependencies,
                                                const FunctionSpec& function, StageContext& context,
                                                HandlerCheckOptions options) {
    std::vector<HandlerProblem> problems;
    const std::string file = module_file(code, function.module);
    if (file.empty()) {
        problems.push_back(module_missing(code, function));
        co_return problems;
    }
    const packaging::CachePaths cache{context.host.system.cache_directory()};
    std::optional<PythonRuntime> runtime;
    Task<void> looking = context.host.workers.run(
        [&] { runtime = choose_runtime(python_runtimes(cache.root), function.python); }); // reads libraries
    co_await std::move(looking);
    if (!runtime)
        throw Error(ErrorKind::internal, "there is no Python interpreter to check handlers with")
            .hint("install python3 (apt-get install python3)");
    const std::string obstacle = dependencies ? not_loadable(*dependencies, *runtime) : "";
    if (!obstacle.empty())
        context.host.observer.on(
            Notice{context.subject,
                   fmt::format("'{}' was parsed but not imported: Python {} of this machine cannot load {}",
                               function.module, runtime->version, obstacle)});

    const packaging::ScratchFolder scratch(cache.scratch());
    const fs::path folder = scratch.path() / "code";
    fs::path installed;
    Task<void> writing = context.host.workers.run([&] {
        fs::create_directory(folder);
        fs::permissions(folder, fs::perms(0755));
        write_tree(code, folder);
        if (dependencies && obstacle.empty()) installed = packaging::unpack_set(cache, *dependencies);
    });
    co_await std::move(writing);

    const json::object question = {{"module", function.module},
                                   {"callable", function.callable},
                                   {"file", file},
                                   {"import", obstacle.empty()}};
    SandboxRequest request;
    request.command = {runtime->executable.string(), "-B", "-c",
                       std::string(packaging::files::text("checker.py")), json::serialize(question)};
    request.environment = environment_of(function);
    request.mounts = {{folder, "/code", false}};
    if (!installed.empty()) request.mounts.push_back({installed, "/dependencies", false});
    request.root = runtime->root;
    request.memory_bytes = import_memory;
    request.network = false;
    Task<Sandbox::Result> running = context.host.sandbox.run(
        std::move(request), context.deadline.within(context.host.clock, import_time));
    const Sandbox::Result result = co_await std::move(running);
    if (context.deadline.passed(context.host.clock))
        throw Error(ErrorKind::timeout, "the handler check took too long");
    if (result.exit.timed_out || result.exit.exit_code != 0 || result.output.empty()) {
        problems.push_back(crashed(function, file, result.exit));
        co_return problems;
    }
    const json::value answer = parse_json(result.output, "the handler check's answer");
    if (const json::value* report = find(answer, "problem"); report && report->is_object())
        problems.push_back(to_problem(*report, function, *runtime, options));
    co_return problems;
}

} // namespace pyfops

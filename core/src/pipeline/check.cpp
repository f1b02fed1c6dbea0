// SPDX-License-Identifier: Apache-2.0
// The handler check as the pipeline uses it: before a deployment, and for `validate`.
#include "pipeline/check.hpp"

#include "pipeline/run.hpp"
#include "pipeline/stage_call.hpp"

#include <set>
#include <utility>

namespace pyfops {

std::string describe(const HandlerProblem& problem) {
    std::string text;
    if (!problem.file.empty()) text += problem.file + ":";
    if (problem.line > 0) text += std::to_string(problem.line) + ":";
    if (!text.empty()) text += " ";
    return text + problem.summary;
}

Task<std::vector<HandlerProblem>> Run::check(const Unit& unit, const FunctionSpec& function) {
    StageContext stage = context(unit);
    auto reading = source(function);
    const SourceTree tree = co_await std::move(reading);
    std::shared_ptr<const DependencySet> set;
    if (!function.requirements.empty()) {
        auto resolving = host_.packages.dependencies(dependencies(unit), stage);
        set = co_await std::move(resolving);
    }
    auto checking = check_handler(tree, set, function, stage, {unit.offer().provided_modules});
    co_return co_await std::move(checking);
}

Task<void> Pipeline::check(RunRequest request, Diagnostics& diagnostics) {
    Recorder recorder(host_, nullptr, nullptr);
    Run run(host_, plugins_, recorder, request);
    run.expand_units();
    // A function is checked once, with the dependencies that its first provider gets.
    std::set<std::string> seen;
    for (const Unit& unit : run.units()) {
        if (!seen.insert(unit.function->name).second) continue;
        auto checking = run.check(unit, *unit.function);
        for (const HandlerProblem& problem : co_await std::move(checking)) {
            const std::string path = unit.function->path + "/handler";
            diagnostics.add({problem.warning ? Severity::warning : Severity::error, problem.code,
                             describe(problem), problem.hint, path,
                             request.project.locate ? request.project.locate(path) : SourcePosition{}});
        }
    }
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/system.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

int print_schema(Console& console) {
    PluginRegistry registry(plugin_search_path(real_system()));
    console.result(project_schema(&registry));
    return all_well;
}

struct Validation {
    Project project;
    Diagnostics diagnostics;
    std::vector<Target> targets;
};

/// Errors of the machine, not of the project, are thrown on; the rest are findings.
void import_handlers(Engine& engine, Validation& validation) {
    Pipeline pipeline(engine.host(), engine.plugins(), nullptr, nullptr);
    RunRequest request{validation.project};
    request.command = "validate";
    try {
        engine.run(pipeline.check(request, validation.diagnostics));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid_input && error.kind() != ErrorKind::unavailable) throw;
        // No index reachable today says nothing about the project.
        const bool wrong = error.kind() == ErrorKind::invalid_input;
        validation.diagnostics.add({wrong ? Severity::error : Severity::warning,
                                    wrong ? "dependencies" : "dependencies-unavailable",
                                    Error(error).hint("").what(),
                                    error.hint(),
                                    {},
                                    {}});
    }
}

Validation validate(Session& session) {
    Validation result;
    result.project = load_project(session.project_file(), result.diagnostics);
    if (result.project.functions.empty()) return result; // nothing could be read
    // What providers know is said in the same round as what the file's form has wrong.
    Engine& engine = session.engine(Stage::plan, false);
    const std::string date = today(engine.host().clock);
    validate_providers(result.project, engine.plugins(), date, result.diagnostics);
    if (result.diagnostics.has_errors()) return result;
    Diagnostics repeated; // validate_providers has told all of it
    result.targets =
        Pipeline::targets(result.project, Selection(), Realm::real, engine.plugins(), date, repeated);
    if (!session.arguments().has("no-import")) import_handlers(engine, result);
    return result;
}

json::object validation_json(const Validation& validation) {
    json::object result = document("validate");
    result["valid"] = !validation.diagnostics.has_errors();
    result["file"] = validation.project.file.string();
    result["project"] = validation.project.name;
    json::array functions;
    for (const FunctionSpec& function : validation.project.functions)
        functions.emplace_back(function.name);
    result["functions"] = std::move(functions);
    result["deployments"] = validation.targets.size();
    result["findings"] = to_json(validation.diagnostics.findings());
    return result;
}

} // namespace

int run_validate(const Arguments& arguments, Console& console) {
    if (arguments.has("print-schema")) return print_schema(console);
    Session session(arguments, console);
    const Validation validation = validate(session);
    session.finish_progress();
    if (console.json()) console.result(validation_json(validation));
    console.error(render(validation.diagnostics.findings(), console.err().colour));
    if (validation.diagnostics.has_errors()) return wrong_usage;
    if (!console.json())
        console.result(fmt::format("{}: project '{}' is valid: {}, {}\n", validation.project.file.string(),
                                   validation.project.name,
                                   counted(validation.project.functions.size(), "function"),
                                   counted(validation.targets.size(), "deployment")));
    return all_well;
}

} // namespace pyfops::cli

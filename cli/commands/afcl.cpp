// SPDX-License-Identifier: Apache-2.0
#include "pyfops/afcl.hpp"
#include "commands/all.hpp"
#include "commands/recorded.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "views/afcl_view.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>

namespace pyfops::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 16u << 20;

BindingChoice choice_of(const Arguments& arguments) {
    BindingChoice choice;
    if (arguments.has("cheapest") && arguments.has("fastest"))
        throw Error(ErrorKind::invalid_input, "--cheapest and --fastest exclude each other")
            .hint("keep one of them");
    if (arguments.has("cheapest")) choice.by = BindingChoice::By::cheapest;
    if (arguments.has("fastest")) choice.by = BindingChoice::By::fastest;
    if (arguments.has("provider")) choice.provider = arguments.value("provider");
    if (arguments.has("region")) choice.region = arguments.value("region");
    if (arguments.has("memory"))
        choice.memory_mb = static_cast<int>(arguments.number("memory", 1, 1'000'000, 0));
    choice.partial = arguments.has("partial");
    return choice;
}

/// Over the workflow itself unless --output names another place.
std::string output_of(const Arguments& arguments, Console& console) {
    const std::string output = arguments.value("output", arguments.operand(1));
    if (output == "-" && console.json())
        throw Error(ErrorKind::invalid_input, "standard output cannot take the workflow and JSON")
            .hint("leave out --json, or write the workflow into a file");
    return output;
}

/// Replaces the file behind a link, and keeps its mode; a file that nobody may write stays as it is.
void write_workflow(const std::string& output, const std::string& text) {
    std::error_code failure;
    const fs::path target = fs::weakly_canonical(output, failure);
    const fs::path path = failure ? fs::path(output) : target;
    unsigned mode = 0644;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        if (!S_ISREG(status.st_mode))
            throw Error(ErrorKind::invalid_input, fmt::format("{} is no file", path.string()))
                .hint("name a file with --output, or '-' for standard output");
        mode = status.st_mode & 07777;
        if ((mode & 0222) == 0)
            throw Error(ErrorKind::invalid_input, fmt::format("{} is read-only", path.string()))
                .hint("write elsewhere with --output, or make it writable");
    }
    write_file(path, text, mode);
}

} // namespace

int run_afcl(const Arguments& arguments, Console& console) {
    if (arguments.operand(0) != "bind")
        throw Error(ErrorKind::invalid_input,
                    arguments.operands().empty()
                        ? std::string("'pyfops afcl' needs to know what to do")
                        : fmt::format("'pyfops afcl' has no '{}'", escape_control(arguments.operand(0))))
            .hint("'pyfops afcl bind WORKFLOW' writes resource links into a workflow");
    const std::string workflow = arguments.operand(1);
    if (workflow.empty())
        throw Error(ErrorKind::invalid_input, "'pyfops afcl bind' needs the file of a workflow")
            .hint("run 'pyfops afcl bind workflow.yaml'");
    const BindingChoice choice = choice_of(arguments);
    const std::string output = output_of(arguments, console);
    const std::string text = read_file(workflow, most_bytes);

    Session session(arguments, console);
    if (!has_record(session)) {
        const std::string elsewhere = of_the_other_realm(session, "deployment", count_deployments);
        throw Error(ErrorKind::storage,
                    fmt::format("nothing is recorded in {}", session.database_url().str()))
            .hint(elsewhere.empty() ? "run 'pyfops run' first, or name another database with --database"
                                    : "there is " + elsewhere);
    }
    const AfclTables tables = read_afcl_tables(session.database_url(), session.realm());
    Diagnostics diagnostics;
    const BoundWorkflow bound = bind_workflow(text, workflow, tables, choice, diagnostics);
    console.error(render(diagnostics.findings(), console.err().colour));
    const bool good = !diagnostics.has_errors();
    const bool changed = bound.text != text;
    const bool check = arguments.has("check");
    const bool elsewhere = arguments.has("output");
    BindView view{workflow, output, false, bound.bindings, diagnostics.findings()};
    if (good && !check && output != "-" && (changed || elsewhere)) {
        write_workflow(output, bound.text);
        view.written = true;
    }
    if (console.json()) {
        console.result(bind_json(view));
    } else if (good && !check && output == "-") {
        console.result(bound.text);
    } else if (good) {
        console.result(bind_text(view));
        const auto count = std::count_if(bound.bindings.begin(), bound.bindings.end(),
                                         [](const Binding& binding) { return binding.changed(); });
        console.note(fmt::format("{}: {}{}", output, counted(static_cast<std::size_t>(count), "function"),
                                 check ? " would change" : " changed"));
    }
    if (!good) return wrong_usage;
    return check && changed ? something_failed : all_well;
}

} // namespace pyfops::cli

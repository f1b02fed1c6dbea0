// SPDX-License-Identifier: Apache-2.0
#include "frame/completion.hpp"

#include "commands/all.hpp"
#include "commands/names.hpp"
#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"
#include "frame/text.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/system.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

/// For the scripts: names from the project here, one a line, and nothing at all when there is none.
std::string function_lines() {
    std::string text;
    try {
        Diagnostics diagnostics;
        const Project project = load_project(find_project_file(std::filesystem::current_path()), diagnostics);
        for (const FunctionSpec& function : project.functions)
            text += function.name + "\n";
    } catch (const Error&) {
        return {};
    }
    return escape_control(text, true);
}

/// Found, not loaded: it has to be quick.
std::string provider_lines() {
    std::string text;
    for (const std::string& id : PluginRegistry(plugin_search_path(real_system())).ids())
        text += id + "\n";
    return escape_control(text, true);
}

std::string template_lines() {
    std::string text;
    for (const std::string& name : template_names())
        text += name + "\n";
    return text;
}

} // namespace

int run_completion(const Arguments& arguments, Console& console) {
    const std::string shell = arguments.operand(0);
    std::string script;
    if (shell == "bash") {
        script = bash_completion();
    } else if (shell == "zsh") {
        script = zsh_completion();
    } else if (shell == "fish") {
        script = fish_completion();
    } else if (shell == "functions") {
        script = function_lines();
    } else if (shell == "templates") {
        script = template_lines();
    } else if (shell == "providers") {
        script = provider_lines();
    } else {
        throw Error(ErrorKind::invalid_input,
                    shell.empty() ? std::string("for which shell?")
                                  : fmt::format("there is no completion for '{}'", escape_control(shell)))
            .hint("name bash, zsh or fish");
    }
    if (console.json()) {
        json::object result = document("completion");
        result["shell"] = shell;
        result["script"] = script;
        console.result(result);
    } else {
        console.result(script);
    }
    return all_well;
}

} // namespace pyfops::cli

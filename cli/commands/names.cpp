// SPDX-License-Identifier: Apache-2.0
#include "commands/names.hpp"

#include "frame/text.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"
#include "pyfops_templates_embedded.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace pyfops::cli {

namespace {

/// The functions that --only leaves, in the project's order.
std::vector<std::string> selected_functions(Session& session) {
    PluginRegistry plugins(plugin_search_path(real_system()));
    Diagnostics diagnostics;
    std::vector<std::string> names;
    for (const Target& target : Pipeline::targets(session.project(), session.selection(), session.realm(),
                                                  plugins, today(real_clock()), diagnostics))
        if (std::ranges::find(names, target.identity.function) == names.end())
            names.push_back(target.identity.function);
    return names;
}

} // namespace

std::string chosen_function(Session& session, const std::string& operand) {
    std::vector<std::string> names;
    for (const FunctionSpec& function : session.project().functions)
        names.push_back(function.name);
    if (operand.empty()) {
        if (names.size() == 1) return names.front();
        if (!session.selection().everything()) {
            // None left, or a project that the providers refuse: the call tells that better.
            const std::vector<std::string> left = selected_functions(session);
            if (left.size() == 1) return left.front();
            if (left.size() > 1) names = left;
        }
        throw Error(ErrorKind::invalid_input, "which function?")
            .hint(fmt::format("name one of {}", fmt::join(names, ", ")));
    }
    if (std::find(names.begin(), names.end(), operand) != names.end()) return operand;
    const std::string near = nearest(operand, names);
    throw Error(ErrorKind::not_found,
                fmt::format("the project has no function '{}'", escape_control(operand)))
        .hint(near.empty() ? fmt::format("it has {}", fmt::join(names, ", "))
                           : fmt::format("did you mean '{}'?", near));
}

Selection narrowed(const Arguments& arguments, const std::string& function) {
    // Names hold no glob characters: the project file does not allow them.
    Selection selection;
    const std::vector<std::string> only = arguments.values("only");
    if (only.empty()) selection.add("function=" + function);
    for (const std::string& expression : only)
        selection.add(expression + ",function=" + function);
    return selection;
}

std::vector<std::string> template_names() {
    // "project/starter/pyfops.yaml": the second part.
    std::set<std::string> names;
    for (const std::string_view path : templates::paths())
        if (const auto parts = split(path, '/'); parts.size() > 2) names.emplace(parts[1]);
    return {names.begin(), names.end()};
}

} // namespace pyfops::cli

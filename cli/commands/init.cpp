// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/names.hpp"
#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"
#include "frame/text.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "pyfops_templates_embedded.hpp"
#include "views/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

namespace pyfops::cli {

namespace {

int list_templates(Console& console) {
    const std::vector<std::string> names = template_names();
    if (console.json()) {
        json::object result = document("init");
        result["templates"] = strings(names);
        console.result(result);
    } else {
        console.result(fmt::format("{}\n", fmt::join(names, "\n")));
    }
    return all_well;
}

void check_name(const std::string& name) {
    const std::vector<std::string> names = template_names();
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    const std::string near = nearest(name, names);
    throw Error(ErrorKind::invalid_input, fmt::format("there is no template '{}'", escape_control(name)))
        .hint(near.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                           : fmt::format("did you mean '{}'?", near));
}

/// A project id made from the folder's name: lower case, [a-z0-9-], a letter first, at most 40 characters.
std::string project_id(const std::filesystem::path& directory) {
    std::string id;
    for (const char c :
         std::filesystem::absolute(directory / ".").lexically_normal().parent_path().filename().string()) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool letter = lower >= 'a' && lower <= 'z';
        const bool digit = lower >= '0' && lower <= '9';
        if (letter || (digit && !id.empty())) {
            id += lower;
        } else if (!id.empty() && id.back() != '-') {
            id += '-';
        }
        if (id.size() == 40) break;
    }
    while (!id.empty() && id.back() == '-')
        id.pop_back();
    return id.empty() ? "my-project" : id;
}

std::string filled(std::string_view content, const std::string& project) {
    constexpr std::string_view placeholder = "{{project}}";
    std::string result;
    for (auto at = content.find(placeholder); at != std::string_view::npos; at = content.find(placeholder)) {
        result.append(content.substr(0, at)).append(project);
        content.remove_prefix(at + placeholder.size());
    }
    return result.append(content);
}

/// What `cd` takes: a leading '-' would be an option of it.
std::string directory_word(const std::string& directory) {
    return shell_word(escape_control(directory.starts_with('-') ? "./" + directory : directory));
}

} // namespace

int run_init(const Arguments& arguments, Console& console) {
    if (arguments.has("list")) return list_templates(console);
    const std::string name = arguments.value("template", "starter");
    check_name(name);
    const std::string given = arguments.operand(0);
    const std::filesystem::path directory = given.empty() ? "." : given;

    const std::string project = project_id(directory);
    const std::string prefix = "project/" + name + "/";
    std::vector<std::pair<std::filesystem::path, std::string>> files;
    std::vector<std::string> taken;
    for (const std::string_view path : templates::paths()) {
        if (!path.starts_with(prefix)) continue;
        const std::string relative(path.substr(prefix.size()));
        std::error_code failure;
        if (std::filesystem::symlink_status(directory / relative, failure).type() !=
            std::filesystem::file_type::not_found)
            taken.push_back(relative);
        files.emplace_back(relative, filled(templates::text(path), project));
    }
    // All or nothing: half a template over half a project helps nobody.
    if (!taken.empty())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} {} already in '{}'", fmt::join(taken, ", "),
                                taken.size() == 1 ? "is" : "are", directory.string()))
            .hint("choose another folder, or move the old files away");
    std::vector<std::string> created;
    for (const auto& [relative, content] : files) {
        write_file(directory / relative, content);
        created.push_back(relative.string());
    }

    if (console.json()) {
        json::object result = document("init");
        result["template"] = name;
        result["project"] = project;
        result["directory"] = std::filesystem::absolute(directory).lexically_normal().string();
        result["files"] = strings(created);
        console.result(result);
        return all_well;
    }
    console.result(fmt::format("made the project '{}' from the template '{}': {}\n", project, name,
                               counted(created.size(), "file")));
    const std::string change = given.empty() ? "" : fmt::format("  cd {}\n", directory_word(given));
    console.note(fmt::format("next:\n{}  pyfops validate         # is everything in order?\n"
                             "  pyfops run --local      # package, deploy and test on the local cloud\n",
                             change));
    return all_well;
}

} // namespace pyfops::cli

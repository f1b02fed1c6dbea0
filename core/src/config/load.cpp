// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"
#include "config/yaml.hpp"
#include "pyfops/error.hpp"
#include "pyfops/project.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace fs = std::filesystem;

namespace pyfops {
namespace config {

const std::vector<std::string> project_keys{"project",   "python",      "database",
                                            "functions", "deployments", "providers"};

namespace {

/// As a person in the current folder would name it.
std::string label_of(const fs::path& file) {
    std::error_code failure;
    const fs::path relative = fs::proximate(file, failure);
    if (failure || relative.empty() || *relative.begin() == "..") return file.string();
    return relative.string();
}

void read_database(const Cursor& cursor, Context& context, Project& project) {
    const auto written = cursor.words();
    if (!written) return;
    project.database = *written;
    const std::size_t colon = written->find("://");
    const std::string scheme = written->substr(0, written->find(':'));
    if (colon != std::string::npos && scheme != "sqlite" && scheme != "mariadb" && scheme != "mysql") {
        cursor.error(
            "bad-database", "there is no database of the kind " + in_quotes(scheme),
            did_you_mean(scheme, {"sqlite", "mariadb", "mysql"},
                         "write sqlite:PATH, mariadb://USER@HOST/NAME or the path of a properties file"));
        return;
    }
    if (colon == std::string::npos) return;
    const std::string_view rest = std::string_view(*written).substr(colon + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const std::size_t at = authority.rfind('@');
    const std::string_view user = authority.substr(0, at == std::string_view::npos ? 0 : at);
    const std::size_t split = user.find(':');
    if (split == std::string_view::npos || split + 1 == user.size()) return;
    context.database_password = user.substr(split + 1);
    cursor.warning("password-in-url", "the database password stands in the project file",
                   "set PYFOPS_DB_PASSWORD instead");
}

void read_functions(const Cursor& cursor, Context& context, Project& project) {
    if (!cursor.is_list()) return;
    if (cursor.items().empty()) cursor.error("bad-value", "the list of functions is empty", "add one");
    std::set<std::string> names;
    for (const Cursor& item : cursor.items()) {
        FunctionSpec function = read_function(item, context);
        if (!function.name.empty() && !names.insert(function.name).second)
            item.member("name")->error("duplicate-function",
                                       "two functions are called " + in_quotes(function.name), "rename one");
        project.functions.push_back(std::move(function));
    }
}

void read_providers(const Cursor& cursor, Project& project) {
    if (cursor.value().is_null() || !cursor.is_mapping()) return;
    for (const auto& entry : cursor.value().as_object()) {
        const Cursor member = *cursor.member(entry.key());
        json::object& settings = project.providers[std::string(entry.key())];
        if (member.value().is_null() || !member.is_mapping()) continue;
        settings = member.value().as_object();
        if (const auto python = member.member("python")) read_python(*python);
    }
}

/// Functions that nothing deploys are most likely forgotten.
void find_unused(const Cursor& functions, const Project& project) {
    if (project.deployments.empty()) return;
    for (std::size_t i = 0; i < project.functions.size(); ++i) {
        const std::string& name = project.functions[i].name;
        const bool used =
            name.empty() || std::any_of(project.deployments.begin(), project.deployments.end(),
                                        [&](const DeploymentEntry& entry) {
                                            return entry.functions.empty() ||
                                                   std::find(entry.functions.begin(), entry.functions.end(),
                                                             name) != entry.functions.end();
                                        });
        if (!used)
            functions.items()[i].member("name")->warning(
                "unused-function", "no deployment takes the function " + in_quotes(name),
                "name it under 'functions' of a deployment");
    }
}

void read_project(const Cursor& root, Context& context, Project& project) {
    if (!root.is_mapping()) return;
    // "x-..." is room for anchors and notes.
    std::vector<std::string> allowed = project_keys;
    for (const auto& entry : root.value().as_object())
        if (entry.key().starts_with("x-")) allowed.emplace_back(entry.key());
    root.only(allowed);
    if (const auto name = root.required("project", "name the project: project: gate-change"))
        if (const auto text = name->text(); text && check_name(*name, *text)) project.name = *text;
    if (const auto python = root.member("python")) context.python = read_python(*python);
    if (const auto database = root.member("database")) read_database(*database, context, project);
    const auto functions = root.required("functions", "list what is to be deployed");
    if (functions) read_functions(*functions, context, project);
    if (const auto deployments = root.member("deployments")) {
        project.deployments = read_deployments(*deployments, project.functions);
        if (functions) find_unused(*functions, project);
    } else {
        root.warning("no-deployments", "nothing will be deployed: there is no 'deployments'",
                     "add deployments: [{provider: aws, regions: [eu-central-1]}]");
    }
    if (const auto providers = root.member("providers")) read_providers(*providers, project);
}

} // namespace
} // namespace config

const json::object& Project::settings(const std::string& provider) const {
    static const json::object none;
    const auto found = providers.find(provider);
    return found == providers.end() ? none : found->second;
}

fs::path find_project_file(const fs::path& start) {
    std::error_code ignored;
    const fs::path absolute = fs::absolute(start, ignored).lexically_normal();
    if (fs::is_regular_file(absolute, ignored)) return absolute;
    for (fs::path folder = absolute;; folder = folder.parent_path()) {
        for (const char* name : {"pyfops.yaml", "pyfops.yml", "pyfops.json"})
            if (fs::is_regular_file(folder / name, ignored)) return folder / name;
        if (folder == folder.parent_path()) break;
    }
    throw Error(ErrorKind::not_found, fmt::format("no pyfops.yaml in {} or above it", start.string()))
        .hint("run 'pyfops init' to make a project, or name the file with -f");
}

Project load_project(const fs::path& file, Diagnostics& diagnostics) {
    Project project;
    std::error_code ignored;
    project.file = fs::absolute(file, ignored).lexically_normal();
    project.directory = project.file.parent_path();
    project.locate = project.locate_key = [](const std::string&) { return SourcePosition{}; };
    const std::string label = config::label_of(project.file);
    if (!fs::is_regular_file(project.file, ignored)) {
        diagnostics.error("cannot-read", "there is no such file", "run 'pyfops init' to make a project",
                          {label});
        return project;
    }
    std::string text;
    try {
        text = read_file(project.file, 2 * config::YamlLimits().max_bytes);
    } catch (const Error& failure) {
        diagnostics.error("cannot-read", failure.message(), failure.hint(), {label});
        return project;
    }
    Diagnostics own;
    const auto document = std::make_shared<config::YamlDocument>(std::move(text), label, own);
    project.locate = [document](const std::string& path) { return document->at(path); };
    project.locate_key = [document](const std::string& path) { return document->key_at(path); };
    const std::size_t of_yaml = own.findings().size();
    if (document->complete()) {
        config::Findings findings(*document, own);
        config::Context context{project.directory, "3.11", {}, {}};
        config::read_project(config::Cursor(document->value(), "", findings), context, project);
        for (const std::string& path : context.secret_paths)
            document->hide(path);
        document->hide_text(context.database_password);
    } else if (!own.has_errors()) {
        own.error("cannot-read", "the file could not be read", {}, {label});
    }
    std::vector<Finding> ordered;
    for (std::size_t i = 0; i < own.findings().size(); ++i) {
        const Finding& finding = own.findings()[i];
        const auto end = own.findings().begin() + static_cast<std::ptrdiff_t>(of_yaml);
        // A value that is no JSON has been reported; that it has no type either is no news.
        const bool known = i >= of_yaml && finding.code == "wrong-type" &&
                           std::any_of(own.findings().begin(), end, [&](const Finding& other) {
                               return other.position.line == finding.position.line &&
                                      other.position.column == finding.position.column;
                           });
        if (!known) ordered.push_back(finding);
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const Finding& a, const Finding& b) {
        return std::pair(a.position.line, a.position.column) < std::pair(b.position.line, b.position.column);
    });
    for (Finding& finding : ordered) {
        if (finding.position.line > 0)
            finding.position.source_line = document->shown_line(finding.position.line);
        diagnostics.add(std::move(finding));
    }
    return project;
}

} // namespace pyfops

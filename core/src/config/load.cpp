// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"
#include "config/yaml.hpp"
#include "pyfops/error.hpp"
#include "pyfops/project.hpp"
#include "pyfops/store.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace fs = std::filesystem;

namespace pyfops {
namespace config {

const std::vector<std::string> budget_keys{"max_invocations", "max_cost"};
const std::vector<std::string> project_keys{"project",   "python",      "database", "budget",
                                            "functions", "deployments", "providers"};

namespace {

/// As a person in the current folder would name it.
std::string label_of(const fs::path& file) {
    std::error_code failure;
    const fs::path relative = fs::proximate(file, failure);
    if (failure || relative.empty() || *relative.begin() == "..") return file.string();
    return relative.string();
}

/// Files as they are, but nobody's environment: whether a project is right does not depend on who reads it.
class FilesOnly final : public System {
  public:
    std::optional<std::string> variable(std::string_view) const override { return std::nullopt; }
    std::map<std::string, std::string> variables() const override { return {}; }
    std::optional<std::string> read_file(const fs::path& path, std::size_t max_bytes) const override {
        return real_system().read_file(path, max_bytes);
    }
    fs::path home() const override { return {}; }
    fs::path cache_directory() const override { return {}; }
};

void read_database(const Cursor& cursor, Context& context, Project& project) {
    const auto written = cursor.words();
    if (!written) return;
    project.database = *written;
    // "://user:password@": as it stands here, whether the rest is right or not.
    const std::size_t user = written->find("://");
    const std::size_t at = written->rfind('@');
    if (user != std::string::npos && at != std::string::npos) {
        const std::size_t colon = written->find(':', user + 3);
        if (colon < at) context.database_password = written->substr(colon + 1, at - colon - 1);
    }
    try {
        if (DatabaseUrl::parse(*written, context.directory, FilesOnly()).password_in_url)
            cursor.warning("password-in-url", "the database password stands in the project file",
                           "set PYFOPS_DB_PASSWORD instead");
    } catch (const Error& failure) {
        cursor.error("bad-database", failure.message(), failure.hint());
    }
}

Budget read_budget(const Cursor& cursor) {
    Budget budget;
    if (!cursor.is_mapping()) return budget;
    cursor.only(budget_keys);
    if (const auto most = cursor.member("max_invocations"))
        budget.max_invocations = most->integer(1, 1'000'000'000, "calls");
    if (const auto most = cursor.member("max_cost")) {
        if (!most->value().is_number()) {
            most->wrong_type("a number of USD");
        } else if (const double usd = most->value().to_number<double>(); usd > 0) {
            budget.max_cost_usd = usd;
        } else {
            most->error("bad-value", "max_cost is more than 0 USD", "leave it out for no bound");
        }
    }
    return budget;
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
        if (const auto prices = member.member("prices")) check_prices(*prices);
    }
}

/// Functions that nothing deploys are most likely forgotten.
void find_unused(const Cursor& functions, const Project& project) {
    if (project.deployments.empty()) return;
    for (std::size_t i = 0; i < project.functions.size(); ++i) {
        const std::string& name = project.functions[i].name;
        const bool used =
            name.empty() || std::any_of(project.deployments.begin(), project.deployments.end(),
                                        [&](const DeploymentEntry& entry) { return entry.takes(name); });
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
    if (const auto budget = root.member("budget")) project.budget = read_budget(*budget);
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

bool DeploymentEntry::takes(std::string_view function) const {
    return functions.empty() || std::find(functions.begin(), functions.end(), function) != functions.end();
}

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

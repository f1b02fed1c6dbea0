// SPDX-License-Identifier: Apache-2.0
#include "packager.hpp"

#include "app_settings.hpp"
#include "catalog.hpp"
#include "marks.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/entry_files.hpp"
#include "pyfops/text.hpp"
#include "pyfops_azure_provider_embedded.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace pyfops::azure {
namespace {

/// The newest release that needs nothing else and no compiled part: it fits every Python of Azure. What the
/// user requires comes before it.
constexpr const char* library = "azure-functions==1.21.3";
constexpr std::string_view library_name = "azure-functions";

/// Whether a requirements file names the library itself: then its version is the user's choice.
bool names_library(std::string_view requirements) {
    for (const std::string_view line : split(requirements, '\n')) {
        std::string name = lower_case(trimmed(line));
        name = name.substr(0, name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_."));
        std::replace(name.begin(), name.end(), '_', '-');
        std::replace(name.begin(), name.end(), '.', '-');
        if (name == library_name) return true;
    }
    return false;
}

/// The functions of a package, in the order of their names: it is the same whichever of them is asked for.
std::map<std::string, const FunctionSpec*> functions_of(const WrapRequest& request) {
    std::map<std::string, const FunctionSpec*> functions{{request.function.name, &request.function}};
    for (const FunctionSpec* companion : request.companions)
        functions.emplace(companion->name, companion);
    return functions;
}

/// The longest that the plan allows: a function's own timeout is a setting of its app, and another one needs
/// no new package.
std::string host_file(const ProviderInfo& offered) {
    const json::object host{{"version", "2.0"},
                            {"functionTimeout", to_time_span(offered.limits.timeout_maximum)},
                            {"logging", {{"logLevel", {{"default", "Information"}}}}},
                            {"extensions", {{"http", {{"routePrefix", "api"}}}}}};
    return pretty_json(host) + "\n";
}

std::string function_file(const FunctionSpec& function, bool open) {
    const json::object trigger{{"authLevel", open ? "anonymous" : "function"},
                               {"type", "httpTrigger"},
                               {"direction", "in"},
                               {"name", "req"},
                               {"methods", {"get", "post"}},
                               {"route", function.name}};
    const json::object answer{{"type", "http"}, {"direction", "out"}, {"name", "$return"}};
    const json::object document{
        {"scriptFile", "__init__.py"}, {"entryPoint", "main"}, {"bindings", {trigger, answer}}};
    return pretty_json(document) + "\n";
}

} // namespace

std::map<std::string, std::string> entry_files(const WrapRequest& request) {
    if (request.source.find("host.json"))
        throw Error(ErrorKind::conflict, "the code base has a host.json, which pyfOps writes itself")
            .hint("remove it, or name it in .pyfopsignore; the function's timeout stands in pyfops.yaml");
    const auto functions = functions_of(request);
    if (functions.size() > most_functions)
        throw Error(ErrorKind::limit_exceeded,
                    fmt::format("the code base has {} functions, and one app holds {}", functions.size(),
                                most_functions))
            .hint("split it, or leave providers.azure.group out");
    const Settings settings = read_settings(request.settings);
    auto files = sdk::common_entry_files(request.function);
    std::string handlers;
    for (const auto& [name, function] : functions) {
        const std::string folder = folder_name(name);
        files[folder + "/function.json"] = function_file(*function, settings.open);
        files[folder + "/__init__.py"] = std::string(wrapper_files::text("__init__.py"));
        handlers +=
            fmt::format("    {}: ({}, {}),\n", sdk::python_literal(folder),
                        sdk::python_literal(function->module), sdk::python_literal(function->callable));
    }
    // Instead of the one function that other providers' packages hold.
    files["_pyfops_function.py"] =
        "# Which functions this package holds; written by pyfOps.\nHANDLERS = {\n" + handlers + "}\n";
    files["host.json"] = host_file(offer(request.settings));
    files["_pyfops_azure.py"] = std::string(wrapper_files::text("_pyfops_azure.py"));
    return files;
}

Task<Package> AzurePackager::package(const PackageRequest& request, StageContext& context) {
    PackageRequest wanted = request;
    std::optional<std::string> written;
    if (const auto& file = request.dependencies.requirements; !file.empty())
        written = context.host.system.read_file(file);
    if (!written || !names_library(*written)) wanted.dependencies.extra = {library};
    Task<Package> packaging = zip_.package(wanted, context);
    co_return co_await std::move(packaging);
}

} // namespace pyfops::azure

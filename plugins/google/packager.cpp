// SPDX-License-Identifier: Apache-2.0
#include "packager.hpp"

#include "catalog.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace pyfops::google {
namespace {

constexpr const char* requirements_file = "requirements.txt";
constexpr const char* kept_requirements_file = "_pyfops_requirements.txt";

const Distribution& framework_of(const DependencySet& set) {
    const auto found = std::find_if(set.distributions.begin(), set.distributions.end(),
                                    [](const Distribution& one) { return one.name == framework_name; });
    if (found == set.distributions.end())
        throw Error(ErrorKind::internal, std::string(framework_name) + " was not resolved");
    return *found;
}

/// The user's requirements exclude what functions-framework needs, which is not in their file.
bool is_clash(const Error& failure) {
    const auto says = [&](const char* words) { return failure.message().find(words) != std::string::npos; };
    return says("cannot be satisfied") && says(framework_name);
}

} // namespace

bool names_framework(std::string_view requirements) {
    static const std::regex line(R"(functions[-_.]framework\s*([\[<>=!~;#].*)?)", std::regex::icase);
    for (const std::string_view raw : split(requirements, '\n')) {
        const std::string text(trimmed(raw));
        if (std::regex_match(text, line)) return true;
    }
    return false;
}

SourceTree with_requirements(const SourceTree& tree, const std::string& framework_version) {
    SourceTree result;
    for (const auto& [path, file] : tree.files())
        result.add_new(path == requirements_file ? kept_requirements_file : path, file);
    result.add_new(requirements_file,
                   {.content = std::string(framework_name) + "==" + framework_version + "\n"});
    return result;
}

Task<Package> GooglePackager::package(const PackageRequest& request, StageContext& context) {
    const bool has_requirements = !request.dependencies.requirements.empty();
    if (!has_requirements && request.wrapped.find(requirements_file))
        context.host.observer.on(Notice{context.subject,
                                        "the code base has a requirements.txt, but the function "
                                        "has no 'requirements': it is not installed"});
    DependencyRequest wanted = request.dependencies;
    wanted.platform = platform_of(request.target);
    std::string given;
    if (has_requirements) given = context.host.system.read_file(wanted.requirements).value_or("");
    const bool chosen = names_framework(given);
    wanted.extra.push_back(chosen ? framework_name : framework_requirement);
    auto resolving = context.host.packages.dependencies(std::move(wanted), context);
    BuildRequest build;
    try {
        build.dependencies = co_await std::move(resolving);
    } catch (const Error& failure) {
        if (chosen || !is_clash(failure)) throw;
        throw Error(failure).hint(fmt::format(
            "pyfOps adds {}, by which Google calls functions: allow what it needs, or name in your "
            "requirements a version of {} that goes with them",
            framework_requirement, framework_name));
    }
    build.tree = with_requirements(request.wrapped, framework_of(*build.dependencies).version);
    build.limits.max_zipped = info_.limits.zip_bytes;
    build.limits.max_unzipped = info_.limits.unzipped_bytes;
    Task<Package> building = context.host.packages.build(std::move(build), context);
    co_return co_await std::move(building);
}

} // namespace pyfops::google

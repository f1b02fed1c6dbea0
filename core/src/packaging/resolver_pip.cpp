// SPDX-License-Identifier: Apache-2.0
#include "packaging/python_tags.hpp"
#include "packaging/resolver.hpp"
#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <regex>

namespace pyfops::packaging {
namespace {

Unresolved understand(const std::string& output) {
    static const std::regex nothing(
        R"(No matching distribution found for ([A-Za-z0-9._-]+)(?:==([^\s,;]+))?)");
    static const std::regex errors(R"(ERROR: ([^\n]*))");
    Unresolved failure;
    std::smatch match;
    if (std::regex_search(output, match, nothing)) {
        failure.why = Unresolved::Why::no_wheel;
        failure.name = normalise_name(match[1].str());
        failure.version = match[2];
    }
    const std::size_t cause = output.find("The conflict is caused by:");
    if (cause != std::string::npos) {
        const std::string_view rest = std::string_view(output).substr(cause);
        failure.detail = rest.substr(0, rest.find("\n\n"));
        // One sentence: "left 1.0 depends on shared==1; right 1.0 depends on shared==2".
        failure.detail = std::regex_replace(failure.detail, std::regex(R"(\s*\n\s*)"), "; ");
    } else if (std::regex_search(output, match, errors)) {
        failure.detail = match[1];
    }
    failure.detail = excerpt(failure.detail, 1500);
    return failure;
}

} // namespace

Task<Resolution> resolve_with_pip(PythonTools& tools, ResolveRequest request, StageContext& context) {
    std::vector<std::string> arguments = {
        "install", "--dry-run", "--ignore-installed", "--report", (request.scratch / "report.json").string(),
        "--no-input", "--only-binary=:all:", "--implementation", "cp", "--python-version",
        request.platform.python,
        // Nothing is installed, but pip takes other platforms only with a target.
        "--target", (request.scratch / "target").string()};
    for (const std::filesystem::path& file : requirement_files(request)) {
        arguments.emplace_back("-r");
        arguments.push_back(file.string());
    }
    // pip does not derive older platforms from newer ones.
    for (const std::string& tag : platform_tags(request.platform)) {
        arguments.emplace_back("--platform");
        arguments.push_back(tag);
    }
    if (!request.local_wheels.empty() && std::filesystem::exists(request.local_wheels)) {
        arguments.emplace_back("--find-links");
        arguments.push_back(request.local_wheels.string());
    }
    if (const std::string text = exclusions(request); !text.empty()) {
        write_file(request.scratch / "constraints.txt", text);
        arguments.emplace_back("--constraint");
        arguments.push_back((request.scratch / "constraints.txt").string());
    }
    Task<ProcessResult> running =
        tools.pip(std::move(arguments), request.requirements.parent_path(), context);
    const ProcessResult result = co_await std::move(running);
    Resolution resolution;
    if (!result.ok()) {
        resolution.failure = understand(result.output + result.error_output);
        co_return resolution;
    }
    const json::value report =
        parse_json(read_file(request.scratch / "report.json"), "pip's report", {.max_bytes = 64u << 20});
    const json::value* list = pyfops::find(report, "install");
    if (!list || !list->is_array()) throw Error(ErrorKind::internal, "pip's report lists nothing");
    for (const json::value& one : list->as_array())
        if (const json::value* metadata = pyfops::find(one, "metadata"))
            resolution.pins.push_back(
                {normalise_name(string_or(*metadata, "name")), string_or(*metadata, "version")});
    co_return resolution;
}

} // namespace pyfops::packaging

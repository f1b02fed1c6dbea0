// SPDX-License-Identifier: Apache-2.0
#include "packaging/python_tags.hpp"
#include "packaging/resolver.hpp"
#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <regex>
#include <set>

namespace pyfops::packaging {
namespace {

/// uv knows some glibc versions only. The next higher one is asked for; wheels that are too new for the
/// runtime are excluded afterwards, from the index's own list (dependencies.cpp).
std::string uv_platform(const PythonPlatform& platform) {
    const int wanted = glibc_minor(platform.glibc);
    for (const int known : {17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39})
        if (wanted <= known) return fmt::format("{}-manylinux_2_{}", platform.architecture, known);
    return platform.architecture + "-manylinux_2_40";
}

/// uv's explanation without its frame: the lines after "cause:".
std::string explanation(const std::string& output) {
    std::string out;
    std::size_t start = 0;
    while (start < output.size()) {
        const std::size_t end = std::min(output.find('\n', start), output.size());
        std::string line = output.substr(start, end - start);
        start = end + 1;
        const std::size_t first = line.find_first_not_of(' ');
        if (first == std::string::npos || line.starts_with("hint:")) break;
        line.erase(0, first);
        for (const std::string_view frame :
             {"error: No solution found when resolving dependencies", "error: ", "cause: "})
            if (line.starts_with(frame)) line.erase(0, frame.size());
        if (!line.empty()) out += (out.empty() ? "" : " ") + line;
    }
    return excerpt(out, 1500);
}

Unresolved understand(const std::string& output) {
    static const std::regex url(R"((?:Failed to fetch: `?|for url \()(\S+?)[`)]?(?:\s|$))");
    static const std::regex no_answer(
        R"(error sending request|client error \(Connect\)|dns error|timed out|HTTP status (?:server|client) error|tcp connect error|Request failed after)");
    static const std::regex no_wheel(
        R"((?:all versions of )?([A-Za-z0-9][A-Za-z0-9._-]*?)(?:==([^\s,]+))? ha(?:s|ve) no (?:usable )?wheels)");
    static const std::regex not_found(
        R"(([A-Za-z0-9._-]+) was not found in the (?:package registry|provided package locations))");
    Unresolved failure;
    failure.detail = explanation(output);
    std::smatch match;
    if (std::regex_search(output, no_answer)) {
        failure.why = Unresolved::Why::unreachable;
        if (std::regex_search(output, match, url)) {
            std::string page = match[1];
            while (page.ends_with('/'))
                page.pop_back();
            failure.name = normalise_name(page.substr(page.rfind('/') + 1));
        }
    } else if (std::regex_search(failure.detail, match, no_wheel)) {
        failure.why = Unresolved::Why::no_wheel;
        failure.name = normalise_name(match[1].str());
        std::set<std::string> versions;
        const std::sregex_iterator end;
        for (std::sregex_iterator at(failure.detail.begin(), failure.detail.end(), no_wheel); at != end; ++at)
            if (normalise_name((*at)[1].str()) == failure.name) versions.insert((*at)[2]);
        if (versions.size() == 1) failure.version = *versions.begin(); // "" for "all versions of"
    } else if (std::regex_search(failure.detail, match, not_found)) {
        failure.why = Unresolved::Why::no_wheel;
        failure.name = normalise_name(match[1].str());
    }
    return failure;
}

} // namespace

std::vector<std::filesystem::path> requirement_files(const ResolveRequest& request) {
    std::vector<std::filesystem::path> files{request.requirements};
    if (request.extra.empty()) return files;
    files.push_back(request.scratch / "extra.txt");
    write_file(files.back(), fmt::format("{}\n", fmt::join(request.extra, "\n")));
    return files;
}

std::string exclusions(const ResolveRequest& request) {
    std::string text;
    for (const auto& [name, versions] : request.excluded) {
        if (versions.empty()) continue;
        text += name;
        const char* separator = "!=";
        for (const std::string& version : versions) {
            text += separator + version;
            separator = ",!=";
        }
        text += '\n';
    }
    return text;
}

Task<Resolution> resolve_with_uv(PythonTools& tools, ResolveRequest request, StageContext& context) {
    std::vector<std::string> arguments = {"pip", "compile", "--quiet", "--no-progress", "--color", "never",
                                          "--no-header", "--no-annotate", "--no-build", "--python",
                                          "/usr/bin/python3", "--python-version", request.platform.python,
                                          "--python-platform", uv_platform(request.platform),
                                          // As pip sees several indexes: the best version of all of them.
                                          "--index-strategy", "unsafe-best-match"};
    for (const std::filesystem::path& file : requirement_files(request))
        arguments.push_back(file.string());
    const bool local = !request.local_wheels.empty() && std::filesystem::exists(request.local_wheels);
    if (const std::string text = exclusions(request); !text.empty()) {
        write_file(request.scratch / "constraints.txt", text);
        arguments.emplace_back("--constraints");
        arguments.push_back((request.scratch / "constraints.txt").string());
    }
    Task<ProcessResult> running =
        tools.uv(std::move(arguments), local ? request.local_wheels : std::filesystem::path(),
                 request.requirements.parent_path(), context);
    const ProcessResult result = co_await std::move(running);
    Resolution resolution;
    if (!result.ok()) {
        resolution.failure = understand(result.error_output);
        co_return resolution;
    }
    static const std::regex pin(R"(^([A-Za-z0-9._-]+)==([^\s;]+))");
    std::size_t start = 0;
    while (start < result.output.size()) {
        const std::size_t end = std::min(result.output.find('\n', start), result.output.size());
        const std::string line = result.output.substr(start, end - start);
        start = end + 1;
        std::smatch match;
        if (std::regex_search(line, match, pin))
            resolution.pins.push_back({normalise_name(match[1].str()), match[2]});
    }
    co_return resolution;
}

} // namespace pyfops::packaging

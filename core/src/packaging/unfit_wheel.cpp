// SPDX-License-Identifier: Apache-2.0
#include "base/printable.hpp"
#include "packaging/python_tags.hpp"
#include "pyfops/error.hpp"
#include "pyfops/runtimes.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sys/utsname.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_record = 64u << 10;
/// Deeper ones belong to packages inside packages, which are pure Python.
constexpr int deepest = 4;

void add_once(std::vector<std::string>& all, const std::string& one) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

/// The name that the installed wheel had as a file, from its WHEEL: "Tag: cp313-cp313-manylinux_2_17_x86_64",
/// once for each combination.
std::optional<packaging::WheelName> installed_wheel(const fs::path& information) {
    std::string text;
    try {
        text = read_file(information / "WHEEL", largest_record);
    } catch (const Error&) {
        return std::nullopt;
    }
    std::vector<std::string> pythons, abis, platforms;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view key = "Tag:";
        if (!line.starts_with(key)) continue;
        std::istringstream words(line.substr(key.size()));
        std::string tag;
        words >> tag;
        const std::size_t first = tag.find('-'), second = tag.find('-', first + 1);
        if (first == std::string::npos || second == std::string::npos) return std::nullopt;
        add_once(pythons, tag.substr(0, first));
        add_once(abis, tag.substr(first + 1, second - first - 1));
        add_once(platforms, tag.substr(second + 1));
    }
    try {
        return packaging::parse_wheel_name(fmt::format("{}-{}-{}-{}.whl", information.stem().string(),
                                                       fmt::join(pythons, "."), fmt::join(abis, "."),
                                                       fmt::join(platforms, ".")));
    } catch (const Error&) {
        return std::nullopt; // not written by an installer: nothing can be told
    }
}

} // namespace

std::string unfit_wheel(const fs::path& package, const PythonRuntime& runtime) {
    utsname machine{};
    if (runtime.glibc.empty() || ::uname(&machine) != 0) return {};
    const PythonPlatform platform{runtime.version, machine.machine, runtime.glibc};
    std::vector<fs::path> found;
    std::error_code failure;
    for (fs::recursive_directory_iterator at(package, failure), end; !failure && at != end;
         at.increment(failure)) {
        if (at.depth() >= deepest) at.disable_recursion_pending();
        if (at->path().extension() != ".dist-info") continue;
        at.disable_recursion_pending();
        found.push_back(at->path());
    }
    std::sort(found.begin(), found.end());
    for (const fs::path& information : found) {
        const auto wheel = installed_wheel(information);
        if (!wheel) continue;
        const std::string reason = packaging::why_incompatible(*wheel, platform);
        if (!reason.empty())
            return fmt::format("the wheel {} cannot run on Python {}: {}", printable(wheel->file),
                               runtime.full_version, reason);
    }
    return {};
}

} // namespace pyfops

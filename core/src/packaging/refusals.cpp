// SPDX-License-Identifier: Apache-2.0
#include "packaging/refusals.hpp"

#include "packaging/python_tags.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace pyfops::packaging {

std::string named(const Requirements& requirements, const std::string& label, const std::string& name) {
    if (const Requirement* direct = requirements.find(name))
        return fmt::format("{}:{}: '{}'", direct->file, direct->line, direct->text);
    return fmt::format("'{}' (a dependency of {})", name, label);
}

Error unreachable(const std::string& who, const std::string& why) {
    return Error(ErrorKind::unavailable, fmt::format("{}: no package index answers ({})", who, why))
        .hint("see whether the network and pip's index settings ('pip config list') are right");
}

Error conflict(const Requirements& requirements, const std::string& label, const Unresolved& failure) {
    std::string who = label;
    // The line of the first requirement that the resolver speaks of.
    for (const Requirement& one : requirements.all) {
        std::string pattern;
        for (const char c : one.name)
            pattern += c == '-' ? std::string("[-_.]") : std::string(1, c);
        const std::regex word("(^|[^A-Za-z0-9._-])" + pattern + "([^A-Za-z0-9._-]|$)", std::regex::icase);
        if (one.name == failure.name || std::regex_search(failure.detail, word)) {
            who = fmt::format("{}:{}: '{}'", one.file, one.line, one.text);
            break;
        }
    }
    return Error(ErrorKind::invalid_input, fmt::format("{} cannot be satisfied: {}", who, failure.detail))
        .hint("change the version that is asked for");
}

std::optional<Error> no_usable_wheel(const std::string& who, const std::string& version,
                                     const json::array& files, const PythonPlatform& platform) {
    struct Candidate {
        int distance;
        std::string wheel, why;
    };
    std::vector<Candidate> candidates;
    for (const json::value& file : files) {
        const std::string name = string_or(file, "file");
        if (!name.ends_with(".whl")) continue;
        const std::string why = why_incompatible(parse_wheel_name(name), platform);
        // What a newer glibc would mend is nearer than another Python, and that than another system.
        const int distance = why.find("glibc 2.") != std::string::npos && why.starts_with("it needs") ? 0
                             : why.find("the runtime is Python") != std::string::npos
                                 ? (name.find("linux") != std::string::npos &&
                                            name.find(platform.architecture) != std::string::npos
                                        ? 1
                                        : 3)
                                 : 2;
        candidates.push_back({distance, name, why});
    }
    if (candidates.empty()) return std::nullopt;
    const Candidate& best = *std::ranges::min_element(candidates, [](const Candidate& a, const Candidate& b) {
        return std::tie(a.distance, a.wheel) < std::tie(b.distance, b.wheel);
    });
    return Error(ErrorKind::invalid_input,
                 fmt::format(
                     "{}: no wheel of version {} can be loaded by the runtime ({}): '{}' cannot because {}",
                     who, version, platform_name(platform), best.wheel, best.why))
        .hint(best.distance == 0
                  ? "require an older version that has such a wheel, or choose a newer Python: its "
                    "runtime has a newer glibc"
                  : "require a version that has a wheel for this runtime, or choose another Python");
}

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#include "packaging/python_tags.hpp"

#include "base/printable.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace pyfops::packaging {
namespace {

std::vector<std::string> words(std::string_view text, char separator) {
    const std::vector<std::string_view> parts = split(text, separator);
    return {parts.begin(), parts.end()};
}

std::optional<int> number(std::string_view text) {
    const auto value = to_integer(text);
    if (!value || *value < 0 || *value > 1'000'000) return std::nullopt;
    return static_cast<int>(*value);
}

/// "3.11" gives 11.
int python_minor(const PythonPlatform& platform) {
    const auto minor = platform.python.starts_with("3.") ? number(std::string_view(platform.python).substr(2))
                                                         : std::nullopt;
    if (!minor)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'{}' is not a Python version such as 3.11", platform.python));
    return *minor;
}

constexpr struct {
    std::string_view name;
    int minor;
} perennial[] = {{"manylinux2014", 17}, {"manylinux2010", 12}, {"manylinux1", 5}};

struct Manylinux {
    int minor = 0;
    std::string architecture;
};

/// "manylinux_2_28_x86_64" or "manylinux2014_x86_64".
std::optional<Manylinux> manylinux(std::string_view tag) {
    for (const auto& [name, minor] : perennial)
        if (tag.starts_with(name) && tag.substr(name.size()).starts_with('_'))
            return Manylinux{minor, std::string(tag.substr(name.size() + 1))};
    constexpr std::string_view prefix = "manylinux_2_";
    if (!tag.starts_with(prefix)) return std::nullopt;
    tag.remove_prefix(prefix.size());
    const std::size_t bar = tag.find('_');
    if (bar == std::string_view::npos) return std::nullopt;
    const auto minor = number(tag.substr(0, bar));
    if (!minor) return std::nullopt;
    return Manylinux{*minor, std::string(tag.substr(bar + 1))};
}

/// Why no platform tag fits; the mildest reason counts.
std::string platform_reason(const WheelName& wheel, const PythonPlatform& platform) {
    std::optional<int> glibc;
    bool musl = false, other_system = false;
    std::string architecture;
    for (const std::string& tag : wheel.platforms) {
        if (const auto many = manylinux(tag)) {
            if (many->architecture == platform.architecture)
                glibc = std::min(glibc.value_or(many->minor), many->minor);
            else
                architecture = many->architecture;
        } else if (tag.starts_with("musllinux_")) {
            musl = true;
        } else if (tag.starts_with("linux_")) {
            architecture = tag.substr(6);
        } else {
            other_system = true;
        }
    }
    if (glibc) return fmt::format("it needs glibc 2.{}, the runtime has {}", *glibc, platform.glibc);
    if (!architecture.empty())
        return fmt::format("it is for {}, the runtime is {}", printable(architecture), platform.architecture);
    if (musl) return fmt::format("it is for musl, the runtime has glibc {}", platform.glibc);
    if (other_system)
        return fmt::format("it is for {}, the runtime is Linux", printable(wheel.platforms.front()));
    return "its platform is unknown";
}

std::string python_reason(const WheelName& wheel, const PythonPlatform& platform) {
    const std::string tag =
        printable(fmt::format("{}-{}", fmt::join(wheel.pythons, "."), fmt::join(wheel.abis, ".")));
    return fmt::format("it is for {}, the runtime is Python {}", tag, platform.python);
}

} // namespace

std::string normalise_name(std::string_view name) {
    std::string out;
    bool separator = false;
    for (const char c : name) {
        if (c == '-' || c == '_' || c == '.') {
            separator = true;
            continue;
        }
        if (separator && !out.empty()) out += '-';
        separator = false;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
}

bool WheelName::pure() const {
    return abis == std::vector<std::string>{"none"} && platforms == std::vector<std::string>{"any"};
}

WheelName parse_wheel_name(std::string_view file) {
    const auto refuse = [&] {
        return Error(ErrorKind::invalid_input,
                     fmt::format("'{}' is not the name of a wheel", printable(file)));
    };
    if (!file.ends_with(".whl") || file.find('/') != std::string_view::npos) throw refuse();
    std::vector<std::string> parts = words(file.substr(0, file.size() - 4), '-');
    if (parts.size() != 5 && parts.size() != 6) throw refuse();
    for (const std::string& part : parts)
        if (part.empty()) throw refuse();
    WheelName wheel;
    wheel.file = file;
    wheel.distribution = normalise_name(parts[0]);
    wheel.version = parts[1];
    if (parts.size() == 6) wheel.build = parts[2];
    wheel.pythons = words(parts[parts.size() - 3], '.');
    wheel.abis = words(parts[parts.size() - 2], '.');
    wheel.platforms = words(parts.back(), '.');
    return wheel;
}

int glibc_minor(std::string_view version) {
    const auto minor = version.starts_with("2.") ? number(version.substr(2)) : std::nullopt;
    if (!minor || *minor < 5 || *minor > 999)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'{}' is not a glibc version such as 2.26", printable(version)));
    return *minor;
}

std::vector<std::string> platform_tags(const PythonPlatform& platform) {
    std::vector<std::string> tags;
    // Before manylinux2014 only x86_64 was defined.
    const int oldest = platform.architecture == "x86_64" ? 5 : 17;
    for (int minor = glibc_minor(platform.glibc); minor >= oldest; --minor) {
        tags.push_back(fmt::format("manylinux_2_{}_{}", minor, platform.architecture));
        for (const auto& [name, stands_for] : perennial)
            if (stands_for == minor) tags.push_back(fmt::format("{}_{}", name, platform.architecture));
    }
    tags.push_back("linux_" + platform.architecture);
    return tags;
}

std::vector<std::string> compatible_tags(const PythonPlatform& platform) {
    const int minor = python_minor(platform);
    const std::vector<std::string> platforms = platform_tags(platform);
    std::vector<std::string> tags;
    const auto add = [&](const std::string& python, std::string_view abi) {
        for (const std::string& tag : platforms)
            tags.push_back(fmt::format("{}-{}-{}", python, abi, tag));
    };
    const auto cp = [](int version) { return fmt::format("cp3{}", version); };
    add(cp(minor), cp(minor));
    add(cp(minor), "abi3");
    add(cp(minor), "none");
    for (int older = minor - 1; older >= 2; --older)
        add(cp(older), "abi3");
    std::vector<std::string> generic = {fmt::format("py3{}", minor), "py3"};
    for (int older = minor - 1; older >= 0; --older)
        generic.push_back(fmt::format("py3{}", older));
    for (const std::string& python : generic)
        add(python, "none");
    tags.push_back(cp(minor) + "-none-any");
    for (const std::string& python : generic)
        tags.push_back(python + "-none-any");
    return tags;
}

std::string why_incompatible(const WheelName& wheel, const PythonPlatform& platform) {
    const std::vector<std::string> tags = compatible_tags(platform);
    const std::set<std::string> known(tags.begin(), tags.end());
    std::set<std::string> platforms = {"any"};
    for (const std::string& tag : platform_tags(platform))
        platforms.insert(tag);
    bool platform_fits = false;
    for (const std::string& tag : wheel.platforms) {
        platform_fits = platform_fits || platforms.contains(tag);
        for (const std::string& python : wheel.pythons)
            for (const std::string& abi : wheel.abis)
                if (known.contains(fmt::format("{}-{}-{}", python, abi, tag))) return {};
    }
    if (platform_fits) return python_reason(wheel, platform);
    // Would it fit if only the platform were right?
    for (const std::string& python : wheel.pythons)
        for (const std::string& abi : wheel.abis)
            if (known.contains(fmt::format("{}-{}-linux_{}", python, abi, platform.architecture)))
                return platform_reason(wheel, platform);
    return python_reason(wheel, platform);
}

std::string platform_name(const PythonPlatform& platform) {
    return fmt::format("python{} manylinux_2_{} {}", platform.python, glibc_minor(platform.glibc),
                       platform.architecture);
}

} // namespace pyfops::packaging

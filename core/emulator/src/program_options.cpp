// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <array>

namespace pyfops {

namespace {

[[noreturn]] void wrong(std::string_view name, std::string_view wanted) {
    throw Error(ErrorKind::invalid_input,
                fmt::format("options of the local cloud: {} must be {}", name, wanted))
        .hint("docs/emulator.md lists the options");
}

bool flag(const json::value& value, std::string_view name) {
    if (!value.is_bool()) wrong(name, "true or false");
    return value.as_bool();
}

std::int64_t number(const json::value& value, std::string_view name, std::int64_t most) {
    boost::system::error_code failure;
    const auto result = value.to_number<std::int64_t>(failure);
    if (failure || result < 0 || result > most) wrong(name, fmt::format("an integer from 0 to {}", most));
    return result;
}

LogLevel level(const json::value& value) {
    static constexpr std::array<std::string_view, 5> names{"trace", "debug", "info", "warning", "error"};
    if (value.is_string())
        for (std::size_t i = 0; i < names.size(); ++i)
            if (value.as_string() == names[i]) return static_cast<LogLevel>(i);
    wrong("log_level", "one of trace, debug, info, warning and error");
}

} // namespace

ProgramOptions parse_program_options(std::string_view text) {
    const auto given = parse_json(text, "the option argument");
    if (!given.is_object()) wrong("the argument", "one JSON object");
    ProgramOptions options;
    for (const auto& member : given.as_object()) {
        const std::string_view name = member.key();
        const auto& value = member.value();
        if (name == "state") {
            if (!value.is_string()) wrong(name, "a path");
            options.state = std::string(value.as_string());
        } else if (name == "port") {
            options.port = static_cast<std::uint16_t>(number(value, name, 65535));
        } else if (name == "tls") {
            options.tls = flag(value, name);
        } else if (name == "network") {
            options.network = flag(value, name);
        } else if (name == "require_sandbox") {
            options.require_sandbox = flag(value, name);
        } else if (name == "foreground") {
            options.foreground = flag(value, name);
        } else if (name == "linger_ms") {
            options.linger_ms = number(value, name, 86'400'000);
        } else if (name == "faults") {
            if (!value.is_object()) wrong(name, "a fault plan");
            options.faults = value.as_object();
        } else if (name == "plugin_path") {
            if (!value.is_array()) wrong(name, "a list of paths");
            for (const auto& path : value.as_array()) {
                if (!path.is_string()) wrong(name, "a list of paths");
                options.plugin_path.emplace_back(std::string(path.as_string()));
            }
        } else if (name == "log_level") {
            options.log_level = level(value);
        } else {
            wrong(fmt::format("'{}'", name), "left out: there is no such option");
        }
    }
    if (options.state.empty()) wrong("state", "the path of the state directory");
    return options;
}

} // namespace pyfops

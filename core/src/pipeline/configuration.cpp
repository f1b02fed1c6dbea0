// SPDX-License-Identifier: Apache-2.0
#include "pipeline/configuration.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/project_state.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <utility>

namespace pyfops {

namespace {

constexpr std::size_t largest_secret = 64u << 10;
constexpr Milliseconds secret_command_limit{30'000};

std::string without_line_end(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

Task<Secret> fetch(SecretSource source, std::filesystem::path base, StageContext& context) {
    Host& host = context.host;
    switch (source.kind) {
    case SecretSource::Kind::environment: {
        const auto value = host.system.variable(source.reference);
        if (!value)
            throw Error(ErrorKind::invalid_input, fmt::format("the variable {} is not set", source.reference))
                .hint(fmt::format("export {}=... before running pyfops", source.reference));
        co_return Secret(*value);
    }
    case SecretSource::Kind::file: {
        const auto path = base / source.reference;
        auto content = host.system.read_file(path, largest_secret);
        if (!content)
            throw Error(ErrorKind::invalid_input, fmt::format("there is no file {}", path.string()));
        co_return Secret(without_line_end(std::move(*content)));
    }
    case SecretSource::Kind::command: {
        ProcessRequest request;
        request.command = {"/bin/sh", "-c", source.reference};
        request.environment = host.system.variables();
        request.directory = base;
        request.max_output_bytes = largest_secret;
        auto running =
            host.processes.run(std::move(request), context.deadline.within(host.clock, secret_command_limit));
        ProcessResult result = co_await std::move(running);
        if (!result.ok())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the command '{}' ended with {}", source.reference, result.exit_code));
        co_return Secret(without_line_end(std::move(result.output)));
    }
    }
    throw Error(ErrorKind::internal, "unknown kind of secret");
}

/// Two runs at once may both find no key: whoever links first wins, both read the same.
std::string hash_key(const std::filesystem::path& base) {
    const auto path = state_directory(base, Realm::real) / "key";
    std::error_code failure;
    if (!std::filesystem::exists(path, failure)) {
        const auto fresh = path.parent_path() / ("key." + hex(random_bytes(8)));
        write_file(fresh, hex(random_bytes(32)), 0600);
        std::filesystem::create_hard_link(fresh, path, failure);
        std::filesystem::remove(fresh, failure);
    }
    return read_file(path, 1024);
}

/// A size that is found is not part of what was asked for; how it is found is.
json::value automatic_memory(const TuneSettings& tune) {
    return json::object{{"objective", to_string(tune.objective)},
                        {"max_duration_ms", tune.max_duration.value_or(Milliseconds(0)).count()},
                        {"repeat", tune.repeat},
                        {"sizes", tune.sizes},
                        {"exact", tune.exact}};
}

Task<void> add_environment(const FunctionSpec& function, const std::filesystem::path& base,
                           ResolvedEnvironment& resolved, StageContext& context) {
    for (const auto& [name, value] : function.environment) {
        if (resolved.plain.contains(name) || resolved.secrets.contains(name)) continue; // a companion's too
        if (const auto* text = std::get_if<std::string>(&value)) {
            resolved.plain.emplace(name, *text);
            continue;
        }
        std::exception_ptr failure;
        try {
            auto fetching = fetch(std::get<SecretSource>(value), base, context);
            Secret secret = co_await std::move(fetching);
            resolved.secrets.emplace(name, std::move(secret));
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure)
            throw to_error(failure).context(
                fmt::format("environment variable {} of '{}'", name, function.name));
    }
}

} // namespace

Task<ResolvedEnvironment> resolve_environment(const Unit& unit, const std::filesystem::path& base,
                                              StageContext& context) {
    ResolvedEnvironment resolved;
    auto own = add_environment(*unit.function, base, resolved, context);
    co_await std::move(own);
    for (const FunctionSpec* companion : unit.companions) {
        auto theirs = add_environment(*companion, base, resolved, context);
        co_await std::move(theirs);
    }
    co_return resolved;
}

namespace {

/// What of the settings makes a difference on the cloud.
json::object deployed_settings(const Unit& unit) {
    json::object settings = *unit.settings;
    settings.erase("prices");
    return settings;
}

} // namespace

std::string deployment_hash(const Unit& unit, const std::string& package_hash,
                            const ResolvedEnvironment& environment, const std::filesystem::path& base) {
    json::object configuration{
        {"package", package_hash},
        {"runtime", unit.target.runtime},
        {"architecture", unit.target.architecture},
        {"memory", unit.automatic() ? automatic_memory(unit.function->tune) : unit.target.memory_mb},
        {"timeout", unit.target.timeout_seconds},
        {"handler", unit.function->module + ":" + unit.function->callable},
        {"settings", deployed_settings(unit)},
    };
    json::object variables;
    for (const auto& [name, value] : environment.plain)
        variables[name] = value;
    configuration["environment"] = std::move(variables);
    if (!environment.secrets.empty()) {
        const std::string key = hash_key(base);
        json::object secrets;
        for (const auto& [name, value] : environment.secrets)
            secrets[name] = hex(hmac_sha256(key, value.expose()));
        configuration["secrets"] = std::move(secrets);
    }
    return sha256_hex(canonical_json(configuration));
}

} // namespace pyfops

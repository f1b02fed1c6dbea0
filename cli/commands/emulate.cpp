// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/runtimes.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/project_state.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

/// The project's local cloud, or the one of this folder when there is no project.
std::filesystem::path state_of(Session& session) {
    if (const std::string given = session.arguments().value("state"); !given.empty())
        return std::filesystem::absolute(given);
    std::filesystem::path base = std::filesystem::current_path();
    try {
        base = session.project_file().parent_path();
    } catch (const Error&) {
        if (session.arguments().has("file")) throw;
    }
    return state_directory(base, Realm::local);
}

json::object fault_plan(const std::string& file) {
    if (file.empty()) return {};
    const std::string what = "the fault plan '" + escape_control(file) + "'";
    json::value plan = parse_json(read_file(file, 1u << 20), what);
    if (!plan.is_object())
        throw Error(ErrorKind::invalid_input, what + " is no JSON object").hint("see docs/emulator.md");
    return std::move(plan.as_object());
}

int print_environment(Session& session, const std::filesystem::path& state, const std::string& provider) {
    Console& console = session.console();
    LocalCloudOptions options;
    options.state = state;
    const LocalCloud cloud(options, real_system());
    const LocalCloud::Client client =
        provider.empty() ? LocalCloud::Client{cloud.environment(), ""} : cloud.client(provider);
    if (console.json()) {
        json::object result = document("emulate");
        result["url"] = cloud.base_url();
        json::object variables;
        for (const auto& [name, value] : client.environment)
            variables[name] = value;
        result["environment"] = std::move(variables);
        if (!client.settings.empty()) result["settings"] = client.settings;
        console.result(result);
        return all_well;
    }
    std::string text;
    for (const auto& [name, value] : client.environment)
        text += fmt::format("export {}={}\n", name, shell_quoted(value));
    for (const std::string_view line : split(trimmed(client.settings), '\n'))
        if (!client.settings.empty()) text += fmt::format("# {}\n", line);
    console.result(text);
    console.note("note: the local cloud ends soon after the last command that uses it; keep 'pyfops emulate' "
                 "running for other clients");
    return all_well;
}

std::string introduction(const std::string& url, const std::filesystem::path& state) {
    return fmt::format(
        "the local cloud answers at {}; its state is in {}\n"
        "  eval \"$(pyfops emulate --print-env --state {})\"   # in another shell, for SDKs and tools\n"
        "Ctrl-C ends it\n",
        url, state.string(), shell_quoted(state.string()));
}

} // namespace

int run_emulate(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    if (arguments.has("runtimes")) return run_runtimes(session, arguments.operand(0));
    if (!arguments.operands().empty() && !arguments.has("print-env"))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'{}' belongs to no option", escape_control(arguments.operand(0))))
            .hint("'pyfops emulate --runtimes VERSIONS' makes exact interpreters, '--print-env PROVIDER' "
                  "prints its variables");
    const std::filesystem::path state = state_of(session);
    if (arguments.has("print-env")) return print_environment(session, state, arguments.operand(0));
    LocalCloudOptions options;
    options.state = state;
    options.port = static_cast<std::uint16_t>(arguments.number("port", 1, 65535, 0));
    options.network = !arguments.has("no-network");
    options.require_sandbox = arguments.has("require-sandbox");
    options.faults = fault_plan(arguments.value("faults"));
    const int verbose = console.options().verbose;
    options.log_level = verbose > 1 ? LogLevel::debug : verbose > 0 ? LogLevel::info : LogLevel::warning;
    ForegroundCloud cloud(options, real_system());
    const Interrupt interrupt([&cloud] { cloud.stop(); });
    try {
        const std::string url = cloud.wait_ready();
        if (url.empty()) return all_well;
        if (console.json()) {
            json::object result = document("emulate");
            result["url"] = url;
            result["state"] = state.string();
            console.result(result);
        } else {
            console.result(introduction(url, state));
        }
        cloud.wait();
    } catch (const Error&) {
        // Ctrl-C is how it is meant to end, and on a terminal it reaches the cloud first.
        if (!Interrupt::seen()) throw;
    }
    return all_well;
}

} // namespace pyfops::cli

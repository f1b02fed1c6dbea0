// SPDX-License-Identifier: Apache-2.0
#include "frame/application.hpp"

#include "commands.hpp"
#include "commands/all.hpp"
#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"
#include "frame/help.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/diagnostics.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace pyfops::cli {

Error unknown_command(const std::string& name) {
    std::vector<std::string> names;
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden) names.emplace_back(command.name);
    Error error(ErrorKind::invalid_input, fmt::format("there is no command '{}'", escape_control(name)));
    const std::string near = nearest(name, names);
    error.hint(near.empty() ? "'pyfops help' lists them all" : fmt::format("did you mean '{}'?", near));
    return error;
}

namespace {

bool has_word(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// pyfops.error/1 on stdout with --json, sentences on stderr always.
void report(Console& console, const Error& error, const std::vector<Finding>& findings) {
    console.screen().clear();
    if (console.json()) {
        json::object result = document("error");
        for (const auto& member : to_json(error))
            result[member.key()] = member.value();
        result["exit_code"] = exit_code(error.kind());
        result["findings"] = to_json(findings);
        console.result(result);
    }
    if (findings.empty()) {
        console.error(render(error, console.err().colour));
    } else {
        console.error(render(findings, console.err().colour));
    }
}

int run_command(const CommandInfo& command, const std::vector<std::string>& words, Console& console) {
    const Arguments arguments = parse_arguments(command, words);
    Console::Options options;
    options.json = arguments.has("json");
    options.quiet = arguments.has("quiet");
    options.verbose = options.quiet ? 0 : static_cast<int>(arguments.count("verbose"));
    options.no_color = arguments.has("no-color");
    console.configure(options);
    if (arguments.has("help")) {
        console.result(command_help(command, console.out().width));
        return all_well;
    }
    return command.run(arguments, console);
}

int run_words(const std::vector<std::string>& words, Console& console) {
    CommandLine line = split_command_line(words);
    if (line.command.empty()) {
        const auto take = [&line](std::string_view name) { return std::erase(line.words, name) > 0; };
        if (take("--version") || take("-V")) {
            line.command = "version";
        } else if (take("--help") || take("-h")) {
            line.command = "help";
        } else if (line.words.empty()) {
            console.error(short_help());
            return wrong_usage;
        } else {
            // Options alone: unknown ones are told first.
            parse_arguments(*find_command("version"), line.words);
            throw Error(ErrorKind::invalid_input, "there are options, but no command")
                .hint("'pyfops help' lists the commands");
        }
    }
    const CommandInfo* command = find_command(line.command);
    if (!command) throw unknown_command(line.command);
    return run_command(*command, line.words, console);
}

} // namespace

int run_program(const std::vector<std::string>& words) {
    Console console;
    // Wrong arguments are told in JSON too when JSON is asked for.
    console.configure({has_word(words, "--json"), false, 0, has_word(words, "--no-color")});
    try {
        try {
            return run_words(words, console);
        } catch (const InvalidInput& error) {
            report(console, error, error.findings);
            return exit_code(error.kind());
        } catch (const OutputFailed&) {
            throw;
        } catch (const Error& error) {
            const bool stopped = error.kind() == ErrorKind::cancelled && Interrupt::seen();
            report(console, stopped ? Error(ErrorKind::cancelled, "interrupted") : error, {});
            return exit_code(error.kind());
        } catch (const std::bad_alloc&) {
            report(console, Error(ErrorKind::internal, "out of memory"), {});
            return something_failed;
        } catch (...) {
            const Error error = to_error(std::current_exception());
            report(console, error, {});
            return exit_code(error.kind());
        }
    } catch (const OutputFailed& failure) {
        // Nobody reads the result: nothing to complain about, and nobody to complain to.
        if (failure.error_number != EPIPE)
            console.error(
                fmt::format("error: the result cannot be written: {}", std::strerror(failure.error_number)));
        return something_failed;
    }
}

} // namespace pyfops::cli

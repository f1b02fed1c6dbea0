// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/names.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"
#include "views/record_views.hpp"

#include <cerrno>
#include <unistd.h>

namespace pyfops::cli {

namespace {

constexpr std::size_t largest_event = 64u << 20;

std::string read_stdin() {
    std::string text;
    char piece[65536];
    while (true) {
        const ssize_t got = ::read(0, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return text;
        text.append(piece, static_cast<std::size_t>(got));
        if (text.size() > largest_event)
            throw Error(ErrorKind::invalid_input, "the event on standard input is larger than 64 MiB");
    }
}

/// The event: JSON itself, "@FILE", "-" for standard input, or nothing for {}.
json::value event_of(const std::string& operand) {
    const JsonLimits limits{largest_event, 256};
    if (operand.empty()) return json::object();
    if (operand == "-") return parse_json(read_stdin(), "the event on standard input", limits);
    if (operand.front() != '@') {
        try {
            return parse_json(operand, "the event", limits);
        } catch (Error& error) {
            throw error.hint("give JSON, @FILE, or - for standard input");
        }
    }
    const std::string file = operand.substr(1);
    return parse_json(read_file(file, largest_event), "the event in '" + escape_control(file) + "'", limits);
}

} // namespace

int run_invoke(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const std::string function = chosen_function(session, arguments.operand(0));
    const json::value event = event_of(arguments.operand(1));
    Engine& engine = session.engine(Stage::test, true);
    RunRequest request = session.request("invoke", Stage::test);
    request.selection = narrowed(arguments, function);
    const Invocation call =
        engine.run(session.pipeline(false).invoke(request, event, arguments.has("probe")));
    session.finish_progress();

    if (console.json()) {
        console.result(invoke_json(call, function));
    } else if (call.output) {
        const std::string text =
            arguments.has("compact") ? compact_json(*call.output) : pretty_json(*call.output);
        console.result(console.shown(text, true) + "\n");
    }
    if (call.error) console.error(render(*call.error, console.err().colour));
    // What was asked for is no notice: --quiet does not take it away.
    if (arguments.has("logs")) console.error(escape_control(call.log_tail, true));
    if (console.options().verbose > 0 || arguments.has("probe")) console.error(invoke_remarks(call));
    return call.error ? something_failed : all_well;
}

} // namespace pyfops::cli

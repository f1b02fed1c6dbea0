// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/names.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "views/record_views.hpp"

namespace pyfops::cli {

namespace {

/// "15m" ago, or a point in time.
SystemTime since(const std::string& text, const Clock& clock) {
    if (text.size() >= 10 && text[4] == '-')
        return from_iso8601(text.size() == 10 ? text + "T00:00:00Z" : text);
    return clock.system_now() - parse_duration(text, "option '--since'");
}

} // namespace

int run_logs(const Arguments& arguments, Console& console) {
    const int limit = static_cast<int>(arguments.number("limit", 1, 100'000, 1000));
    const SystemTime start = since(arguments.value("since", "1h"), real_clock());
    Session session(arguments, console);
    const std::string function = chosen_function(session, arguments.operand(0));
    Engine& engine = session.engine(Stage::test, true);
    RunRequest request = session.request("logs", Stage::test);
    request.selection = narrowed(arguments, function);
    const std::vector<LogLine> lines = engine.run(session.pipeline(false).logs(request, start, limit));
    session.finish_progress();

    if (console.json()) {
        console.result(logs_json(lines));
        return all_well;
    }
    std::string text;
    for (const LogLine& line : lines) {
        std::string shown = console.shown(line.text, true);
        while (!shown.empty() && shown.back() == '\n')
            shown.pop_back();
        text += to_iso8601(line.time) + " " + shown + "\n";
    }
    console.result(text);
    if (lines.empty()) console.note("no log lines since then; --since looks further back");
    return all_well;
}

} // namespace pyfops::cli

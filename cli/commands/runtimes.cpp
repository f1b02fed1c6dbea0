// SPDX-License-Identifier: Apache-2.0
#include "commands/runtimes.hpp"

#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/runtimes.hpp"
#include "pyfops/system.hpp"
#include "views/common.hpp"
#include "views/runtimes_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

std::vector<std::string> wanted_versions(const std::string& list) {
    std::vector<std::string> all;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        const std::string one = list.substr(begin, end - begin);
        if (!one.empty() && std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
        begin = end + 1;
    }
    std::vector<std::string> known;
    for (const RuntimeSuite& suite : runtime_suites())
        known.emplace_back(suite.version);
    for (const std::string& one : all)
        if (std::find(known.begin(), known.end(), one) == known.end())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("no Debian suite brings Python '{}'", escape_control(one)))
                .hint(fmt::format("choose from {}", fmt::join(known, ", ")));
    return all.empty() ? known : all;
}

} // namespace

int run_runtimes(Session& session, const std::string& versions) {
    Console& console = session.console();
    const std::vector<std::string> wanted = wanted_versions(versions);
    Engine& engine = session.engine(Stage::plan, false);
    Host& host = engine.host();
    const auto cache = real_system().cache_directory();
    std::vector<RuntimeRow> rows;
    for (const std::string& version : wanted) {
        RuntimeRow row;
        row.version = version;
        const auto known = python_runtimes(cache);
        row.made = std::none_of(known.begin(), known.end(), [&](const PythonRuntime& one) {
            return !one.root.empty() && one.version == version;
        });
        if (row.made)
            console.note(fmt::format("making Python {}: this downloads some 50 MB", escape_control(version)));
        const SteadyTime begin = host.clock.steady_now();
        StageContext context{host, {}, {}};
        try {
            row.runtime = engine.run(make_runtimes({version}, cache, context)).front();
        } catch (const Error& error) {
            // A version that cannot be made does not keep the others from it.
            if (error.kind() == ErrorKind::cancelled) throw;
            row.failure = error;
        }
        row.took = std::chrono::duration_cast<Milliseconds>(host.clock.steady_now() - begin);
        rows.push_back(std::move(row));
    }
    session.finish_progress();
    if (console.json()) {
        console.result(runtimes_json(rows));
    } else {
        console.result(runtimes_table(rows, console.out()));
        std::vector<std::pair<std::string, Error>> failures;
        for (const RuntimeRow& row : rows)
            if (row.failure) failures.emplace_back("Python " + escape_control(row.version), *row.failure);
        if (!failures.empty()) console.error(render_failures(failures, console.err().colour));
        if (std::any_of(rows.begin(), rows.end(),
                        [](const RuntimeRow& row) { return row.made && row.runtime; }))
            console.note(
                "note: a local cloud that runs already goes on without them until it is started anew");
    }
    for (const RuntimeRow& row : rows)
        if (row.failure) return exit_code(row.failure->kind());
    return all_well;
}

} // namespace pyfops::cli

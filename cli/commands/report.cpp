// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/recorded.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "views/report_view.hpp"

#include <algorithm>
#include <array>

namespace pyfops::cli {

namespace {

/// One kind of report in its three forms.
template <class Data>
struct Forms {
    std::string (*table)(const Data&, bool with_project, const StreamTraits&);
    json::object (*json)(const Data&, const std::string& source);
    std::string (*csv)(const Data&, const StreamTraits&);
    std::string_view kind; ///< what one row is called
    CountRows count;
};

template <class Data>
void show(Session& session, const Data& data, bool empty, const Forms<Data>& forms) {
    Console& console = session.console();
    const std::string source = session.database_url().str();
    if (console.json())
        console.result(forms.json(data, source));
    else if (session.arguments().has("csv"))
        console.result(forms.csv(data, console.out()));
    else if (!empty)
        console.result(forms.table(data, session.arguments().has("all-projects"), console.out()));
    else
        console.note(why_nothing(session, forms.kind, forms.count));
}

/// The deployments' own names tell their projects.
std::string afcl_text(const AfclReport& report, bool, const StreamTraits& out) {
    return afcl_table(report, out);
}

/// Runs have no identity to select by.
std::size_t count_runs(Store& store, const DeploymentFilter& filter, const Selection&) {
    return store.runs(filter).size();
}

std::size_t count_probes(Store& store, const DeploymentFilter& filter, const Selection& selection) {
    return static_cast<std::size_t>(std::ranges::count_if(
        store.probes(filter), [&](const ProbeRecord& probe) { return selection.matches(probe.identity); }));
}

constexpr Forms<std::vector<DeploymentRecord>> of_deployments{report_table, report_json, report_csv,
                                                              "deployment", count_deployments};
constexpr Forms<std::vector<RecordedRun>> of_runs{runs_table, runs_json, runs_csv, "run", count_runs};
constexpr Forms<std::vector<ProbeRecord>> of_probes{probes_table, probes_json, probes_csv, "probe",
                                                    count_probes};
constexpr Forms<AfclReport> of_afcl{afcl_text, afcl_json, afcl_csv, "deployment", count_deployments};

template <class T>
void select(const Selection& selection, std::vector<T>& rows) {
    std::erase_if(rows, [&](const T& row) { return !selection.matches(row.identity); });
}

/// What concerns any selected deployment.
void select(const Selection& selection, AfclReport& report) {
    std::erase_if(report.implementations, [&](const AfclImplementation& implementation) {
        return std::ranges::none_of(implementation.deployments, [&](const AfclDeployment& deployment) {
            return selection.matches(deployment.identity);
        });
    });
    for (AfclImplementation& implementation : report.implementations)
        select(selection, implementation.deployments);
    std::erase_if(report.differences, [&](const AverageDifference& difference) {
        return std::ranges::none_of(difference.deployments,
                                    [&](const FdIdentity& identity) { return selection.matches(identity); });
    });
}

void check_usage(const Arguments& arguments) {
    const std::array kinds{arguments.has("runs"), arguments.has("probes"), arguments.has("afcl")};
    if (std::ranges::count(kinds, true) > 1)
        throw Error(ErrorKind::invalid_input, "'pyfops report' shows one kind at a time")
            .hint("give one of --runs, --probes and --afcl");
    if (arguments.has("csv") && arguments.has("json"))
        throw Error(ErrorKind::invalid_input, "the report cannot be both JSON and CSV")
            .hint("give either --json or --csv");
    if (arguments.has("runs") && arguments.has("only"))
        throw Error(ErrorKind::invalid_input, "option '--only' selects deployments, and a run has several")
            .hint("leave out --only, or look at --probes");
}

} // namespace

int run_report(const Arguments& arguments, Console& console) {
    check_usage(arguments);
    Session session(arguments, console);
    const bool recorded = has_record(session);
    const DeploymentFilter filter = recorded_filter(session);
    if (arguments.has("runs")) {
        std::vector<RecordedRun> runs;
        if (recorded) runs = session.store().runs(filter);
        show(session, runs, runs.empty(), of_runs);
    } else if (arguments.has("probes")) {
        std::vector<ProbeRecord> probes;
        if (recorded) probes = session.store().probes(filter);
        select(session.selection(), probes);
        show(session, probes, probes.empty(), of_probes);
    } else if (arguments.has("afcl")) {
        AfclReport report;
        if (recorded) report = session.store().afcl_report(filter);
        select(session.selection(), report);
        show(session, report, report.implementations.empty() && report.differences.empty(), of_afcl);
    } else {
        std::vector<DeploymentRecord> deployments;
        if (recorded) deployments = session.store().deployments(filter);
        select(session.selection(), deployments);
        show(session, deployments, deployments.empty(), of_deployments);
    }
    return all_well;
}

} // namespace pyfops::cli

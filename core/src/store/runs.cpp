// SPDX-License-Identifier: Apache-2.0
#include "store/records.hpp"

#include "store/averages.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops::store {
namespace {

double milliseconds(Milliseconds duration) {
    return static_cast<double>(duration.count());
}

} // namespace

RunId begin_run(Session& session, const RunRecord& run) {
    if (const auto row = session.first({"id"}, "FROM pyfops_run WHERE uuid = ?", {run.uuid}))
        return row->integer(0);
    return session.insert(
        "INSERT INTO pyfops_run (uuid, project, command, realm, started, pyfops_version) VALUES (?, "
        "?, ?, ?, ?, ?)",
        {run.uuid, run.project, run.command, std::string(to_string(run.realm)), to_iso8601(run.started),
         run.pyfops_version});
}

void finish_run(Session& session, RunId run, SystemTime finished, bool succeeded,
                const std::string& summary) {
    session.execute("UPDATE pyfops_run SET finished = ?, succeeded = ?, summary = ? WHERE id = ?",
                    {to_iso8601(finished), static_cast<long long>(succeeded), summary, run});
}

void record_stage(Session& session, RunId run, const StageRecord& stage) {
    const std::string identity = stage.identity.id();
    const std::string name(to_string(stage.stage));
    const std::string started = to_iso8601(stage.started);
    if (session.first({"id"},
                      "FROM pyfops_stage WHERE run_id = ? AND identity = ? AND stage = ? AND started = ?",
                      {run, identity, name, started}))
        return;
    session.execute(
        "INSERT INTO pyfops_stage (run_id, identity, subject, stage, started, duration_ms, succeeded, "
        "outcome, error_kind, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {run, identity, stage.identity.str(), name, started, milliseconds(stage.duration),
         static_cast<long long>(stage.succeeded), stage.outcome, stage.error_kind, stage.message});
    // What never came to be is not "in progress"; what was deployed before stays so.
    if (stage.stage == Stage::deploy && !stage.succeeded)
        session.execute("UPDATE pyfops_fd SET state = 'failed' WHERE identity = ? AND state = 'intent'",
                        {identity});
}

void record_test(Session& session, RunId run, const TestRecord& test) {
    const std::string identity = test.identity.id();
    const std::string at = to_iso8601(test.at);
    const long long repetition = test.repetition;
    const long long ordinal = test.ordinal;
    if (session.first({"id"},
                      "FROM pyfops_test_result WHERE run_id = ? AND identity = ? AND test = ? AND repetition "
                      "= ? AND ordinal = ? AND at = ?",
                      {run, identity, test.test, repetition, ordinal, at}))
        return;
    const auto fd = session.first({"fd_id"}, "FROM pyfops_fd WHERE identity = ?", {identity});
    const CountedRows counted = fd ? count_call(session, test, fd->integer(0)) : CountedRows{};
    session.execute(
        "INSERT INTO pyfops_test_result (run_id, identity, fd_id, test, repetition, ordinal, passed, reason, "
        "input, output, round_trip_ms, duration_ms, billed_ms, cost_usd, weight, memory_used_mb, cold, "
        "memory_mb, ran_on, at, counted_fd, counted_fi, counted_ft) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {run,
         identity,
         fd ? Value(fd->integer(0)) : Value(nullptr),
         test.test,
         repetition,
         ordinal,
         static_cast<long long>(test.passed),
         test.reason,
         json::serialize(test.input),
         json::serialize(test.output),
         milliseconds(test.round_trip),
         or_null(test.duration_ms),
         or_null(test.billed_ms),
         or_null(test.cost_usd),
         test.weight,
         or_null(test.memory_used_mb),
         or_null(test.cold),
         static_cast<long long>(test.memory_mb),
         test.ran_on,
         at,
         or_null(counted.deployment),
         or_null(counted.implementation),
         or_null(counted.type)});
}

} // namespace pyfops::store

// SPDX-License-Identifier: Apache-2.0
#include "store/records.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops::store {
namespace {

Value or_null(const std::optional<int>& value) {
    return value ? Value(static_cast<long long>(*value)) : Value(nullptr);
}

Value or_null(const std::optional<double>& value) {
    return value ? Value(*value) : Value(nullptr);
}

Value or_null(const std::optional<bool>& value) {
    return value ? Value(static_cast<long long>(*value)) : Value(nullptr);
}

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
    if (session.first(
            {"id"},
            "FROM pyfops_test_result WHERE run_id = ? AND identity = ? AND test = ? AND repetition = ? AND "
            "at = ?",
            {run, identity, test.test, static_cast<long long>(test.repetition), at}))
        return;
    const auto fd = session.first({"fd_id"}, "FROM pyfops_fd WHERE identity = ?", {identity});
    session.execute(
        "INSERT INTO pyfops_test_result (run_id, identity, fd_id, test, repetition, passed, reason, input, "
        "output, round_trip_ms, duration_ms, memory_used_mb, cold, memory_mb, ran_on, at) VALUES (?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {run, identity, fd ? Value(fd->integer(0)) : Value(nullptr), test.test,
         static_cast<long long>(test.repetition), static_cast<long long>(test.passed), test.reason,
         json::serialize(test.input), json::serialize(test.output), milliseconds(test.round_trip),
         or_null(test.duration_ms), or_null(test.memory_used_mb), or_null(test.cold),
         static_cast<long long>(test.memory_mb), test.ran_on, at});
}

} // namespace pyfops::store

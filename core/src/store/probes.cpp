// SPDX-License-Identifier: Apache-2.0
// The trail of the search for the minimum memory.
#include "store/records.hpp"

namespace pyfops::store {

void record_probe(Session& session, RunId run, const ProbeRecord& probe) {
    const FdIdentity& fd = probe.identity;
    const long long ordinal = probe.ordinal;
    if (session.first({"id"}, "FROM pyfops_probe WHERE run_id = ? AND identity = ? AND ordinal = ?",
                      {run, fd.id(), ordinal}))
        return;
    session.execute(
        "INSERT INTO pyfops_probe (run_id, identity, project, function_name, provider, region, realm, slot, "
        "ordinal, memory_mb, verdict, reason, peak_mb, duration_ms, cost_usd, calls, doubtful, at) VALUES "
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {run, fd.id(), fd.project, fd.function, fd.provider, fd.region, std::string(to_string(fd.realm)),
         fd.slot, ordinal, static_cast<long long>(probe.memory_mb), probe.verdict, probe.reason,
         or_null(probe.peak_mb), or_null(probe.duration_ms), or_null(probe.cost_usd),
         static_cast<long long>(probe.calls), static_cast<long long>(probe.doubtful), to_iso8601(probe.at)});
}

std::vector<ProbeRecord> probes(Session& session, const DeploymentFilter& filter) {
    Values values;
    const std::string conditions = "FROM pyfops_probe p WHERE " + project_and_realm("p", filter, values);
    std::vector<ProbeRecord> all;
    for (const Row& row : session.select(
             {"p.project", "p.function_name", "p.provider", "p.region", "p.realm", "p.slot", "p.ordinal",
              "p.memory_mb", "p.verdict", "p.reason", "p.peak_mb", "p.duration_ms", "p.cost_usd", "p.calls",
              "p.doubtful", "p.at"},
             conditions + " ORDER BY p.project, p.function_name, p.provider, p.region, p.realm, p.slot, "
                          "p.run_id, p.ordinal",
             values)) {
        ProbeRecord& probe = all.emplace_back();
        probe.identity = identity_of(row, 0);
        probe.ordinal = static_cast<int>(row.integer(6));
        probe.memory_mb = static_cast<int>(row.integer(7));
        probe.verdict = row.text(8);
        probe.reason = row.text(9);
        probe.peak_mb = row.optional_number(10);
        probe.duration_ms = row.optional_number(11);
        probe.cost_usd = row.optional_number(12);
        probe.calls = static_cast<int>(row.integer(13));
        probe.doubtful = row.integer(14) != 0;
        probe.at = from_iso8601(row.text(15));
    }
    return all;
}

} // namespace pyfops::store

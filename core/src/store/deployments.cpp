// SPDX-License-Identifier: Apache-2.0
#include "store/catalogue.hpp"
#include "store/records.hpp"

#include "store/text.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <chrono>

namespace pyfops::store {
namespace {

double milliseconds(Milliseconds duration) {
    return static_cast<double>(duration.count());
}

long long row_of(Session& session, const FdIdentity& identity) {
    if (const auto row = session.first({"p.fd_id"},
                                       "FROM pyfops_fd p JOIN functiondeployment f ON f.id = p.fd_id WHERE "
                                       "p.identity = ?",
                                       {identity.id()}))
        return row->integer(0);
    throw Error(ErrorKind::not_found,
                fmt::format("the database does not know the deployment {}", identity.str()))
        .hint("deploy it again with this database");
}

Error link_taken(const DatabaseUrl& url, const std::string& link, const std::string& owner, long long row) {
    return Error(ErrorKind::conflict,
                 fmt::format("{}: the link {} is already that of the function deployment '{}' "
                             "(row {})",
                             url.str(), link, owner, row))
        .hint("remove that row if the deployment is gone, or rename the function");
}

/// The AFCL tables do not keep links unique, and their readers fail at a second one.
void take_link(Session& session, const DatabaseUrl& url, const std::string& link, long long row) {
    if (!fits_afcl(link))
        throw Error(
            ErrorKind::conflict,
            fmt::format("{}: the link {} is longer than the 255 characters of KMS_Arn", url.str(), link))
            .hint("shorten the name of project or function");
    session.execute(
        "DELETE FROM pyfops_link WHERE link = ? AND fd_id NOT IN (SELECT id FROM functiondeployment)",
        {link});
    if (const auto other =
            session.first({"f.name", "l.fd_id"},
                          "FROM pyfops_link l JOIN functiondeployment f ON f.id = l.fd_id WHERE l.link "
                          "= ? AND l.fd_id <> ?",
                          {link, row}))
        throw link_taken(url, link, other->text(0), other->integer(1));
    if (const auto other = session.first(
            {"name", "id"}, "FROM functiondeployment WHERE KMS_Arn = ? AND id <> ?", {link, row}))
        throw link_taken(url, link, other->text(0), other->integer(1));
    session.execute("DELETE FROM pyfops_link WHERE fd_id = ?", {row});
    session.execute("INSERT INTO pyfops_link (link, fd_id) VALUES (?, ?)", {link, row});
}

/// Remembers the deployment; a second outcome of the same run (after tuning) keeps its times.
void write_deployment(Session& session, RunId run, long long row, const OutcomeRecord& outcome) {
    const long long package = static_cast<long long>(outcome.package_bytes);
    const long long unzipped = static_cast<long long>(outcome.unzipped_bytes);
    if (session.first({"fd_id"}, "FROM pyfops_deployment WHERE run_id = ? AND fd_id = ?", {run, row})) {
        session.execute(
            "UPDATE pyfops_deployment SET memory_mb = ?, timeout_seconds = ?, content_hash = ? WHERE run_id "
            "= ? AND fd_id = ?",
            {static_cast<long long>(outcome.memory_mb), static_cast<long long>(outcome.timeout_seconds),
             outcome.content_hash, run, row});
        return;
    }
    session.execute(
        "INSERT INTO pyfops_deployment (run_id, fd_id, action, upload_ms, activation_ms, total_ms, "
        "package_bytes, unzipped_bytes, memory_mb, timeout_seconds, content_hash) VALUES (?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?)",
        {run, row, std::string(to_string(outcome.action)), milliseconds(outcome.times.upload),
         milliseconds(outcome.times.activation), milliseconds(outcome.times.total), package, unzipped,
         static_cast<long long>(outcome.memory_mb), static_cast<long long>(outcome.timeout_seconds),
         outcome.content_hash});
}

DeploymentRecord record_of(const Row& row) {
    DeploymentRecord record;
    record.row = row.integer(0);
    record.identity = identity_of(row, 1);
    record.state = row.text(7);
    record.cloud_name = row.text(8);
    record.content_hash = row.text(9);
    record.package_bytes = static_cast<std::size_t>(row.integer(10));
    record.deployment_time = Milliseconds(static_cast<long long>(row.number(11)));
    record.updated = row.text(12);
    record.name = row.text(13);
    record.link = row.text(14);
    record.deployed = row.integer(15) != 0;
    record.memory_mb = static_cast<int>(row.integer(16));
    record.timeout_seconds = static_cast<int>(row.integer(17));
    if (!row.null(18)) record.minimum_memory_mb = static_cast<int>(row.integer(18));
    record.averages = {row.optional_number(19), row.optional_number(20), row.optional_number(21),
                       row.optional_number(22), row.integer(23)};
    return record;
}

} // namespace

FdIdentity identity_of(const Row& row, std::size_t first) {
    return {row.text(first),     row.text(first + 1),           row.text(first + 2),
            row.text(first + 3), realm_of(row.text(first + 4)), row.text(first + 5)};
}

std::string project_and_realm(const std::string& table, const DeploymentFilter& filter, Values& values) {
    std::string conditions = "1 = 1";
    if (filter.project) {
        conditions += " AND " + table + ".project = ?";
        values.emplace_back(*filter.project);
    }
    if (filter.realm) {
        conditions += " AND " + table + ".realm = ?";
        values.emplace_back(std::string(to_string(*filter.realm)));
    }
    return conditions;
}

RecordedIntent record_intent(Session& session, const IntentRecord& intent) {
    RecordedIntent recorded;
    const long long provider = provider_row(session, intent.provider_afcl_name);
    const long long region = region_row(session, intent, provider);
    const Value language = language_row(session, intent);
    const long long type = type_row(session, intent, recorded);
    const long long implementation = implementation_row(session, intent, type, provider, language, recorded);
    recorded.row = deployment_row(session, intent, implementation, region, recorded);
    write_environment(session, intent, recorded.row, recorded);
    return recorded;
}

void record_outcome(Session& session, const DatabaseUrl& url, RunId run, const OutcomeRecord& outcome) {
    const long long row = row_of(session, outcome.identity);
    take_link(session, url, outcome.link, row);
    write_deployment(session, run, row, outcome);
    // What was found for other content says nothing of this one.
    const bool same = session.first({"content_hash"}, "FROM pyfops_fd WHERE fd_id = ?", {row})->text(0) ==
                      outcome.content_hash;
    const long long keeps_minimum = same && !outcome.searched && !outcome.minimum_memory_mb;
    // Derived from the rows and not carried forward: a repeated outcome cannot count twice.
    session.execute(
        "UPDATE functiondeployment SET KMS_Arn = ?, isDeployed = 1, memorySize = ?, timeout = ?, "
        "minMemorySize = CASE WHEN ? = 1 THEN minMemorySize ELSE ? END, avgDeploymentTime = COALESCE((SELECT "
        "AVG(d.total_ms) "
        "FROM pyfops_deployment d WHERE d.fd_id = ? AND d.action <> 'unchanged'), avgDeploymentTime) "
        "WHERE id = ?",
        {outcome.link, static_cast<long long>(outcome.memory_mb),
         static_cast<long long>(outcome.timeout_seconds), keeps_minimum, or_null(outcome.minimum_memory_mb),
         row, row});
    const auto updated = to_iso8601(std::chrono::system_clock::now());
    session.execute("UPDATE pyfops_fd SET state = 'deployed', content_hash = ?, updated = ? WHERE fd_id = ?",
                    {outcome.content_hash, updated, row});
    if (outcome.action != DeployAction::unchanged)
        session.execute("UPDATE pyfops_fd SET deployment_ms = ? WHERE fd_id = ?",
                        {milliseconds(outcome.times.total), row});
    if (outcome.package_bytes == 0) return;
    const long long bytes = static_cast<long long>(outcome.package_bytes);
    session.execute("UPDATE pyfops_fd SET package_bytes = ? WHERE fd_id = ?", {bytes, row});
    session.execute(
        "UPDATE functionimplementation SET packageSize = ? WHERE id = (SELECT functionImplementation_id "
        "FROM functiondeployment WHERE id = ?)",
        {bytes, row});
}

void record_destroyed(Session& session, const FdIdentity& identity, SystemTime at) {
    const auto known = session.first({"fd_id"}, "FROM pyfops_fd WHERE identity = ?", {identity.id()});
    if (!known) return; // found by its mark in the cloud alone
    const long long row = known->integer(0);
    session.execute("UPDATE functiondeployment SET isDeployed = 0 WHERE id = ?", {row});
    session.execute("UPDATE pyfops_fd SET state = 'destroyed', updated = ? WHERE fd_id = ?",
                    {to_iso8601(at), row});
}

std::vector<DeploymentRecord> deployments(Session& session, const DeploymentFilter& filter) {
    Values values;
    std::string conditions = "FROM pyfops_fd p JOIN functiondeployment f ON f.id = p.fd_id WHERE " +
                             project_and_realm("p", filter, values);
    if (!filter.with_destroyed) conditions += " AND p.state <> 'destroyed'";
    conditions += " ORDER BY p.project, p.function_name, p.provider, p.region, p.realm, p.slot";
    std::vector<DeploymentRecord> all;
    for (const Row& row : session.select(
             {"p.fd_id",          "p.project",       "p.function_name", "p.provider",      "p.region",
              "p.realm",          "p.slot",          "p.state",         "p.cloud_name",    "p.content_hash",
              "p.package_bytes",  "p.deployment_ms", "p.updated",       "f.name",          "f.KMS_Arn",
              "f.isDeployed + 0", "f.memorySize",    "f.timeout",       "f.minMemorySize", "f.avgRTT",
              "f.avgRuntime",     "f.avgCost",       "f.successRate",   "f.invocations"},
             conditions, values))
        all.push_back(record_of(row));
    return all;
}

} // namespace pyfops::store

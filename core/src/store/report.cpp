// SPDX-License-Identifier: Apache-2.0
#include "store/report.hpp"

#include "store/records.hpp"
#include "store/text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace pyfops::store {
namespace {

constexpr double tolerance = 1e-9;

using Column = AverageDifference::Column;

std::optional<double> ratio(double sum, double weight) {
    return weight > 0 ? std::optional(sum / weight) : std::nullopt;
}

/// What our calls give for each row that `column` names.
std::map<long long, AverageRecord> ours(Session& session, const std::string& column) {
    std::map<long long, AverageRecord> all;
    for (const Row& row : session.select(
             {column, "COUNT(*)", "SUM(weight)", "SUM(weight * round_trip_ms)",
              "SUM(CASE WHEN duration_ms IS NULL THEN 0 ELSE weight END)",
              "SUM(CASE WHEN duration_ms IS NULL THEN 0 ELSE weight * duration_ms END)",
              "SUM(CASE WHEN cost_usd IS NULL THEN 0 ELSE weight END)",
              "SUM(CASE WHEN cost_usd IS NULL THEN 0 ELSE weight * cost_usd END)", "SUM(weight * passed)"},
             "FROM pyfops_test_result WHERE " + column + " IS NOT NULL GROUP BY " + column))
        all[row.integer(0)] = {ratio(row.number(3), row.number(2)), ratio(row.number(5), row.number(4)),
                               ratio(row.number(7), row.number(6)), ratio(row.number(8), row.number(2)),
                               row.integer(1)};
    return all;
}

/// avgRTT, avgCost, successRate and invocations in four columns from `first` on.
AverageRecord averages_at(const Row& row, std::size_t first) {
    return {row.optional_number(first), std::nullopt, row.optional_number(first + 1),
            row.optional_number(first + 2), row.integer(first + 3)};
}

bool differ(const std::optional<double>& stands, const std::optional<double>& expected) {
    if (!stands || !expected) return stands.has_value() != expected.has_value();
    return std::abs(*stands - *expected) > tolerance * std::max(std::abs(*stands), std::abs(*expected));
}

std::vector<Column> differing(const AverageRecord& stands, const AverageRecord& expected, bool runtime) {
    const auto count = [](std::int64_t value) { return std::optional(static_cast<double>(value)); };
    std::vector<Column> columns{{"avgRTT", stands.rtt_ms, expected.rtt_ms}};
    if (runtime) columns.push_back({"avgRuntime", stands.runtime_ms, expected.runtime_ms});
    columns.push_back({"avgCost", stands.cost_usd, expected.cost_usd});
    columns.push_back({"successRate", stands.success_rate, expected.success_rate});
    columns.push_back({"invocations", count(stands.invocations), count(expected.invocations)});
    std::erase_if(columns, [](const Column& column) { return !differ(column.stands, column.ours); });
    return columns;
}

/// A row of AFCL that one or more of the deployments count in.
struct Counted {
    std::string name;
    AverageRecord stands;
    std::vector<FdIdentity> deployments;
};
using CountedRows = std::map<long long, Counted>;

void add_differences(AfclReport& report, const std::string& table, const CountedRows& rows,
                     const std::map<long long, AverageRecord>& expected) {
    for (const auto& [id, counted] : rows) {
        const auto found = expected.find(id);
        auto columns = differing(counted.stands, found == expected.end() ? AverageRecord{} : found->second,
                                 table == "functiondeployment");
        if (!columns.empty())
            report.differences.push_back({table, id, counted.name, std::move(columns), counted.deployments});
    }
}

/// The realm whose calls count in a function type; only the real one may go on from numbers of others.
std::map<long long, Realm> realms_of_types(Session& session) {
    std::map<long long, Realm> realms;
    for (const Row& row : session.select({"row_id", "realm"}, "FROM pyfops_average WHERE kind = 'ft'"))
        realms[row.integer(0)] = realm_of(row.text(1));
    return realms;
}

AfclDeployment deployment_at(const Row& row) {
    AfclDeployment deployment;
    deployment.identity = identity_of(row, 0);
    deployment.row = row.integer(6);
    deployment.name = row.text(7);
    deployment.deployment_ms = row.optional_number(8);
    if (row.integer(9) > 0) deployment.package_bytes = row.integer(9);
    deployment.link = row.text(10);
    if (!row.null(11)) deployment.minimum_memory_mb = static_cast<int>(row.integer(11));
    return deployment;
}

void summarize(AfclImplementation& implementation) {
    double sum = 0;
    std::size_t known = 0;
    for (const AfclDeployment& deployment : implementation.deployments) {
        if (deployment.deployment_ms) {
            sum += *deployment.deployment_ms;
            ++known;
        }
        if (!deployment.link.empty()) implementation.links.push_back(deployment.link);
        if (deployment.minimum_memory_mb)
            implementation.minimum_memory_mb =
                std::max(implementation.minimum_memory_mb.value_or(0), *deployment.minimum_memory_mb);
    }
    if (known > 0) implementation.deployment_ms = sum / static_cast<double>(known);
}

} // namespace

std::vector<RecordedRun> runs(Session& session, const DeploymentFilter& filter) {
    Values values;
    const std::string conditions = project_and_realm("r", filter, values);
    std::vector<RecordedRun> all;
    for (const Row& row : session.select(
             {"r.uuid", "r.project", "r.command", "r.realm", "r.started", "r.finished", "r.succeeded",
              "r.summary", "r.pyfops_version",
              "(SELECT COUNT(DISTINCT s.identity) FROM pyfops_stage s WHERE s.run_id = r.id)",
              "(SELECT COUNT(*) FROM pyfops_test_result t WHERE t.run_id = r.id)",
              "(SELECT COUNT(*) FROM pyfops_test_result t WHERE t.run_id = r.id AND t.passed <> 0)",
              "(SELECT COUNT(*) FROM pyfops_probe b WHERE b.run_id = r.id)"},
             "FROM pyfops_run r WHERE " + conditions + " ORDER BY r.started, r.id", values)) {
        RecordedRun& run = all.emplace_back();
        run.uuid = row.text(0);
        run.project = row.text(1);
        run.command = row.text(2);
        run.realm = realm_of(row.text(3));
        run.started = row.text(4);
        run.finished = row.text(5);
        if (!row.null(6)) run.succeeded = row.integer(6) != 0;
        run.summary = row.text(7);
        run.pyfops_version = row.text(8);
        run.deployments = static_cast<std::size_t>(row.integer(9));
        run.tests = static_cast<std::size_t>(row.integer(10));
        run.passed = static_cast<std::size_t>(row.integer(11));
        run.probes = static_cast<std::size_t>(row.integer(12));
    }
    return all;
}

AfclReport afcl_report(Session& session, const DeploymentFilter& filter) {
    Values values;
    std::string conditions = "FROM pyfops_fd p JOIN functiondeployment f ON f.id = p.fd_id LEFT JOIN "
                             "functionimplementation i ON i.id = f.functionImplementation_id LEFT JOIN "
                             "functiontype t ON t.id = i.functionType_id WHERE " +
                             project_and_realm("p", filter, values);
    if (!filter.with_destroyed) conditions += " AND p.state <> 'destroyed'";
    conditions += " ORDER BY p.project, p.function_name, p.provider, p.realm, p.region, p.slot";
    const auto realms = realms_of_types(session);
    AfclReport report;
    CountedRows deployments, implementations, types;
    for (const Row& row : session.select({"p.project",
                                          "p.function_name",
                                          "p.provider",
                                          "p.region",
                                          "p.realm",
                                          "p.slot",
                                          "f.id",
                                          "f.name",
                                          "f.avgDeploymentTime",
                                          "p.package_bytes",
                                          "f.KMS_Arn",
                                          "f.minMemorySize",
                                          "f.avgRTT",
                                          "f.avgCost",
                                          "f.successRate",
                                          "f.invocations",
                                          "f.avgRuntime",
                                          "i.id",
                                          "i.name",
                                          "i.packageSize",
                                          "i.avgRTT",
                                          "i.avgCost",
                                          "i.successRate",
                                          "i.invocations",
                                          "t.id",
                                          "t.name",
                                          "t.avgRTT",
                                          "t.avgCost",
                                          "t.successRate",
                                          "t.invocations"},
                                         conditions, values)) {
        AfclDeployment deployment = deployment_at(row);
        const FdIdentity identity = deployment.identity;
        Counted& own = deployments[deployment.row];
        own = {deployment.name, averages_at(row, 12), {identity}};
        own.stands.runtime_ms = row.optional_number(16);

        if (row.null(17)) continue; // another program took the implementation away
        const long long fi = row.integer(17);
        if (report.implementations.empty() || report.implementations.back().row != fi) {
            AfclImplementation& next = report.implementations.emplace_back();
            next.row = fi;
            next.name = row.text(18);
            next.project = identity.project;
            next.function = identity.function;
            next.provider = identity.provider;
            next.realm = identity.realm;
            if (!row.null(19)) next.package_bytes = row.integer(19);
        }
        report.implementations.back().deployments.push_back(std::move(deployment));
        Counted& implementation = implementations[fi];
        implementation.name = row.text(18);
        implementation.stands = averages_at(row, 20);
        implementation.deployments.push_back(identity);

        if (row.null(24)) continue;
        const auto realm = realms.find(row.integer(24));
        if (identity.realm != (realm == realms.end() ? Realm::real : realm->second)) continue;
        Counted& type = types[row.integer(24)];
        type.name = row.text(25);
        type.stands = averages_at(row, 26);
        type.deployments.push_back(identity);
    }
    for (AfclImplementation& implementation : report.implementations)
        summarize(implementation);
    add_differences(report, "functiondeployment", deployments, ours(session, "counted_fd"));
    add_differences(report, "functionimplementation", implementations, ours(session, "counted_fi"));
    add_differences(report, "functiontype", types, ours(session, "counted_ft"));
    return report;
}

} // namespace pyfops::store

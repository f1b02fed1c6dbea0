// SPDX-License-Identifier: Apache-2.0
// The rows of functiondeployment that wait to be deployed.
#include "store/demand.hpp"

#include "store/records.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

namespace pyfops::store {
namespace {

using LinkSharers = std::map<long long, std::vector<std::string>>;

/// For each row whose link others have as well: who they are.
LinkSharers link_sharers(Session& session) {
    LinkSharers sharers;
    for (const Row& link :
         session.select({"KMS_Arn"}, "FROM functiondeployment WHERE KMS_Arn <> '' GROUP BY KMS_Arn HAVING "
                                     "COUNT(*) > 1 ORDER BY KMS_Arn")) {
        const Rows rows = session.select(
            {"id", "name"}, "FROM functiondeployment WHERE KMS_Arn = ? ORDER BY id", {link.text(0)});
        for (const Row& row : rows)
            for (const Row& other : rows)
                if (other.integer(0) != row.integer(0))
                    sharers[row.integer(0)].push_back(
                        fmt::format("{} ({})", other.text(1), other.integer(0)));
    }
    return sharers;
}

using Environments = std::map<long long, std::map<std::string, std::string>>;

Environments environments(Session& session) {
    Environments all;
    for (const Row& row :
         session.select({"FunctionDeployment_id", "environmentVariables_KEY", "environmentVariables"},
                        "FROM functiondeployment_environmentvariables"))
        all[row.integer(0)][row.text(1)] = row.text(2);
    return all;
}

} // namespace

void require_afcl(Session& session, const DatabaseUrl& url) {
    if (session.has_table("functiondeployment")) return;
    throw Error(ErrorKind::storage,
                fmt::format("{} is no AFCL metadata database: it has no table functiondeployment", url.str()))
        .hint("name the one that lists your deployments with --database, or make one with 'pyfops db "
              "migrate'");
}

std::vector<DemandRow> demand(Session& session, const DemandFilter& filter) {
    const std::string realm(to_string(filter.realm));
    // What another project or realm has taken is none of ours.
    const std::string waiting =
        filter.redeploy ? "" : "AND f.isDeployed + 0 = 0 AND (p.state IS NULL OR p.state <> 'destroyed') ";
    const Rows rows = session.select(
        {"f.id",
         "f.name",
         "f.KMS_Arn",
         "f.handlerName",
         "COALESCE(f.input, p.first_input)",
         "f.memorySize",
         "f.timeout",
         "i.name",
         "i.implementationFilePath",
         "v.name",
         "l.name",
         "t.name",
         "t.type",
         "r.region",
         "COALESCE(rv.name, r.provider)",
         "q.function_name",
         "p.identity",
         "p.project",
         "p.function_name",
         "p.provider",
         "p.region",
         "p.realm",
         "p.slot"},
        "FROM functiondeployment f "
        "LEFT JOIN functionimplementation i ON i.id = f.functionImplementation_id "
        "LEFT JOIN functiontype t ON t.id = i.functionType_id "
        "LEFT JOIN provider v ON v.id = i.provider LEFT JOIN language l ON l.id = i.language_id "
        "LEFT JOIN region r ON r.id = f.regionID LEFT JOIN provider rv ON rv.id = r.providerID "
        "LEFT JOIN pyfops_fd p ON p.fd_id = f.id LEFT JOIN pyfops_fi q ON q.fi_id = i.id "
        "WHERE (p.fd_id IS NULL OR (p.project = ? AND p.realm = ?)) "
        "AND (q.fi_id IS NULL OR (q.project = ? AND q.realm = ?)) " +
            waiting + "ORDER BY f.id",
        {filter.project, realm, filter.project, realm});
    LinkSharers sharers = link_sharers(session);
    Environments environment = environments(session);
    std::vector<DemandRow> result;
    for (const Row& row : rows) {
        DemandRow demand;
        demand.row = row.integer(0);
        demand.name = row.text(1);
        demand.link = row.text(2);
        demand.link_sharers = std::move(sharers[demand.row]);
        demand.handler = row.text(3);
        demand.input = row.text(4);
        demand.memory_mb = row.integer(5);
        demand.timeout_seconds = row.integer(6);
        demand.environment = std::move(environment[demand.row]);
        demand.implementation = row.text(7);
        demand.implementation_path = row.text(8);
        demand.implementation_provider = row.text(9);
        demand.language = row.text(10);
        demand.type_name = row.text(11);
        demand.type = row.text(12);
        demand.region = row.text(13);
        demand.region_provider = row.text(14);
        demand.function = row.text(15);
        if (!row.null(16)) demand.identity = identity_of(row, 17);
        result.push_back(std::move(demand));
    }
    return result;
}

} // namespace pyfops::store

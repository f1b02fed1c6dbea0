// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/target.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// One command, as it was recorded.
struct RecordedRun {
    std::string uuid;
    std::string project;
    std::string command;
    Realm realm = Realm::real;
    std::string started;           ///< ISO time
    std::string finished;          ///< ISO time; "" when the end was not recorded
    std::optional<bool> succeeded; ///< none: the end was not recorded
    std::string summary;
    std::string pyfops_version;
    std::size_t deployments = 0; ///< how many it concerned
    std::size_t tests = 0, passed = 0;
    std::size_t probes = 0;
};

/// A function deployment by the four values that AFCL is given for it.
struct AfclDeployment {
    std::int64_t row = 0; ///< functiondeployment.id
    std::string name;     ///< functiondeployment.name
    FdIdentity identity;
    std::optional<double> deployment_ms; ///< mean over the deployments that changed something
    std::optional<std::int64_t> package_bytes;
    std::string link; ///< "" before the first outcome
    std::optional<int> minimum_memory_mb;
};

/// A function implementation by the same values, over its deployments.
struct AfclImplementation {
    std::int64_t row = 0; ///< functionimplementation.id
    std::string name;     ///< functionimplementation.name
    std::string project, function, provider;
    Realm realm = Realm::real;
    std::optional<double> deployment_ms;       ///< mean over its deployments
    std::optional<std::int64_t> package_bytes; ///< functionimplementation.packageSize
    std::vector<std::string> links;
    std::optional<int> minimum_memory_mb; ///< the largest of its deployments: suffices for all
    std::vector<AfclDeployment> deployments;
};

/// A row of AFCL whose averages are not those of our calls: somebody else wrote it.
struct AverageDifference {
    struct Column {
        std::string name;             ///< "avgRTT"
        std::optional<double> stands; ///< none: NULL
        std::optional<double> ours;   ///< by pyfops_test_result; none: no call of which it is known
    };
    std::string table; ///< "functiondeployment", "functionimplementation", "functiontype"
    std::int64_t row = 0;
    std::string name;
    std::vector<Column> columns;         ///< those that differ by more than 1e-9 of the larger one
    std::vector<FdIdentity> deployments; ///< whose calls count there
};

struct AfclReport {
    std::vector<AfclImplementation> implementations; ///< by project, function, provider, realm
    std::vector<AverageDifference> differences;
};

} // namespace pyfops

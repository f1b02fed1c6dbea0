// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench.hpp"
#include "expect.hpp"
#include "pyfops/conformance/suite.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pyfops::conformance {

/// Where one check works: a project of its own in the cloud of the run.
class Site {
  public:
    Site(const Quirks& its_quirks, Cloud& its_cloud);

    const Quirks& quirks;
    Cloud& cloud;
    const std::string project;

    /// A fresh provider: as the next command has it.
    Bench& bench();
    Bench& bench_without_credentials();
    /// A fresh provider of another project.
    Bench& stranger();
    /// Not among the checks that the quirks say do not apply.
    bool applies(const std::string& check) const { return !quirks.not_applicable.contains(check); }
    /// Rules for the fault plan: a refusal of each of the operations, `times` times (0: always).
    json::array refusals(const std::vector<std::string>& operations, const Refusal& refusal, int times,
                         int retry_after = -1) const;

    /// Documents of the cloud that were not there before, and are not of another check's project.
    std::vector<std::string> left_behind(const std::set<std::string>& before) const;

  private:
    Bench& add(std::unique_ptr<Bench> one);
    std::vector<std::unique_ptr<Bench>> benches_;
};

/// Everything of the project is gone, for a check that wants to begin anew.
void clear(Site& site);

} // namespace pyfops::conformance

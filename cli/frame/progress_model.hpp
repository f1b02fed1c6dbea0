// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/observer.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pyfops::cli {

/// "thumbnail aws/eu-central-1 [256]"; "" for a project-wide step.
std::string name_of(const Subject& subject);

/// What is going on, kept from events; pure, so that a test sees every picture.
class ProgressModel {
  public:
    /// A deployment is through when `last` is finished, or when a stage failed.
    explicit ProgressModel(Stage last) : last_(last) {}
    void take(const Event& event, SteadyTime now);
    /// The region: what runs (the longest first), then a bar with the total. At most `height` lines, none
    /// wider than `width`.
    std::vector<std::string> lines(std::size_t width, std::size_t height, SteadyTime now, bool colour) const;

  private:
    struct Step {
        std::string title;
        Stage stage = Stage::plan;
        std::string what;
        std::size_t done = 0, total = 0;
        SteadyTime started{};
    };
    Stage last_;
    std::map<std::string, Step> running_; ///< by subject
    std::set<std::string> through_, failed_;
    std::size_t deployments_ = 0;
    std::optional<SteadyTime> started_;
};

/// An event as one line of a log; "" when it is not worth one at this verbosity. A reason is cut to `longest`
/// columns; 0: it is not.
std::string plain_line(const Event& event, int verbose, std::size_t longest = 0);

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/task.hpp"
#include "pyfops/tuning.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// One go through every predefined input at one size.
struct Round {
    Probe::Verdict verdict = Probe::Verdict::passed; ///< not refused
    bool certain = false;                            ///< too small without doubt: memory ran out
    std::string reason;
    std::optional<double> peak_mb;
    std::optional<double> duration_ms;
    int calls = 0;
    std::optional<Error> failure; ///< of unknown
};

/// What is done to the deployment that is tuned. Errors that stop the tuning are thrown.
class TuneBench {
  public:
    virtual ~TuneBench() = default;
    /// Deploys at that size and reads it back. Comes back with the cloud's words when it does not give it.
    virtual Task<std::optional<std::string>> resize(int memory_mb) = 0;
    virtual Task<Round> round() = 0;
    /// USD of a call of that duration; nullopt: not known.
    virtual std::optional<double> price(int memory_mb, double duration_ms) const = 0;
};

/// The sizes among which the minimum is searched: the provider's list, or its tuning steps, and the size that
/// is deployed now: an API or a plan of its own may have others than the list.
std::vector<int> tuning_grid(const MemoryRule& rule, int deployed_mb);

/// Finds the smallest size at which a function passes and, where asked, the best one for an objective.
class Tuner {
  public:
    /// Everything referred to must outlive the tuner. What was found so far stands in `report` also when the
    /// search ends by an exception.
    Tuner(TuneBench& bench, const MemoryRule& rule, int deployed_mb, TuneSettings settings,
          TuneReport& report, std::function<void(const Probe&)> on_probe);

    /// Errors: function_failed when the function does not pass at the largest size; limit_exceeded when the
    /// cloud gives no size; the platform's failure when it gave no verdict at the first one.
    Task<void> search();

  private:
    Task<void> find_minimum();
    Task<void> refine();
    Task<void> measure();
    Task<void> search_among(class MemorySearch& search);
    Task<Probe> probe(int memory_mb);
    Task<void> judge(Probe& probe);
    /// Prices a probe, reports it, and tells of it.
    const Probe& keep(Probe probe);
    [[noreturn]] void nothing_passes(const Probe& probe) const;
    void doubt(std::string sentence) { report_.doubts.push_back(std::move(sentence)); }

    TuneBench& bench_;
    const MemoryRule& rule_;
    int deployed_mb_;
    TuneSettings settings_;
    TuneReport& report_;
    std::function<void(const Probe&)> on_probe_;
    std::optional<Error> hiccup_; ///< the last failure of the platform
    int below_ = 0;               ///< largest size that did not pass
};

} // namespace pyfops

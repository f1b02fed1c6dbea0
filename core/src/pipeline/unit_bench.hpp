// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pipeline/run.hpp"
#include "tune/tuner.hpp"

namespace pyfops {

/// A unit's deployment as the tuner has it. `deployment` is kept as the cloud has it.
class UnitBench final : public TuneBench {
  public:
    UnitBench(Run& run, const Unit& unit, Deployment& deployment, const TuneSettings& settings,
              Deadline deadline)
        : run_(run),
          unit_(unit),
          deployment_(deployment),
          settings_(settings),
          deadline_(deadline) {}

    Task<std::optional<std::string>> resize(int memory_mb) override;
    Task<Round> round() override;
    std::optional<double> price(int memory_mb, double duration_ms) const override {
        return run_.price(unit_, memory_mb, duration_ms);
    }

  private:
    Run& run_;
    const Unit& unit_;
    Deployment& deployment_;
    const TuneSettings& settings_;
    Deadline deadline_; ///< of changes; calls keep to the run's
};

/// Whether that is how a function ends that has too little memory or, with its share of the processor, too
/// little time.
bool shows_small_memory(const Invocation& invocation);

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/limiter.hpp"
#include "pyfops/provider.hpp"

#include <map>
#include <memory>
#include <string>

namespace pyfops {

/// How many deployments are worked on at a time.
class Places {
  public:
    /// `jobs` over all providers; 0: of each provider what it says.
    explicit Places(int jobs) {
        if (jobs > 0) all_ = std::make_unique<Semaphore>(jobs);
    }

    Semaphore& of(const ProviderInfo& provider) {
        if (all_) return *all_;
        auto& places = by_provider_[provider.id];
        if (!places) places = std::make_unique<Semaphore>(provider.concurrency);
        return *places;
    }

  private:
    std::unique_ptr<Semaphore> all_;
    std::map<std::string, std::unique_ptr<Semaphore>> by_provider_;
};

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/limiter.hpp"
#include "pyfops/provider.hpp"

#include <map>
#include <memory>
#include <string>

namespace pyfops {

/// How many deployments of each provider are worked on at a time.
class Places {
  public:
    /// `jobs` for every provider; 0: what each provider says.
    explicit Places(int jobs) : jobs_(jobs) {}

    Semaphore& of(const ProviderInfo& provider) {
        auto& places = by_provider_[provider.id];
        if (!places) places = std::make_unique<Semaphore>(jobs_ > 0 ? jobs_ : provider.concurrency);
        return *places;
    }

  private:
    int jobs_;
    std::map<std::string, std::unique_ptr<Semaphore>> by_provider_;
};

} // namespace pyfops

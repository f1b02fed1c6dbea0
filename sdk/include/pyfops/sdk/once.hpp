// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/single_flight.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pyfops::sdk {

/// Something shared that is made when first needed and then kept (a role, a bucket, a token): tasks that need
/// the same key at the same time make it once, as SingleFlight has it. A failure is not kept. Used from one
/// thread; must outlive its tasks.
template <class T>
class Once {
  public:
    Task<T> get(std::string key, std::function<Task<T>()> make) {
        std::shared_ptr<Kept>& place = kept_[key];
        if (!place) place = std::make_shared<Kept>();
        if (*place) co_return **place;
        std::function<Task<T>()> work = [place, make = std::move(make)] { return keep(place, make); };
        Task<T> making = flights_.run(std::move(key), std::move(work));
        co_return co_await std::move(making);
    }

    void forget(const std::string& key) {
        kept_.erase(key);
        flights_.forget(key);
    }

  private:
    using Kept = std::optional<T>;

    static Task<T> keep(std::shared_ptr<Kept> place, std::function<Task<T>()> make) {
        Task<T> making = make();
        place->emplace(co_await std::move(making));
        co_return **place;
    }

    std::map<std::string, std::shared_ptr<Kept>> kept_;
    SingleFlight<T> flights_;
};

} // namespace pyfops::sdk

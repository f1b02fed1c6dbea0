// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/sdk/once.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace pyfops::sdk {

/// A value that is good until a time: a token, temporary keys.
template <class T>
struct Expiring {
    T value;
    std::optional<SystemTime> expires; ///< none: it does not expire
};

/// Tokens and keys by what they are for: tasks that need the same one at the same time make it once, and it
/// is made anew some time before it expires. Used from one thread; must outlive its tasks.
template <class T>
class ExpiringCache {
  public:
    explicit ExpiringCache(Milliseconds renew_before = std::chrono::minutes(5))
        : renew_before_(renew_before) {}

    Task<T> get(const Clock& clock, std::string key, std::function<Task<Expiring<T>>()> make) {
        for (int attempt = 0;; ++attempt) {
            Task<Expiring<T>> getting = kept_.get(key, make);
            Expiring<T> kept = co_await std::move(getting);
            const bool fresh = !kept.expires || *kept.expires - renew_before_ > clock.system_now();
            // What its source gives anew may be near its end as well: then it is used while it lasts.
            if (fresh || attempt > 0) co_return std::move(kept.value);
            kept_.forget(key);
        }
    }

    /// After the provider refused it: the next `get` makes a new one.
    void forget(const std::string& key) { kept_.forget(key); }

  private:
    Milliseconds renew_before_;
    Once<Expiring<T>> kept_;
};

} // namespace pyfops::sdk

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/sdk/once.hpp"

#include <algorithm>
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

/// Tokens and keys by what they are for: tasks that need the same one at the same time make it once. It is
/// made anew some time before it expires; one that lives no longer than that, after half of its life. Used
/// from one thread; must outlive its tasks.
template <class T>
class ExpiringCache {
  public:
    explicit ExpiringCache(Milliseconds renew_before = std::chrono::minutes(5))
        : renew_before_(renew_before) {}

    Task<T> get(const Clock& clock, std::string key, std::function<Task<Expiring<T>>()> make) {
        bool made = false;
        for (;;) {
            std::function<Task<Kept>()> making = [this, &made, &clock, &make] {
                made = true;
                return keep(clock, make);
            };
            Task<Kept> getting = kept_.get(key, std::move(making));
            Kept kept = co_await std::move(getting);
            // Asked for just now it is used, however little is left of it.
            if (made || !kept.renew || *kept.renew > clock.system_now()) co_return std::move(kept.value);
            kept_.forget(key);
        }
    }

    /// After the provider refused it: the next `get` makes a new one.
    void forget(const std::string& key) { kept_.forget(key); }

  private:
    struct Kept {
        T value;
        std::optional<SystemTime> renew;
    };

    Task<Kept> keep(const Clock& clock, const std::function<Task<Expiring<T>>()>& make) const {
        Task<Expiring<T>> making = make();
        Expiring<T> made = co_await std::move(making);
        if (!made.expires) co_return Kept{std::move(made.value), std::nullopt};
        const SystemTime now = clock.system_now();
        const SystemTime half = now + (*made.expires - now) / 2;
        co_return Kept{std::move(made.value), std::max<SystemTime>(*made.expires - renew_before_, half)};
    }

    Milliseconds renew_before_;
    Once<Kept> kept_;
};

} // namespace pyfops::sdk

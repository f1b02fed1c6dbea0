// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pyfops {

/// Lets tasks wait until one of them is done. Used from one thread.
class PYFOPS_EXPORT Gate {
  public:
    Gate();
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    /// Returns when `open` was called, at once when that is so already. Throws cancelled.
    Task<void> wait();
    void open();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Equal work that overlaps is done once: the first task does it, the others wait for what comes of it, a
/// failure included. When the first was cancelled or ran out of its own time, one of the others takes over.
/// Used from one thread; must outlive its tasks.
template <class T>
class SingleFlight {
  public:
    Task<T> run(std::string key, std::function<Task<T>()> work) {
        for (;;) {
            const auto found = flights_.find(key);
            if (found == flights_.end()) break;
            const std::shared_ptr<Flight> flight = found->second;
            Task<void> waiting = flight->landed.wait();
            co_await std::move(waiting);
            if (flight->result) co_return *flight->result;
            if (flight->failure) std::rethrow_exception(flight->failure);
        }
        const auto flight = std::make_shared<Flight>();
        flights_[key] = flight;
        const Landing landing{*this, key, flight};
        try {
            Task<T> working = work();
            flight->result.emplace(co_await std::move(working));
        } catch (...) {
            const ErrorKind kind = to_error(std::current_exception()).kind();
            const bool mine_alone = kind == ErrorKind::cancelled || kind == ErrorKind::timeout;
            if (!mine_alone) flight->failure = std::current_exception();
            throw;
        }
        co_return *flight->result;
    }

    /// Who comes from now on does the work anew; who waits already gets what is under way.
    void forget(const std::string& key) { flights_.erase(key); }

  private:
    struct Flight {
        std::optional<T> result;
        std::exception_ptr failure;
        Gate landed;
    };
    /// Wakes the others however the work ends, also when its coroutine is destroyed half-way.
    struct Landing {
        SingleFlight& flights;
        std::string key;
        std::shared_ptr<Flight> flight;
        ~Landing() {
            const auto found = flights.flights_.find(key);
            if (found != flights.flights_.end() && found->second == flight) flights.flights_.erase(found);
            flight->landed.open();
        }
    };
    std::map<std::string, std::shared_ptr<Flight>> flights_;
};

} // namespace pyfops

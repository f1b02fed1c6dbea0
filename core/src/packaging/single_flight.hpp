// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/task.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pyfops::packaging {

/// Equal work that overlaps is done once: the first task does it, the others wait for its outcome. When the
/// first is cancelled, one of the others takes over. Used from the engine's thread.
template <class T>
class SingleFlight {
  public:
    Task<T> run(std::string key, std::function<Task<T>()> work) {
        for (;;) {
            if (const auto found = flights_.find(key); found != flights_.end()) {
                const std::shared_ptr<Flight> flight = found->second;
                boost::system::error_code woken;
                auto waiting =
                    flight->done.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
                co_await std::move(waiting);
                const auto state = co_await boost::asio::this_coro::cancellation_state;
                if (state.cancelled() != boost::asio::cancellation_type::none)
                    throw Error(ErrorKind::cancelled, "cancelled");
                if (flight->result) co_return *flight->result;
                if (flight->failure) std::rethrow_exception(flight->failure);
                continue;
            }
            const auto executor = co_await boost::asio::this_coro::executor;
            const auto flight = std::make_shared<Flight>(executor);
            flights_.emplace(key, flight);
            const Landing landing{*this, key, *flight};
            std::exception_ptr failure;
            try {
                Task<T> task = work();
                flight->result.emplace(co_await std::move(task));
            } catch (...) {
                failure = std::current_exception();
            }
            if (!failure) co_return *flight->result;
            if (to_error(failure).kind() != ErrorKind::cancelled) flight->failure = failure;
            std::rethrow_exception(failure);
        }
    }

  private:
    struct Flight {
        explicit Flight(const boost::asio::any_io_executor& executor)
            : done(executor, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer done;
        std::optional<T> result;
        std::exception_ptr failure;
    };
    /// Wakes the others however the work ends, also when its coroutine is destroyed.
    struct Landing {
        SingleFlight& flights;
        std::string key;
        Flight& flight;
        ~Landing() {
            flights.flights_.erase(key);
            flight.done.cancel();
        }
    };
    std::map<std::string, std::shared_ptr<Flight>> flights_;
};

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pyfops {

struct Lookup;

/// Names to addresses, through the system's resolver on a thread of its own: it cannot be interrupted, so a
/// deadline or a cancellation leaves it behind. Concurrent questions for one name are one question.
class Resolver {
  public:
    explicit Resolver(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

    /// At least one address. Throws Error: unavailable (harmless to repeat), timeout, cancelled.
    Task<std::vector<boost::asio::ip::tcp::endpoint>> resolve(std::string host, std::uint16_t port,
                                                              SteadyTime until);

  private:
    boost::asio::any_io_executor executor_;
    std::map<std::string, std::weak_ptr<Lookup>> running_;
};

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"

#include <boost/asio/steady_timer.hpp>

#include <string>

namespace pyfops {

/// A request that waits for a release.
struct Cloud::Held {
    explicit Held(const boost::asio::any_io_executor& executor)
        : timer(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer timer;
    std::string operation;
    bool before = true;
    bool abandoned = false;
};

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace pyfops {

/// Runs one task to its end; the context may be used again.
template <class T>
T run_task(boost::asio::io_context& context, Task<T> task) {
    std::exception_ptr failure;
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        if (!thrown) result.emplace(std::move(value));
    });
    context.restart();
    while (!failure && !result && context.run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
    return std::move(result.value());
}

} // namespace pyfops

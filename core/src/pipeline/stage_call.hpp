// SPDX-License-Identifier: Apache-2.0
// The one seam into the providers' stages: every call of theirs goes through here.
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/error.hpp"
#include "pyfops/task.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace pyfops {

/// Throws a core-built copy of `failure`, so that no exception object of a plugin travels on.
[[noreturn]] PYFOPS_EXPORT void rethrow_from_stage(std::exception_ptr failure, const std::string& where);

namespace detail {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& into) {
    into.emplace(co_await std::move(task));
}

/// `a || b` waits for the first success: a failure must not wait for the clock.
inline Task<void> catching(Task<void> work, std::exception_ptr& failure) {
    try {
        co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
}

inline Task<void> within_deadline(Task<void> work, Host& host, Deadline deadline,
                                  std::exception_ptr& failure) {
    if (deadline.never()) {
        co_await catching(std::move(work), failure);
        co_return;
    }
    using namespace boost::asio::experimental::awaitable_operators;
    auto either = catching(std::move(work), failure) || host.clock.sleep(deadline.left(host.clock));
    const auto first = co_await std::move(either);
    if (first.index() == 1)
        failure = std::make_exception_ptr(
            Error(ErrorKind::timeout, "the time allowed for this has passed").hint("raise --timeout"));
}

} // namespace detail

/// Awaits a provider's task: applies the deadline, adds `where` ("deploying 'resize' to aws/eu-west-1"), and
/// turns whatever comes out into an Error of the core.
inline Task<void> stage_call(Host& host, Deadline deadline, std::string where, Task<void> work) {
    std::exception_ptr failure;
    auto bounded =
        detail::catching(detail::within_deadline(std::move(work), host, deadline, failure), failure);
    co_await std::move(bounded);
    if (failure) rethrow_from_stage(failure, where);
}

template <class T>
Task<T> stage_call(Host& host, Deadline deadline, std::string where, Task<T> work) {
    std::optional<T> result;
    auto kept = stage_call(host, deadline, std::move(where), detail::keep(std::move(work), result));
    co_await std::move(kept);
    co_return std::move(*result);
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

namespace pyfops {

/// A lazily started coroutine. All tasks of one Engine run on its single thread; none of them may block
/// it: blocking work goes through Workers (workers.hpp).
///
/// GCC 12 miscompiles some coroutines. Rules of this code base: coroutines are functions that take their
/// parameters by value or by a reference that outlives the call; no capturing lambda in the expression of a
/// `co_await`; no `co_await` inside `?:` or inside a catch block; name the awaited object first.
template <class T>
using Task = boost::asio::awaitable<T>;

} // namespace pyfops

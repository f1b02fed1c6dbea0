// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/error.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace pyfops::sdk {

struct PollPolicy {
    Milliseconds first{200}; ///< after the first answer
    Milliseconds cap{5000};
    double factor = 1.5;
    Milliseconds limit =
        std::chrono::minutes(5); ///< of the whole wait; the context's deadline may be earlier
};

/// One answer of the provider about something that changes by itself.
template <class T>
struct Polled {
    std::optional<T> ready; ///< set: the wait is over
    std::string state;      ///< "Pending", for progress and for the message when time is up
};

/// Asks at once and then with growing pauses until the provider says ready; never guesses. `what` completes
/// "waiting for ...". What `ask` throws ends the wait. Throws timeout naming the last state.
template <class T>
Task<T> poll(StageContext& context, Stage stage, std::string what, PollPolicy policy,
             std::function<Task<Polled<T>>()> ask) {
    const Clock& clock = context.host.clock;
    const Deadline deadline = context.deadline.within(clock, policy.limit);
    Milliseconds pause = policy.first;
    for (;;) {
        Task<Polled<T>> question = ask();
        Polled<T> answer = co_await std::move(question);
        if (answer.ready) co_return std::move(*answer.ready);
        if (deadline.left(clock) <= pause)
            throw Error(ErrorKind::timeout,
                        "gave up waiting for " + what + ": it is still '" + answer.state + "'")
                .hint("run the same command again: it goes on where this one stopped");
        context.progress(stage, "waiting for " + what + " (" + answer.state + ")");
        Task<void> wait = context.host.clock.sleep(pause);
        co_await std::move(wait);
        pause = std::min(policy.cap, Milliseconds(static_cast<long long>(static_cast<double>(pause.count()) *
                                                                         policy.factor)));
    }
}

} // namespace pyfops::sdk

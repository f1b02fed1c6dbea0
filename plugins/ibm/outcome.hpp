// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/task.hpp"

#include <optional>
#include <utility>

namespace pyfops::ibm {

/// The answer of a call, or why there is none.
struct Outcome {
    std::optional<HttpResponse> response;
    std::optional<Error> failure;
    bool ok() const { return response.has_value(); }
    bool failed_with(ErrorKind kind) const { return failure && failure->kind() == kind; }
    /// Throws the failure.
    const HttpResponse& value() const {
        if (failure) throw *failure;
        return *response;
    }
};

/// Failures as values, except cancelled.
inline Task<Outcome> attempt(Task<HttpResponse> call) {
    Outcome outcome;
    try {
        outcome.response = co_await std::move(call);
    } catch (const Error& failure) {
        if (failure.kind() == ErrorKind::cancelled) throw;
        outcome.failure = failure;
    }
    co_return outcome;
}

/// Throws every failure but "there is none".
inline Outcome unless_absent(Outcome outcome) {
    if (outcome.failure && outcome.failure->kind() != ErrorKind::not_found) throw *outcome.failure;
    return outcome;
}

} // namespace pyfops::ibm

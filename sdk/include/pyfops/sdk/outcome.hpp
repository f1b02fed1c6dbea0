// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/json.hpp"
#include "pyfops/task.hpp"

#include <optional>
#include <string>

namespace pyfops::sdk {

/// The answer of a call, or why there is none: for calls whose failure is an answer too.
struct Outcome {
    std::optional<HttpResponse> response;
    std::optional<Error> failure;
    bool ok() const { return response.has_value(); }
    bool failed_with(ErrorKind kind) const { return failure && failure->kind() == kind; }
    /// Throws the failure.
    const HttpResponse& value() const;
};

/// Failures as values, except cancelled, which is thrown.
Task<Outcome> attempt(Task<HttpResponse> call);

/// Throws every failure but "there is none" (not_found).
Outcome unless_absent(Outcome outcome);

/// The answer's body as `json_body` reads it.
Task<json::value> json_answer(Task<HttpResponse> call, std::string operation);

} // namespace pyfops::sdk

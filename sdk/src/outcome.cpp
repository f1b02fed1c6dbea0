// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/outcome.hpp"

#include "pyfops/sdk/rest.hpp"

#include <boost/json/value.hpp>

#include <utility>

namespace pyfops::sdk {

const HttpResponse& Outcome::value() const {
    if (failure) throw *failure;
    return *response;
}

Task<Outcome> attempt(Task<HttpResponse> call) {
    Outcome outcome;
    try {
        outcome.response = co_await std::move(call);
    } catch (const Error& failure) {
        if (failure.kind() == ErrorKind::cancelled) throw;
        outcome.failure = failure;
    }
    co_return outcome;
}

Outcome unless_absent(Outcome outcome) {
    if (outcome.failure && outcome.failure->kind() != ErrorKind::not_found) throw *outcome.failure;
    return outcome;
}

Task<json::value> json_answer(Task<HttpResponse> call, std::string operation) {
    const HttpResponse answer = co_await std::move(call);
    co_return json_body(answer, operation);
}

} // namespace pyfops::sdk

// SPDX-License-Identifier: Apache-2.0
// What the wrappers of pyfOps and a caller say to each other, whatever the provider: the event, the probe
// call, and the two forms of a function error.
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::sdk {

/// The header by which a wrapper marks a failure of the function itself, and its value.
inline constexpr const char* function_error_header = "x-pyfops-error";
inline constexpr const char* function_error_value = "function";

/// The event as JSON text, put into a probe call when the request asks for one. Throws conflict when a probe
/// is wanted and the deployment's key is not known; invalid_input when it is longer than `limit` bytes.
std::string event_body(const InvokeRequest& request, std::size_t limit);

/// Why a function ended, by the type and message that platforms and wrappers give.
FunctionError::Cause cause_of(const FunctionError& error);

/// {"errorType", "errorMessage", "stackTrace"} as platforms and wrappers write it; entry files of pyfOps are
/// left out of the stack.
FunctionError read_error_document(const json::value& document);

/// An answer's JSON as the function's output, or as what a probe call measured. Throws conflict when a probe
/// call was not understood.
void read_answer(const json::value& body, bool probe, Invocation& invocation);

/// The answer of a function that is called over HTTP: 2xx is its output, a failure with the wrapper's header
/// a function error. nullopt: the platform's own answer, for the provider to translate. Throws unavailable
/// when a good answer is not JSON.
std::optional<Invocation> read_http_answer(const HttpResponse& answer, bool probe,
                                           const std::string& operation);

} // namespace pyfops::sdk

// SPDX-License-Identifier: Apache-2.0
// Requests over HTTP as events of an instance whose runtime uses `serve_http` of pyfops_instance.py.
#pragma once

#include "pyfops/emulator/face.hpp"

#include <string>

namespace pyfops {

/// A line of JSON (method, target, headers), then the body as it is. `target` is what the function sees,
/// which may be another than the one that was sent.
PYFOPS_EXPORT std::string to_http_event(const ServerRequest& request, const std::string& target);

/// The answer of such an instance. Throws Error(invalid_input) for what is none.
PYFOPS_EXPORT ServerResponse from_http_event(std::string body);

} // namespace pyfops

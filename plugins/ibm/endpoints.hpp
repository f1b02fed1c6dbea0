// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"

#include <string>

namespace pyfops::ibm {

/// The base URL of Code Engine's API, with /v2. `configured` ("" : none) may name another region of IBM's
/// own host names: the deployment's region is what counts.
Url code_engine_url(const std::string& region, const std::string& configured);
/// The base URL of an OpenWhisk host, with /api/v1; https where nothing is said.
Url openwhisk_url(const std::string& host);
/// URL of a call below a base.
Url below(const Url& base, const std::string& target);
/// Keys travel only over TLS, or not over a network at all. Throws invalid_input.
void require_secure(const Url& url, const std::string& what);

} // namespace pyfops::ibm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

namespace pyfops::ibm_emulator {

/// The members of a function that a request may set, with Code Engine's defaults.
json::object function_defaults();
/// Applies a body to a configuration as a merge patch (RFC 7396): null gives the default back. Throws
/// ApiError(400) for members that do not exist or are of the wrong type.
json::object merge_function(json::object configuration, const json::object& body);
/// Documented limits and forms. Throws ApiError(400).
void check_function(const json::object& configuration);

/// The source of a "data:" code reference. Throws ApiError(400).
std::string decode_data_url(const std::string& reference);

} // namespace pyfops::ibm_emulator

// SPDX-License-Identifier: Apache-2.0
// What the API wants of a Function resource.
#pragma once

#include "pyfops/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::google_emulator {

void check_location(const std::string& location);
/// [a-z][a-z0-9-]*, 4 to 63 characters. Throws ApiError.
void check_function_id(const std::string& id);
/// The writable members of a whole resource: description, labels, buildConfig, serviceConfig. Throws
/// ApiError.
void check_resource(const json::object& resource);
/// The writable members of `body`, without output-only ones and unknown ones refused.
json::object writable(const json::object& body);
/// Copies what the mask names from `body` into `resource`; what `body` lacks is cleared.
void apply_mask(json::object& resource, const json::object& body, const std::string& mask);
/// Fills in what was left out.
void apply_defaults(json::object& resource);

/// Bytes of "256Mi", "1G", "1000"; nullopt for what is no quantity.
std::optional<std::int64_t> quantity(const std::string& text);
int memory_mb(const json::object& resource);

} // namespace pyfops::google_emulator

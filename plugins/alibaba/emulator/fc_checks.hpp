// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

namespace pyfops::alibaba_emulator {

/// Copies what a CreateFunction or UpdateFunction request sets into a configuration, with the defaults of
/// `create`, and checks the whole. Throws ApiError(InvalidArgument).
void apply_configuration(const json::object& body, json::object& configuration, bool create);

/// `[{"Key", "Value"}]` into an object; at most 20 in all. Throws ApiError.
void add_tags(const json::value& tags, json::object& into);

/// A name of a function, trigger or alias.
void check_name(const std::string& name, std::string_view member);

} // namespace pyfops::alibaba_emulator

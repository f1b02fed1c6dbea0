// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/session.hpp"

#include <string>

namespace pyfops::cli {

/// The function that an operand names, or the only one of the project or that --only leaves when it is
/// empty. Throws Error(invalid_input) with the names, Error(not_found) with a suggestion.
std::string chosen_function(Session& session, const std::string& operand);

/// The --only expressions, each with that function.
Selection narrowed(const Arguments& arguments, const std::string& function);

/// What `init --template` takes.
std::vector<std::string> template_names();

} // namespace pyfops::cli

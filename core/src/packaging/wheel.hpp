// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/python_tags.hpp"
#include "pyfops/source_tree.hpp"

#include <string_view>

namespace pyfops::packaging {

/// What a wheel puts below site-packages, normalised: no scripts, no bytecode, no trace of an installer, and
/// a RECORD that lists exactly what is there. Both resolvers come here, so both give equal trees. `built`
/// wheels lose the version of the tool that built them. Throws Error(invalid_input).
SourceTree install_wheel(std::string_view archive, const WheelName& name, bool built);

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/function.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pyfops::sdk {

/// Text as a Python literal.
std::string python_literal(std::string_view text);

/// What every entry file of pyfOps imports, whatever the provider, by the name in the package:
/// `_pyfops_runtime.py` (loading and calling the handler, checking its answer, probe calls, HTTP answers),
/// `_pyfops_measure.py`, and `_pyfops_function.py` (which handler this package holds).
std::map<std::string, std::string> common_entry_files(const FunctionSpec& function);

} // namespace pyfops::sdk

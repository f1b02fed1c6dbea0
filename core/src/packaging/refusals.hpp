// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/requirements.hpp"
#include "packaging/resolver.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"

namespace pyfops::packaging {

/// "requirements.txt:3: 'numpy==2.4.0'", or "'numpy' (a dependency of requirements.txt)".
std::string named(const Requirements& requirements, const std::string& label, const std::string& name);

Error unreachable(const std::string& who, const std::string& why);
Error conflict(const Requirements& requirements, const std::string& label, const Unresolved& failure);

/// Among the wheels of one version, the reason that comes nearest to fitting, with the wheel's name.
/// nullopt: there is no wheel among the files.
std::optional<Error> no_usable_wheel(const std::string& who, const std::string& version,
                                     const json::array& files, const PythonPlatform& platform);

} // namespace pyfops::packaging

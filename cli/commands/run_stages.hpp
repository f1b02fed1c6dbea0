// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "pyfops/observer.hpp"
#include "pyfops/package.hpp"

#include <string>

namespace pyfops::cli {

/// What `run`, `deploy` and `test` have in common; returns the exit code.
int run_stages(const Arguments& arguments, Console& console, const std::string& command, Stage last,
               bool test_only);

/// What `wrap` and `package` have in common.
int run_build(const Arguments& arguments, Console& console, Stage last, const std::string& output);

Resolver resolver_of(const Arguments& arguments);

} // namespace pyfops::cli

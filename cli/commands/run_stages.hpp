// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "pyfops/observer.hpp"
#include "pyfops/package.hpp"
#include "pyfops/pipeline.hpp"

#include <string>

namespace pyfops::cli {

/// A command that takes deployments through the stages.
struct StageCommand {
    std::string name;
    Stage last;
    bool test_only = false;
    Tuning tuning = Tuning::never;
};

/// Returns the exit code.
int run_stages(const Arguments& arguments, Console& console, const StageCommand& command);

/// What `wrap` and `package` have in common.
int run_build(const Arguments& arguments, Console& console, Stage last, const std::string& output);

/// When no row is left to deploy.
inline constexpr const char* nothing_demanded =
    "nothing to do: no row of functiondeployment waits for this project (--redeploy takes deployed ones too)";

Resolver resolver_of(const Arguments& arguments);

} // namespace pyfops::cli

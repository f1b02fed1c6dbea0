// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/run_stages.hpp"

namespace pyfops::cli {

int run_package(const Arguments& arguments, Console& console) {
    return run_build(arguments, console, Stage::package, arguments.value("output"));
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/run_stages.hpp"

namespace pyfops::cli {

int run_tune(const Arguments& arguments, Console& console) {
    return run_stages(arguments, console, {"tune", Stage::test, false, Tuning::always});
}

} // namespace pyfops::cli

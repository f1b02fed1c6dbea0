// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/run_stages.hpp"

namespace pyfops::cli {

int run_run(const Arguments& arguments, Console& console) {
    return run_stages(arguments, console, {"run", Stage::test, false, Tuning::when_unknown});
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/run_stages.hpp"

namespace pyfops::cli {

int run_test(const Arguments& arguments, Console& console) {
    return run_stages(arguments, console, {"test", Stage::test, true});
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/version.hpp"

#include "commands/all.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"
#include "views/common.hpp"

namespace pyfops::cli {

int run_version(const Arguments&, Console& console) {
    if (console.json()) {
        json::object result = document("version");
        result["version"] = PYFOPS_VERSION;
        console.result(result);
    } else {
        console.result("pyfops " PYFOPS_VERSION "\n");
    }
    return all_well;
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/run_stages.hpp"
#include "frame/session.hpp"

namespace pyfops::cli {

int run_wrap(const Arguments& arguments, Console& console) {
    std::string output = arguments.value("output");
    if (output.empty()) {
        const Session session(arguments, console);
        output = (session.project_file().parent_path() / ".pyfops" / "wrapped")
                     .lexically_proximate(std::filesystem::current_path())
                     .string();
    }
    return run_build(arguments, console, Stage::wrap, output);
}

} // namespace pyfops::cli

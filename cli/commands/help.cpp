// SPDX-License-Identifier: Apache-2.0
#include "frame/help.hpp"

#include "commands.hpp"
#include "commands/all.hpp"
#include "frame/application.hpp"
#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"

namespace pyfops::cli {

int run_help(const Arguments& arguments, Console& console) {
    const std::string name = arguments.operand(0);
    if (console.json()) {
        console.result(help_json());
    } else if (name.empty()) {
        console.result(overview(console.out().width));
    } else {
        const CommandInfo* command = find_command(name);
        if (!command) throw unknown_command(name);
        console.result(command_help(*command, console.out().width));
    }
    return all_well;
}

} // namespace pyfops::cli

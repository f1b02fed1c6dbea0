// SPDX-License-Identifier: Apache-2.0
#include "frame/help.hpp"

#include "commands.hpp"
#include "commands/all.hpp"
#include "frame/application.hpp"
#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"
#include "frame/text.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

/// 'help db export' is asked as the command is called; its help is that of 'db'.
void check_word(const CommandInfo& command, const std::string& word) {
    if (word.empty()) return;
    const std::vector<std::string_view> words = split(command.words, ' ');
    if (std::ranges::find(words, word) != words.end()) return;
    throw Error(ErrorKind::invalid_input,
                fmt::format("'pyfops {}' has no '{}'", command.name, escape_control(word)))
        .hint(command.words.empty() ? fmt::format("'pyfops help {}' shows all of it", command.name)
                                    : fmt::format("it has {}", fmt::join(words, ", ")));
}

} // namespace

int run_help(const Arguments& arguments, Console& console) {
    const std::string name = arguments.operand(0);
    if (console.json()) {
        console.result(help_json());
    } else if (name.empty()) {
        console.result(overview(console.out().width));
    } else {
        const CommandInfo* command = find_command(name);
        if (!command) throw unknown_command(name);
        check_word(*command, arguments.operand(1));
        console.result(command_help(*command, console.out().width));
    }
    return all_well;
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace pyfops::cli {

class Arguments;
class Console;

/// What completion offers for an option's value or an operand.
enum class Values { nothing, file, directory, function, template_name, provider, selection };

/// An option as help, parser and completion see it.
struct OptionInfo {
    std::string_view name;     ///< "only"
    char letter = 0;           ///< 'f'
    std::string_view argument; ///< "FILE"; empty: a flag
    std::string_view help;
    Values values = Values::nothing; ///< of a flag: of the operand that it goes with
    std::string_view choices = {};   ///< the allowed values, separated by spaces; empty: any
    bool repeatable = false;
};

/// Options that several commands share.
enum OptionGroup : unsigned {
    output_options = 1,        ///< --json, --quiet, --verbose, --no-color
    project_options = 2,       ///< --file
    selection_options = 4,     ///< --only, --local
    jobs_options = 8,          ///< --jobs
    database_options = 16,     ///< --database
    network_options = 32,      ///< --trace-http, --ca-bundle, --timeout
    sandbox_options = 64,      ///< --require-sandbox
    credentials_options = 128, ///< --credentials
    local_option = 256         ///< --local alone
};

enum class Section { start, deploy, use, other, hidden };

/// One row of the command table.
struct CommandInfo {
    std::string_view name;
    Section section;
    std::string_view summary;  ///< one line for the overview
    std::string_view operands; ///< "[FUNCTION] [EVENT]"; at most `max_operands`
    std::size_t max_operands;
    Values operand_values; ///< of the first operand; of the one after it where that is one of `words`
    unsigned groups;
    std::span<const OptionInfo> own;
    std::string_view description; ///< paragraphs for the command's own help
    std::string_view examples;    ///< lines "command   # what it does"
    int (*run)(const Arguments& arguments, Console& console);
    std::string_view words = {}; ///< what the first operand can be, separated by spaces; empty: anything
};

} // namespace pyfops::cli

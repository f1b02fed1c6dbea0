// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/command.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::cli {

/// The words after a command's name, taken apart and checked against its options.
class Arguments {
  public:
    bool has(std::string_view option) const { return count(option) > 0; }
    std::size_t count(std::string_view option) const;
    /// The value; the last one when it was given several times.
    std::string value(std::string_view option, std::string_view otherwise = {}) const;
    std::vector<std::string> values(std::string_view option) const;
    /// As `value`, as a number. Throws Error(invalid_input).
    long number(std::string_view option, long low, long high, long otherwise) const;
    const std::vector<std::string>& operands() const noexcept { return operands_; }
    /// The n-th operand, or "".
    std::string operand(std::size_t n) const;

  private:
    friend Arguments parse_arguments(const CommandInfo&, const std::vector<std::string>&);
    std::map<std::string, std::vector<std::string>, std::less<>> options_;
    std::vector<std::string> operands_;
};

/// Every option of a command: its own first, then those of its groups, --help last.
std::vector<const OptionInfo*> options_of(const CommandInfo& command);

/// Throws Error(invalid_input) that names the word and suggests the nearest option.
Arguments parse_arguments(const CommandInfo& command, const std::vector<std::string>& words);

/// A whole command line: which command, and the other words in their order ("pyfops --json run" is "run
/// --json").
struct CommandLine {
    std::string command; ///< "" when there is none
    std::vector<std::string> words;
};
CommandLine split_command_line(const std::vector<std::string>& words);

} // namespace pyfops::cli

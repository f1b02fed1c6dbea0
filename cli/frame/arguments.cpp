// SPDX-License-Identifier: Apache-2.0
#include "frame/arguments.hpp"

#include "frame/options.hpp"
#include "frame/text.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace po = boost::program_options;

namespace pyfops::cli {

std::size_t Arguments::count(std::string_view option) const {
    const auto found = options_.find(option);
    return found == options_.end() ? 0 : found->second.size();
}

std::string Arguments::value(std::string_view option, std::string_view otherwise) const {
    const auto found = options_.find(option);
    return found == options_.end() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    const auto found = options_.find(option);
    return found == options_.end() ? std::vector<std::string>{} : found->second;
}

long Arguments::number(std::string_view option, long low, long high, long otherwise) const {
    if (!has(option)) return otherwise;
    return parse_number(value(option), fmt::format("option '--{}'", option), low, high);
}

std::string Arguments::operand(std::size_t n) const {
    return n < operands_.size() ? operands_[n] : std::string();
}

std::vector<const OptionInfo*> options_of(const CommandInfo& command) {
    std::vector<const OptionInfo*> all;
    for (const OptionInfo& option : command.own)
        all.push_back(&option);
    for (const SharedOption& shared : shared_options)
        if (shared.group == 0 || (command.groups & shared.group) != 0) all.push_back(&shared.option);
    return all;
}

namespace {

constexpr const char* operand_key = "\x01operand";

std::string run_help_hint(const CommandInfo& command) {
    return fmt::format("see 'pyfops help {}'", command.name);
}

Error unknown_option(const CommandInfo& command, const std::string& given) {
    const std::string word = given.substr(0, given.find('='));
    Error error(ErrorKind::invalid_input,
                fmt::format("'pyfops {}' has no option '{}'", command.name, escape_control(word)));
    std::vector<std::string> names;
    for (const OptionInfo* option : options_of(command))
        names.push_back(fmt::format("--{}", option->name));
    const std::string near = word.starts_with("--") ? nearest(word, names) : std::string();
    error.hint(near.empty() ? run_help_hint(command) : fmt::format("did you mean '{}'?", near));
    return error;
}

/// The option that a word names ("--file", "--file=x", "-f", "-fx"), or nullptr.
const OptionInfo* option_of(std::string_view word, const std::vector<const OptionInfo*>& options) {
    const std::string_view name = word.substr(0, word.find('='));
    for (const OptionInfo* option : options) {
        if (name.starts_with("--") && name.substr(2) == option->name) return option;
        if (option->letter != 0 && word.size() >= 2 && word[0] == '-' && word[1] == option->letter)
            return option;
    }
    return nullptr;
}

std::string spelled(const OptionInfo& option) {
    return option.letter != 0 ? fmt::format("--{} (-{})", option.name, option.letter)
                              : fmt::format("--{}", option.name);
}

void check_choice(const OptionInfo& option, const std::string& value) {
    if (option.choices.empty()) return;
    const std::vector<std::string_view> words = split(option.choices, ' ');
    const std::vector<std::string> choices(words.begin(), words.end());
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
    Error error(ErrorKind::invalid_input, fmt::format("option '--{}' takes {}, not '{}'", option.name,
                                                      fmt::join(choices, ", "), escape_control(value)));
    if (const std::string near = nearest(value, choices); !near.empty())
        error.hint(fmt::format("did you mean '{}'?", near));
    throw error;
}

po::options_description describe(const std::vector<const OptionInfo*>& options) {
    po::options_description description;
    for (const OptionInfo* option : options) {
        std::string names(option->name);
        if (option->letter != 0) names += fmt::format(",{}", option->letter);
        if (option->argument.empty()) {
            description.add_options()(names.c_str(), "");
        } else {
            description.add_options()(names.c_str(), po::value<std::string>(), "");
        }
    }
    description.add_options()(operand_key, po::value<std::vector<std::string>>(), "");
    return description;
}

} // namespace

Arguments parse_arguments(const CommandInfo& command, const std::vector<std::string>& words) {
    const std::vector<const OptionInfo*> options = options_of(command);
    const po::options_description description = describe(options);
    po::positional_options_description operands;
    operands.add(operand_key, -1);
    // No guessing: an abbreviation that works today would mean something else after the next option.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    std::optional<po::parsed_options> parsed;
    try {
        parsed.emplace(
            po::command_line_parser(words).options(description).positional(operands).style(style).run());
    } catch (const po::unknown_option& error) {
        throw unknown_option(command, error.get_option_name());
    } catch (const po::invalid_command_line_syntax& error) {
        const OptionInfo* option = option_of(error.get_option_name(), options);
        const std::string name = option ? spelled(*option) : error.get_option_name();
        if (error.kind() == po::invalid_syntax::missing_parameter ||
            error.kind() == po::invalid_syntax::empty_adjacent_parameter)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("option {} needs a value: {}", name, option ? option->argument : ""))
                .hint(run_help_hint(command));
        throw Error(ErrorKind::invalid_input, fmt::format("option {} takes no value", name))
            .hint(run_help_hint(command));
    } catch (const po::error& error) {
        throw Error(ErrorKind::invalid_input, error.what()).hint(run_help_hint(command));
    }

    Arguments result;
    for (const auto& option : parsed->options) {
        if (option.position_key >= 0) {
            result.operands_.insert(result.operands_.end(), option.value.begin(), option.value.end());
            continue;
        }
        const OptionInfo* info = option_of("--" + option.string_key, options);
        const std::string value = option.value.empty() ? std::string() : option.value.front();
        auto& values = result.options_[option.string_key];
        if (info && !info->argument.empty()) {
            if (value.empty())
                throw Error(ErrorKind::invalid_input,
                            fmt::format("option {} needs a value: {}", spelled(*info), info->argument));
            check_choice(*info, value);
            if (!values.empty() && !info->repeatable && values.back() != value)
                throw Error(ErrorKind::invalid_input,
                            fmt::format("option {} is given twice, with '{}' and '{}'", spelled(*info),
                                        escape_control(values.back()), escape_control(value)))
                    .hint("keep one of them");
        }
        values.push_back(value);
    }
    if (result.operands_.size() > command.max_operands)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'pyfops {}' takes {}, and '{}' is one too many", command.name,
                                command.max_operands == 0
                                    ? std::string("no operands")
                                    : fmt::format("at most {}", counted(command.max_operands, "operand")),
                                escape_control(result.operands_[command.max_operands])))
            .hint(run_help_hint(command));
    return result;
}

CommandLine split_command_line(const std::vector<std::string>& words) {
    CommandLine line;
    std::vector<const OptionInfo*> options;
    for (const SharedOption& shared : shared_options)
        options.push_back(&shared.option);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() > 1 && word[0] == '-') {
            line.words.push_back(word);
            const OptionInfo* option = option_of(word, options);
            const bool value_inside =
                word.starts_with("--") ? word.find('=') != std::string::npos : word.size() > 2;
            if (option && !option->argument.empty() && !value_inside && i + 1 < words.size())
                line.words.push_back(words[++i]);
            continue;
        }
        line.command = word;
        line.words.insert(line.words.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
        break;
    }
    return line;
}

} // namespace pyfops::cli

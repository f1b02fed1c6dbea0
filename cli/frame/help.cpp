// SPDX-License-Identifier: Apache-2.0
#include "frame/help.hpp"

#include "commands.hpp"
#include "frame/arguments.hpp"
#include "frame/text.hpp"
#include "pyfops/text.hpp"
#include "pyfops/version.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pyfops::cli {

namespace {

std::string option_column(const OptionInfo& option) {
    std::string text = option.letter != 0 ? fmt::format("  -{}, --{}", option.letter, option.name)
                                          : fmt::format("      --{}", option.name);
    if (!option.argument.empty()) text += fmt::format(" {}", option.argument);
    return text;
}

constexpr std::array sections{
    std::pair{Section::start, "From code to package"}, std::pair{Section::deploy, "To the cloud"},
    std::pair{Section::use, "What is deployed"}, std::pair{Section::other, "Around it"}};

} // namespace

std::string short_help() {
    std::string text = "usage: pyfops COMMAND [OPTIONS]\n\ncommands:";
    std::string list;
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden) list += fmt::format(" {}", command.name);
    text += " " + wrapped(std::string_view(list).substr(1), 78, 10);
    return text + "\n'pyfops help' tells more, 'pyfops help COMMAND' the details\n";
}

std::string overview(std::size_t width) {
    std::string text = fmt::format("pyfops {} - one Python function, tested and measured on many clouds\n\n"
                                   "usage: pyfops COMMAND [OPTIONS]\n",
                                   PYFOPS_VERSION);
    for (const auto& [section, title] : sections) {
        text += fmt::format("\n{}:\n", title);
        for (const CommandInfo& command : commands())
            if (command.section == section)
                text +=
                    fmt::format("  {:<12}", command.name) + wrapped(command.summary, text_width(width), 14);
    }
    text += "\nStart with:\n"
            "  pyfops init hello && cd hello && pyfops run --local\n\n"
            "'pyfops help COMMAND' shows a command's options and examples.\n";
    return text;
}

std::string command_help(const CommandInfo& command, std::size_t width) {
    const std::size_t columns = text_width(width);
    std::string text =
        fmt::format("pyfops {} - {}\n\nusage: pyfops {}", command.name, command.summary, command.name);
    if (!command.operands.empty()) text += fmt::format(" {}", command.operands);
    text += " [OPTIONS]\n";
    if (!command.description.empty()) text += "\n" + wrapped(command.description, columns, 0);
    text += "\noptions:\n";
    constexpr std::size_t column = 26;
    for (const OptionInfo* option : options_of(command)) {
        const std::string left = option_column(*option);
        text += left;
        text += left.size() + 1 < column ? std::string(column - left.size(), ' ')
                                         : "\n" + std::string(column, ' ');
        text += wrapped(option->help, columns, column);
    }
    if (!command.examples.empty()) {
        text += "\nexamples:\n";
        for (const std::string_view line : split(command.examples, '\n'))
            text += fmt::format("  {}\n", line);
    }
    return text;
}

json::object help_json() {
    json::object result = document("help");
    result["version"] = PYFOPS_VERSION;
    json::array all;
    for (const CommandInfo& command : commands()) {
        if (command.section == Section::hidden) continue;
        json::object entry;
        entry["name"] = command.name;
        entry["summary"] = command.summary;
        entry["operands"] = command.operands;
        entry["description"] = command.description;
        json::array options;
        for (const OptionInfo* option : options_of(command)) {
            json::object one;
            one["name"] = fmt::format("--{}", option->name);
            one["short"] =
                option->letter != 0 ? json::value(fmt::format("-{}", option->letter)) : json::value();
            one["argument"] = option->argument.empty() ? json::value() : json::value(option->argument);
            one["help"] = option->help;
            options.push_back(std::move(one));
        }
        entry["options"] = std::move(options);
        all.push_back(std::move(entry));
    }
    result["commands"] = std::move(all);
    return result;
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "frame/completion.hpp"

#include "commands.hpp"
#include "frame/arguments.hpp"
#include "frame/options.hpp"
#include "frame/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <vector>

namespace pyfops::cli {

namespace {

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden) names.emplace_back(command.name);
    return names;
}

/// What a command's operand can be, as far as it is known beforehand.
std::vector<std::string> operand_words(const CommandInfo& command) {
    if (command.name == "db") return {"migrate"};
    if (command.name == "completion") return {"bash", "zsh", "fish"};
    if (command.name == "help") return command_names();
    return {};
}

std::string spellings(const OptionInfo& option, std::string_view separator) {
    return option.letter != 0 ? fmt::format("--{}{}-{}", option.name, separator, option.letter)
                              : fmt::format("--{}", option.name);
}

/// The options whose next word is their value, as a pattern of `case`.
std::string taking_values() {
    std::set<std::string> spelled;
    for (const CommandInfo& command : commands())
        for (const OptionInfo* option : options_of(command))
            if (!option->argument.empty()) spelled.insert(spellings(*option, "|"));
    return fmt::format("{}", fmt::join(spelled, "|"));
}

/// For zsh and fish: inside single quotes.
std::string single_quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
        } else {
            result += c;
        }
    }
    return result + "'";
}

// ---- bash ----

std::string bash_values(const OptionInfo& option) {
    if (!option.choices.empty()) return fmt::format("_pyfops_words '{}'", option.choices);
    switch (option.values) {
    case Values::file:
        return "_pyfops_files -f";
    case Values::directory:
        return "_pyfops_files -d";
    case Values::function:
        return "_pyfops_ask functions";
    case Values::template_name:
        return "_pyfops_ask templates";
    case Values::selection:
        return "compopt -o nospace; _pyfops_words 'provider= region= function='";
    case Values::nothing:
        return ":";
    }
    return ":";
}

constexpr std::string_view bash_helpers = R"sh(_pyfops_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}
_pyfops_files() {
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}
_pyfops_ask() {
    _pyfops_words "$("${COMP_WORDS[0]}" completion "$1" 2>/dev/null)"
}
)sh";

} // namespace

std::string bash_completion() {
    std::string script = "# bash completion for pyfops; made by 'pyfops completion bash'\n";
    script += bash_helpers;
    script += fmt::format(R"sh(_pyfops() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" command='' i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "${{COMP_WORDS[i]}}" in
        {}) ((i++)) ;;
        -*) ;;
        *) command="${{COMP_WORDS[i]}}"; break ;;
        esac
    done
    case "$command" in
)sh",
                          taking_values());
    script += fmt::format(
        "    '') case \"$cur\" in -*) _pyfops_words '--help --version' ;; *) _pyfops_words '{}' ;; esac ;;\n",
        fmt::join(command_names(), " "));
    for (const CommandInfo& command : commands()) {
        if (command.section == Section::hidden) continue;
        script += fmt::format("    {})\n        case \"$prev\" in\n", command.name);
        std::string options;
        for (const OptionInfo* option : options_of(command)) {
            options += spellings(*option, " ") + " ";
            if (!option->argument.empty())
                script +=
                    fmt::format("        {}) {}; return ;;\n", spellings(*option, "|"), bash_values(*option));
        }
        script += fmt::format("        esac\n        case \"$cur\" in\n        -*) _pyfops_words '{}' ;;\n",
                              options);
        const std::vector<std::string> words = operand_words(command);
        if (!words.empty()) {
            script += fmt::format("        *) _pyfops_words '{}' ;;\n", fmt::join(words, " "));
        } else if (command.operand_values != Values::nothing) {
            const OptionInfo operand{"", 0, "x", "", command.operand_values};
            script += fmt::format("        *) {} ;;\n", bash_values(operand));
        }
        script += "        esac ;;\n";
    }
    return script + "    esac\n}\ncomplete -F _pyfops pyfops\n";
}

// ---- zsh ----

namespace {

/// Inside an _arguments specification: brackets and colons mean something there.
std::string zsh_escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

std::string zsh_values(Values values, std::string_view choices) {
    if (!choices.empty()) return fmt::format("({})", choices);
    switch (values) {
    case Values::file:
        return "_files";
    case Values::directory:
        return "_files -/";
    case Values::function:
        return "_pyfops_functions";
    case Values::template_name:
        return "_pyfops_templates";
    case Values::selection:
        return "(provider= region= function=)";
    case Values::nothing:
        return "";
    }
    return "";
}

std::string zsh_option(const OptionInfo& option) {
    const std::string value =
        option.argument.empty()
            ? std::string()
            : fmt::format(":{}:{}", zsh_escaped(option.argument), zsh_values(option.values, option.choices));
    const std::string rest = fmt::format("[{}]{}", zsh_escaped(option.help), value);
    const std::string star = option.repeatable ? "*" : "";
    std::string text;
    if (option.letter != 0)
        text += "        " + single_quoted(fmt::format("{}-{}{}", star, option.letter, rest)) + " \\\n";
    return text + "        " + single_quoted(fmt::format("{}--{}{}", star, option.name, rest)) + " \\\n";
}

} // namespace

std::string zsh_completion() {
    std::string script =
        "#compdef pyfops\n# zsh completion for pyfops; made by 'pyfops completion zsh'\n"
        "_pyfops_functions() {\n    compadd -- ${(f)\"$(pyfops completion functions 2>/dev/null)\"}\n}\n"
        "_pyfops_templates() {\n    compadd -- ${(f)\"$(pyfops completion templates 2>/dev/null)\"}\n}\n"
        "_pyfops() {\n    local -a commands\n    commands=(\n";
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden)
            script += fmt::format("        {}\n",
                                  single_quoted(fmt::format("{}:{}", command.name, command.summary)));
    script += fmt::format(R"sh(    )
    local -i at=2
    while (( at < CURRENT )); do
        case ${{words[at]}} in
        {}) (( at += 2 )) ;;
        -*) (( at++ )) ;;
        *) break ;;
        esac
    done
    if (( at >= CURRENT )); then
        _describe command commands
        return
    fi
    local command=${{words[at]}}
    shift $(( at - 1 )) words
    (( CURRENT -= at - 1 ))
    case $command in
)sh",
                          taking_values());
    for (const CommandInfo& command : commands()) {
        if (command.section == Section::hidden) continue;
        script += fmt::format("    {})\n        _arguments -s \\\n", command.name);
        for (const OptionInfo* option : options_of(command))
            script += zsh_option(*option);
        const std::vector<std::string> words = operand_words(command);
        std::string values = words.empty() ? zsh_values(command.operand_values, {})
                                           : fmt::format("({})", fmt::join(words, " "));
        if (values.empty()) values = "_default";
        script += command.max_operands > 0
                      ? "        " + single_quoted(fmt::format("1:operand:{}", values)) + " ;;\n"
                      : std::string("        && return ;;\n");
    }
    // From a folder of fpath it is the function itself, otherwise it has to be bound.
    return script + "    esac\n}\nif [[ ${funcstack[1]} == _pyfops ]]; then\n    _pyfops \"$@\"\nelse\n"
                    "    compdef _pyfops pyfops\nfi\n";
}

// ---- fish ----

std::string fish_completion() {
    std::string script =
        "# fish completion for pyfops; made by 'pyfops completion fish'\ncomplete -c pyfops -f\n";
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden)
            script += fmt::format("complete -c pyfops -n __fish_use_subcommand -a {} -d {}\n", command.name,
                                  single_quoted(command.summary));
    for (const CommandInfo& command : commands()) {
        if (command.section == Section::hidden) continue;
        const std::string seen = single_quoted(fmt::format("__fish_seen_subcommand_from {}", command.name));
        for (const OptionInfo* option : options_of(command)) {
            script += fmt::format("complete -c pyfops -n {} -l {}", seen, option->name);
            if (option->letter != 0) script += fmt::format(" -s {}", option->letter);
            if (!option->argument.empty()) script += option->values == Values::file ? " -r -F" : " -x";
            if (!option->choices.empty()) script += fmt::format(" -a {}", single_quoted(option->choices));
            if (option->values == Values::directory) script += " -a '(__fish_complete_directories)'";
            if (option->values == Values::template_name)
                script += " -a '(pyfops completion templates 2>/dev/null)'";
            if (option->values == Values::selection) script += " -a 'provider= region= function='";
            script += fmt::format(" -d {}\n", single_quoted(option->help));
        }
        const std::vector<std::string> words = operand_words(command);
        if (!words.empty())
            script += fmt::format("complete -c pyfops -n {} -a {}\n", seen,
                                  single_quoted(fmt::format("{}", fmt::join(words, " "))));
        if (command.operand_values == Values::function)
            script += fmt::format("complete -c pyfops -n {} -a '(pyfops completion functions 2>/dev/null)'\n",
                                  seen);
        if (command.operand_values == Values::directory)
            script += fmt::format("complete -c pyfops -n {} -a '(__fish_complete_directories)'\n", seen);
    }
    return script;
}

} // namespace pyfops::cli

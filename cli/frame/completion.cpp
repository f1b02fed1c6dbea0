// SPDX-License-Identifier: Apache-2.0
#include "frame/completion.hpp"

#include "commands.hpp"
#include "frame/arguments.hpp"
#include "frame/options.hpp"
#include "frame/text.hpp"
#include "pyfops/text.hpp"

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
    if (command.name == "help") return command_names();
    std::vector<std::string> words;
    for (const std::string_view word : split(command.words, ' '))
        if (!word.empty()) words.emplace_back(word);
    return words;
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
    case Values::provider:
        return "_pyfops_ask providers";
    case Values::selection:
        return "_pyfops_only";
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
_pyfops_only() {
    local before=''
    compopt -o nospace
    [[ $cur == *,* ]] && before="${cur%,*},"
    case "$before${key##*,}" in
    provider) _pyfops_ask providers ;;
    function) _pyfops_ask functions ;;
    region | slot) ;;
    *) mapfile -t COMPREPLY < <(compgen -P "$before" -W 'provider= region= function= slot=' -- "${cur##*,}") ;;
    esac
}
)sh";

} // namespace

std::string bash_completion() {
    std::string script = "# bash completion for pyfops; made by 'pyfops completion bash'\n";
    script += bash_helpers;
    script += fmt::format(R"sh(_pyfops() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" command='' key='' operands=0 i
    COMPREPLY=()
    # '=' ends a word for readline: 'provider=aws' comes as three.
    if [[ $cur == = ]]; then
        key="$prev" prev="${{COMP_WORDS[COMP_CWORD-2]}}" cur=''
    elif [[ $prev == = ]]; then
        key="${{COMP_WORDS[COMP_CWORD-2]}}" prev="${{COMP_WORDS[COMP_CWORD-3]}}"
    fi
    [[ $key == -* ]] && prev="$key" key=''
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "${{COMP_WORDS[i]}}" in
        {}) [[ ${{COMP_WORDS[i+1]}} == = ]] || ((i++)) ;;
        =) ((i++)) ;;
        -*) ;;
        *) if [[ -n $command ]]; then ((operands++)); else command="${{COMP_WORDS[i]}}"; fi ;;
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
            else if (option->values != Values::nothing)
                script += fmt::format("        {}) [[ $cur == -* ]] || {{ {}; return; }} ;;\n",
                                      spellings(*option, "|"), bash_values(*option));
        }
        script += fmt::format("        esac\n        case \"$cur\" in\n        -*) _pyfops_words '{}' ;;\n",
                              options);
        const std::vector<std::string> words = operand_words(command);
        const OptionInfo operand{"", 0, "x", "", command.operand_values};
        std::string operands;
        if (!words.empty())
            operands += fmt::format("           0) _pyfops_words '{}' ;;\n", fmt::join(words, " "));
        if (command.operand_values != Values::nothing)
            operands += fmt::format("           {}) {} ;;\n", words.empty() ? 0 : 1, bash_values(operand));
        if (!operands.empty()) script += "        *) case $operands in\n" + operands + "           esac ;;\n";
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
    case Values::provider:
        return "_pyfops_providers";
    case Values::selection:
        return "_pyfops_only";
    case Values::nothing:
        return "";
    }
    return "";
}

std::string zsh_option(const OptionInfo& option) {
    const std::string values = zsh_values(option.values, option.choices);
    std::string value;
    if (!option.argument.empty()) value = fmt::format(":{}:{}", zsh_escaped(option.argument), values);
    // A flag and its operand are to zsh an option whose value may be left out.
    if (option.argument.empty() && !values.empty()) value = fmt::format("::operand:{}", values);
    const std::string rest = fmt::format("[{}]{}", zsh_escaped(option.help), value);
    const std::string star = option.repeatable ? "*" : "";
    std::string text;
    if (option.letter != 0)
        text += "        " + shell_quoted(fmt::format("{}-{}{}", star, option.letter, rest)) + " \\\n";
    return text + "        " + shell_quoted(fmt::format("{}--{}{}", star, option.name, rest)) + " \\\n";
}

} // namespace

std::string zsh_completion() {
    std::string script =
        "#compdef pyfops\n# zsh completion for pyfops; made by 'pyfops completion zsh'\n"
        "_pyfops_functions() {\n    compadd -- ${(f)\"$(pyfops completion functions 2>/dev/null)\"}\n}\n"
        "_pyfops_templates() {\n    compadd -- ${(f)\"$(pyfops completion templates 2>/dev/null)\"}\n}\n"
        "_pyfops_providers() {\n    compadd -- ${(f)\"$(pyfops completion providers 2>/dev/null)\"}\n}\n"
        "_pyfops_only() {\n    _values -s , -S = key 'provider:id:_pyfops_providers' 'region:code: ' "
        "'function:name:_pyfops_functions' 'slot:size: '\n}\n"
        "_pyfops() {\n    local -a commands\n    commands=(\n";
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden)
            script += fmt::format("        {}\n",
                                  shell_quoted(fmt::format("{}:{}", command.name, command.summary)));
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
        const std::string values = zsh_values(command.operand_values, {});
        std::string operands;
        if (!words.empty())
            operands += " " + shell_quoted(fmt::format("1:operand:({})", fmt::join(words, " ")));
        if (!values.empty())
            operands += " " + shell_quoted(fmt::format("{}:operand:{}", words.empty() ? 1 : 2, values));
        script += fmt::format("       {} && return ;;\n", operands);
    }
    // From a folder of fpath it is the function itself, otherwise it has to be bound.
    return script + "    esac\n}\nif [[ ${funcstack[1]} == _pyfops ]]; then\n    _pyfops \"$@\"\nelse\n"
                    "    compdef _pyfops pyfops\nfi\n";
}

// ---- fish ----

namespace {

/// An operand where that condition holds.
std::string fish_operand(const std::string& condition, Values values) {
    const std::string start = fmt::format("complete -c pyfops -n {}", shell_quoted(condition));
    switch (values) {
    case Values::file:
        return start + " -F\n";
    case Values::directory:
        return start + " -a '(__fish_complete_directories)'\n";
    case Values::function:
        return start + " -a '(pyfops completion functions 2>/dev/null)'\n";
    case Values::provider:
        return start + " -a '(pyfops completion providers 2>/dev/null)'\n";
    case Values::template_name:
    case Values::selection:
    case Values::nothing:
        return {};
    }
    return {};
}

} // namespace

std::string fish_completion() {
    std::string script =
        "# fish completion for pyfops; made by 'pyfops completion fish'\ncomplete -c pyfops -f\n";
    for (const CommandInfo& command : commands())
        if (command.section != Section::hidden)
            script += fmt::format("complete -c pyfops -n __fish_use_subcommand -a {} -d {}\n", command.name,
                                  shell_quoted(command.summary));
    for (const CommandInfo& command : commands()) {
        if (command.section == Section::hidden) continue;
        const std::string seen = shell_quoted(fmt::format("__fish_seen_subcommand_from {}", command.name));
        for (const OptionInfo* option : options_of(command)) {
            script += fmt::format("complete -c pyfops -n {} -l {}", seen, option->name);
            if (option->letter != 0) script += fmt::format(" -s {}", option->letter);
            if (!option->argument.empty()) script += option->values == Values::file ? " -r -F" : " -x";
            if (!option->choices.empty()) script += fmt::format(" -a {}", shell_quoted(option->choices));
            if (option->values == Values::directory) script += " -a '(__fish_complete_directories)'";
            if (option->values == Values::template_name)
                script += " -a '(pyfops completion templates 2>/dev/null)'";
            if (option->values == Values::provider && !option->argument.empty())
                script += " -a '(pyfops completion providers 2>/dev/null)'";
            if (option->values == Values::selection)
                script += " -a 'provider= region= function= slot= "
                          "provider=(pyfops completion providers 2>/dev/null) "
                          "function=(pyfops completion functions 2>/dev/null)'";
            script += fmt::format(" -d {}\n", shell_quoted(option->help));
        }
        for (const OptionInfo* option : options_of(command))
            if (option->argument.empty() && option->values != Values::nothing)
                script +=
                    fish_operand(fmt::format("__fish_seen_subcommand_from {}; and __fish_contains_opt {}",
                                             command.name, option->name),
                                 option->values);
        const std::vector<std::string> words = operand_words(command);
        const std::string list = fmt::format("{}", fmt::join(words, " "));
        const std::string after = fmt::format("__fish_seen_subcommand_from {}", command.name);
        if (words.empty()) {
            script += fish_operand(after, command.operand_values);
        } else if (command.operand_values == Values::nothing) {
            script += fmt::format("complete -c pyfops -n {} -a {}\n", seen, shell_quoted(list));
        } else {
            const std::string given = fmt::format("__fish_seen_subcommand_from {}", list);
            script +=
                fmt::format("complete -c pyfops -n {} -a {}\n",
                            shell_quoted(fmt::format("{}; and not {}", after, given)), shell_quoted(list));
            script += fish_operand(fmt::format("{}; and {}", after, given), command.operand_values);
        }
    }
    return script;
}

} // namespace pyfops::cli

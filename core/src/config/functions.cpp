// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

namespace fs = std::filesystem;

namespace pyfops::config {

const std::vector<std::string> function_keys{"name",        "type",         "description", "source",
                                             "handler",     "memory",       "tune",        "timeout",
                                             "environment", "requirements", "tests"};

namespace {

bool in_class(char c, std::string_view extra) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
           std::all_of(text.begin(), text.end(), [](char c) { return in_class(c, "_"); });
}

bool is_dotted(std::string_view text) {
    while (true) {
        const std::size_t dot = text.find('.');
        if (!is_identifier(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::string module_file(const std::string& module) {
    std::string path = module;
    std::replace(path.begin(), path.end(), '.', '/');
    return path;
}

bool has_module(const fs::path& source, const std::string& module) {
    std::error_code ignored;
    const fs::path base = source / module_file(module);
    return fs::is_regular_file(base.string() + ".py", ignored) ||
           fs::is_regular_file(base / "__init__.py", ignored);
}

/// Modules of a code base, for suggestions: few levels, few entries.
std::vector<std::string> modules_in(const fs::path& source) {
    constexpr int deepest = 2;
    constexpr int most_entries = 1000;
    std::vector<std::string> modules;
    std::error_code failure;
    fs::recursive_directory_iterator entry(source, fs::directory_options::skip_permission_denied, failure);
    for (int seen = 0; !failure && entry != fs::recursive_directory_iterator() && seen < most_entries;
         ++seen) {
        std::error_code ignored;
        const fs::path& path = entry->path();
        const bool folder = entry->is_directory(ignored);
        if (folder && (entry.depth() >= deepest || path.filename().string().starts_with('.') ||
                       path.filename() == "__pycache__"))
            entry.disable_recursion_pending();
        if (!folder && path.extension() == ".py") {
            fs::path module = path.lexically_relative(source).replace_extension();
            if (module.filename() == "__init__") module = module.parent_path();
            std::string name = module.string();
            std::replace(name.begin(), name.end(), '/', '.');
            if (is_dotted(name)) modules.push_back(name);
        }
        entry.increment(failure);
    }
    std::sort(modules.begin(), modules.end());
    return modules;
}

std::vector<std::string> folders_in(const fs::path& parent) {
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator entry(parent, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure)) {
        std::error_code ignored;
        if (entry->is_directory(ignored)) names.push_back(entry->path().filename().string());
        if (names.size() == 1000) break;
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool read_source(const Cursor& function, const Context& context, FunctionSpec& spec) {
    const auto cursor =
        function.required("source", "name the folder of its code: source: functions/thumbnail");
    const auto written = cursor ? cursor->words() : std::nullopt;
    if (!written) return false;
    spec.source_name = *written;
    spec.source = (context.directory / *written).lexically_normal();
    std::error_code ignored;
    if (fs::is_directory(spec.source, ignored)) return true;
    fs::path parent = fs::path(*written).parent_path();
    const std::string best =
        nearest(fs::path(*written).filename().string(), folders_in(context.directory / parent));
    std::string hint = "make it, or repair the path (it starts at the project file)";
    if (!best.empty()) hint = "did you mean '" + (parent / best).string() + "'?";
    if (fs::exists(spec.source, ignored))
        hint = "name the folder, not the file; the file belongs to 'handler'";
    cursor->error("source-missing", "there is no folder " + in_quotes(*written), std::move(hint));
    return false;
}

void read_handler(const Cursor& function, bool has_source, FunctionSpec& spec) {
    const auto cursor = function.required("handler", "name module and callable: handler: thumbnail:handler");
    const auto written = cursor ? cursor->words() : std::nullopt;
    if (!written) return;
    const std::size_t colon = written->find(':');
    const std::size_t dot = written->rfind('.');
    if (colon == std::string::npos) {
        std::string hint = "write it as module:callable, like thumbnail:handler";
        if (dot != std::string::npos && is_dotted(*written))
            hint = fmt::format("did you mean '{}:{}'?", written->substr(0, dot), written->substr(dot + 1));
        cursor->error("handler-form", "a handler is module:callable", std::move(hint));
        return;
    }
    spec.module = written->substr(0, colon);
    spec.callable = written->substr(colon + 1);
    if (!is_dotted(spec.module) || !is_identifier(spec.callable)) {
        std::string hint = "names are of letters, digits and '_'";
        std::string module =
            spec.module.ends_with(".py") ? spec.module.substr(0, spec.module.size() - 3) : spec.module;
        std::replace(module.begin(), module.end(), '/', '.');
        if (module != spec.module && is_dotted(module) && is_identifier(spec.callable))
            hint = fmt::format("did you mean '{}:{}'?", module, spec.callable);
        cursor->error("handler-form", "a handler is module:callable", std::move(hint));
        return;
    }
    if (spec.module.ends_with(".py") && has_source && !has_module(spec.source, spec.module)) {
        cursor->error("handler-form", "the module is named without '.py'",
                      fmt::format("did you mean '{}:{}'?", spec.module.substr(0, spec.module.size() - 3),
                                  spec.callable));
        return;
    }
    if (!has_source || has_module(spec.source, spec.module)) return;
    const auto modules = modules_in(spec.source);
    const std::string best = nearest(spec.module, modules);
    std::string hint = modules.empty() ? "there is no Python file in it" : "it has: " + listed(modules);
    if (!best.empty()) hint = fmt::format("did you mean '{}:{}'?", best, spec.callable);
    cursor->error("module-missing",
                  fmt::format("{} has no module {} ({}.py)", spec.source_name, in_quotes(spec.module),
                              module_file(spec.module)),
                  std::move(hint));
}

void read_requirements(const Cursor& function, const Context& context, bool has_source, FunctionSpec& spec) {
    std::error_code ignored;
    const auto cursor = function.member("requirements");
    if (!cursor) {
        if (const auto source = function.member("source");
            has_source && source && fs::is_regular_file(spec.source / "requirements.txt", ignored))
            source->warning("unused-requirements",
                            spec.source_name + " has a requirements.txt that this function does not use",
                            "add 'requirements: requirements.txt'");
        return;
    }
    const auto written = cursor->words();
    if (!written || !has_source) return;
    for (const fs::path& base : {spec.source, context.directory}) {
        const fs::path file = (base / *written).lexically_normal();
        if (!fs::is_regular_file(file, ignored)) continue;
        spec.requirements = file;
        return;
    }
    cursor->error("requirements-missing", "there is no file " + in_quotes(*written),
                  fmt::format("it is looked for in {} and beside the project file", spec.source_name));
}

} // namespace

std::string as_name(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c >= 'A' && c <= 'Z') {
            result += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (!result.empty() && c >= '0' && c <= '9')) {
            result += c;
        } else if (!result.empty() && result.back() != '-') {
            result += '-';
        }
        if (result.size() == 40) break;
    }
    while (!result.empty() && result.back() == '-')
        result.pop_back();
    return result;
}

bool check_name(const Cursor& cursor, const std::string& name) {
    const bool good = !name.empty() && name.size() <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
                      name.back() != '-' &&
                      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (good) return true;
    const std::string better = as_name(name);
    cursor.error("bad-name",
                 in_quotes(name) + " is no name: small letters, digits and '-', first a letter, at most 40",
                 better.empty() ? "" : "did you mean '" + better + "'?");
    return false;
}

std::string read_python(const Cursor& cursor) {
    const std::string written = cursor.written();
    static const std::regex minor("3\\.[0-9]{1,2}");
    static const std::regex patch("(3\\.[0-9]{1,2})\\.[0-9]{1,4}");
    std::smatch match;
    if (cursor.value().is_string() && std::regex_match(written, minor)) return written;
    if (cursor.value().is_double() && std::regex_match(written, minor)) {
        cursor.error("bad-python", "a Python version must be text: as a number 3.10 is 3.1",
                     fmt::format("put it into quotes: \"{}\"", written));
    } else if (cursor.value().is_string() && written.size() < 20 && std::regex_match(written, match, patch)) {
        cursor.error("bad-python", "a Python version has no patch level: clouds choose that",
                     fmt::format("write \"{}\"", match[1].str()));
    } else {
        cursor.error("bad-python", "a Python version looks like \"3.11\"");
    }
    return {};
}

MemorySetting read_memory(const Cursor& cursor) {
    constexpr long long most = 1 << 20;
    MemorySetting setting;
    if (const auto* text = cursor.value().if_string(); text && *text == "auto") return setting;
    if (cursor.value().is_string()) {
        const std::string written = cursor.written();
        const bool digit = !written.empty() && written[0] >= '0' && written[0] <= '9';
        if (digit) {
            cursor.integer(1, most, "MB");
        } else {
            cursor.error("bad-value", "memory is auto, a number of MB or a list of them",
                         did_you_mean(written, {"auto"}));
        }
        return setting;
    }
    if (!cursor.value().is_number() && !cursor.value().is_array()) {
        cursor.wrong_type("auto, a number of MB or a list of them");
        return setting;
    }
    setting.automatic = false;
    if (!cursor.value().is_array()) {
        if (const auto size = cursor.integer(1, most, "MB"))
            setting.megabytes.push_back(static_cast<int>(*size));
        return setting;
    }
    if (cursor.items().empty()) cursor.error("bad-value", "the list of memory sizes is empty", "write auto");
    for (const Cursor& item : cursor.items()) {
        const auto size = item.integer(1, most, "MB");
        if (!size) continue;
        const int megabytes = static_cast<int>(*size);
        if (std::find(setting.megabytes.begin(), setting.megabytes.end(), megabytes) !=
            setting.megabytes.end()) {
            item.error("duplicate-memory", fmt::format("{} MB is listed twice", megabytes), "remove one");
        } else {
            setting.megabytes.push_back(megabytes);
        }
    }
    return setting;
}

FunctionSpec read_function(const Cursor& cursor, Context& context) {
    FunctionSpec spec;
    spec.path = cursor.path();
    spec.python = context.python;
    if (!cursor.is_mapping()) return spec;
    cursor.only(function_keys);
    if (const auto name = cursor.required("name", "give it a name, like thumbnail"))
        if (const auto text = name->text(); text && check_name(*name, *text)) spec.name = *text;
    spec.type = spec.name + "Type";
    if (const auto type = cursor.member("type"))
        if (const auto text = type->words()) {
            spec.type = *text;
            const bool good =
                text->size() <= 100 && in_class((*text)[0], "") &&
                std::all_of(text->begin(), text->end(), [](char c) { return in_class(c, "_.-"); });
            if (!good)
                type->error("bad-name", in_quotes(*text) + " is no function type",
                            "letters, digits, '_', '-' and '.', at most 100, first a letter or digit");
        }
    if (const auto description = cursor.member("description"))
        spec.description = description->text().value_or("");
    const bool has_source = read_source(cursor, context, spec);
    read_handler(cursor, has_source, spec);
    read_requirements(cursor, context, has_source, spec);
    if (const auto timeout = cursor.member("timeout"))
        spec.timeout_seconds = static_cast<int>(timeout->integer(1, 86'400, "seconds").value_or(30));
    if (const auto memory = cursor.member("memory")) spec.memory = read_memory(*memory);
    if (const auto tune = cursor.member("tune")) spec.tune = read_tune(*tune);
    if (const auto environment = cursor.member("environment"))
        spec.environment = read_environment(*environment, context);
    if (const auto tests = cursor.member("tests")) spec.tests = read_tests(*tests, context);
    return spec;
}

} // namespace pyfops::config

// SPDX-License-Identifier: Apache-2.0
// A function that the project file does not know, from implementationFilePath.
#include "demand/folder_function.hpp"

#include "config/parts.hpp"
#include "config/yaml.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace pyfops::demand {

namespace {

struct Handler {
    std::string module, callable; ///< "": not said
};

/// Handlers as AFCL's programs write them: "thumbnail:handler", "lambda_function.lambda_handler", "handler".
Handler handler_of(const DemandRow& row) {
    std::size_t mark = row.handler.find(':');
    if (mark == std::string::npos) mark = row.handler.rfind('.');
    if (mark == std::string::npos) return {"", row.handler};
    return {row.handler.substr(0, mark), row.handler.substr(mark + 1)};
}

/// What a code base's module is called when nobody says.
std::string usual_module(const fs::path& folder) {
    std::vector<std::string> files;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure))
        if (entry->path().extension() == ".py" && entry->path().filename() != "__init__.py")
            files.push_back(entry->path().stem().string());
    if (files.size() == 1) return files.front();
    std::string own = folder.filename().string();
    std::replace(own.begin(), own.end(), '-', '_');
    for (const std::string& name : {own, std::string("handler"), std::string("main"),
                                    std::string("lambda_function"), std::string("function")})
        if (std::find(files.begin(), files.end(), name) != files.end()) return name;
    return own;
}

/// "bwaSplit" -> "bwa-split"
std::string name_of(const std::string& text) {
    std::string spaced;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool upper = text[i] >= 'A' && text[i] <= 'Z';
        const bool after_lower = i > 0 && text[i - 1] >= 'a' && text[i - 1] <= 'z';
        if (upper && after_lower) spaced += '-';
        spaced += text[i];
    }
    return config::as_name(spaced);
}

std::string python_of(const DemandRow& row, const Project& project) {
    static const std::regex version("[Pp]ython ?(3\\.[0-9]{1,2})");
    std::smatch match;
    if (row.language.size() < 64 && std::regex_match(row.language, match, version)) return match[1].str();
    return project.functions.empty() ? FunctionSpec().python : project.functions.front().python;
}

} // namespace

std::optional<fs::path> folder_of(const DemandRow& row, const Project& project) {
    if (row.implementation_path.empty()) return std::nullopt;
    std::error_code failure;
    const fs::path base = fs::canonical(project.directory, failure);
    if (failure) return std::nullopt;
    const fs::path folder = fs::canonical(project.directory / row.implementation_path, failure);
    if (failure || !fs::is_directory(folder, failure)) return std::nullopt;
    const fs::path inside = folder.lexically_relative(base);
    if (inside.empty() || *inside.begin() == "..") return std::nullopt;
    return (project.directory / inside).lexically_normal();
}

const FunctionSpec* function_of(const DemandRow& row, const fs::path& folder, const Project& project) {
    const Handler handler = handler_of(row);
    const FunctionSpec* found = nullptr;
    for (const FunctionSpec& function : project.functions) {
        std::error_code failure;
        if (!fs::equivalent(function.source, folder, failure)) continue;
        if ((!handler.module.empty() && handler.module != function.module) ||
            (!handler.callable.empty() && handler.callable != function.callable))
            continue;
        if (found) return nullptr; // several could be meant
        found = &function;
    }
    return found;
}

FunctionSpec make_function(const DemandRow& row, const fs::path& folder, const Project& project,
                           Diagnostics& diagnostics) {
    const Handler handler = handler_of(row);
    const std::string named = !row.function.empty()    ? row.function
                              : !row.type_name.empty() ? name_of(row.type_name)
                                                       : name_of(row.implementation);
    json::object written{{"name", named},
                         {"source", folder.lexically_relative(project.directory).generic_string()},
                         {"handler", (handler.module.empty() ? usual_module(folder) : handler.module) + ":" +
                                         (handler.callable.empty() ? "handler" : handler.callable)}};
    if (!row.type.empty()) written["type"] = row.type;
    std::error_code failure;
    if (fs::is_regular_file(folder / "requirements.txt", failure))
        written["requirements"] = "requirements.txt";
    if (row.timeout_seconds != 0) written["timeout"] = row.timeout_seconds;
    if (!row.environment.empty()) {
        json::object environment;
        for (const auto& [key, value] : row.environment)
            environment[key] = value;
        written["environment"] = std::move(environment);
    }
    const config::YamlDocument document(json::serialize(written), row.name, diagnostics);
    config::Findings findings(document, diagnostics);
    config::Context context{project.directory, python_of(row, project), {}, {}};
    if (!document.complete()) return {};
    return config::read_function(config::Cursor(document.value(), "", findings), context);
}

} // namespace pyfops::demand

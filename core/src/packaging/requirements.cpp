// SPDX-License-Identifier: Apache-2.0
#include "packaging/requirements.hpp"

#include "base/printable.hpp"
#include "packaging/python_tags.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::packaging {
namespace {

namespace fs = std::filesystem;

constexpr int max_includes = 20;

std::string_view trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// From a '#' at the start or behind white space on, as pip does.
std::string_view without_comment(std::string_view line) {
    for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
        if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
    return line;
}

/// Takes the next line, joined with those that it continues on.
std::string next_line(std::string_view& text, std::size_t& number) {
    std::string logical;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        const bool comment = trim(line).starts_with('#');
        if (comment || !line.ends_with('\\')) return logical + std::string(line);
        line.remove_suffix(1);
        logical += line;
    }
    return logical;
}

class Reader {
  public:
    Requirements read(const fs::path& file, const std::string& label, const std::vector<std::string>& extra) {
        if (!file.empty()) one(file, label, false, 0);
        std::size_t number = 0;
        for (const std::string& line : extra) {
            hash_.update("x ").update(line).update("\n");
            requirement("the provider's runtime", ++number, line, false);
        }
        requirements_.hash = hex(hash_.finish());
        return std::move(requirements_);
    }

  private:
    [[noreturn]] static void refuse(const std::string& label, std::size_t line, const std::string& text,
                                    std::string_view why, std::string_view hint) {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{}:{}: '{}' {}", label, line, printable(text), why))
            .hint(std::string(hint));
    }

    void one(const fs::path& file, const std::string& label, bool constraints, int depth) {
        std::error_code failure;
        if (!fs::is_regular_file(file, failure))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the requirements file '{}' does not exist", label));
        const std::string content = read_file(file, 4u << 20);
        std::string_view text = content;
        if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
        for (std::size_t number = 0; !text.empty();) {
            const std::size_t first = number + 1;
            const std::string joined = next_line(text, number);
            const std::string line(trim(without_comment(joined)));
            if (line.empty()) continue;
            if (first_invalid_utf8(line))
                refuse(label, first, line, "is not UTF-8", "save the file as UTF-8");
            if (line.find("${") != std::string::npos)
                refuse(label, first, line,
                       "takes in a variable of the environment, which may hold the password of an index and "
                       "would "
                       "go to whatever the line names",
                       "write the value itself, or give the address to pip: 'pip config set', "
                       "PIP_EXTRA_INDEX_URL");
            hash_.update(constraints ? "c " : "r ").update(line).update("\n");
            if (line.front() == '-')
                option(file, label, first, line, constraints, depth);
            else
                requirement(label, first, line, constraints);
        }
    }

    void option(const fs::path& file, const std::string& label, std::size_t number, const std::string& line,
                bool constraints, int depth) {
        const std::size_t end = std::min(line.find_first_of(" ="), line.size());
        std::string name = line.substr(0, end);
        std::string value(trim(std::string_view(line).substr(std::min(end + 1, line.size()))));
        if (name.size() > 2 && name[1] != '-') { // "-rfile"
            value = name.substr(2) + line.substr(end);
            name.resize(2);
        }
        if (name == "-r" || name == "--requirement" || name == "-c" || name == "--constraint") {
            if (value.find("://") != std::string::npos)
                refuse(label, number, line, "includes a file from the network",
                       "keep the file in the project and include it by its path");
            if (depth >= max_includes)
                refuse(label, number, line, "includes files in a circle", "remove one of them");
            const std::string included =
                (fs::path(label).parent_path() / value).lexically_normal().generic_string();
            one(file.parent_path() / value, included, constraints || name == "-c" || name == "--constraint",
                depth + 1);
            return;
        }
        if (name == "-e" || name == "--editable")
            refuse(label, number, line, "is an editable install; its content would not be fixed",
                   "put that code into the function's code base, or give a released version of it");
        if (name == "--no-binary")
            refuse(label, number, line, "asks for builds from source",
                   "remove it: packages are made of wheels");
        static constexpr std::string_view known[] = {"-i",
                                                     "--index-url",
                                                     "--extra-index-url",
                                                     "-f",
                                                     "--find-links",
                                                     "--no-index",
                                                     "--pre",
                                                     "--prefer-binary",
                                                     "--trusted-host",
                                                     "--require-hashes",
                                                     "--only-binary"};
        if (std::ranges::find(known, name) == std::end(known))
            refuse(label, number, line, "is an option that is not known here", "remove it");
    }

    void requirement(const std::string& label, std::size_t number, const std::string& line,
                     bool constraints) {
        const auto word = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                   c == '_' || c == '.';
        };
        const auto name_end = static_cast<std::size_t>(std::ranges::find_if_not(line, word) - line.begin());
        const std::string name = line.substr(0, name_end);
        const std::string_view rest = trim(std::string_view(line).substr(name_end));
        const bool location =
            name.empty() || name.front() == '.' || name.ends_with(".whl") || name.ends_with(".gz") ||
            (!rest.empty() && std::string_view("@/:+\\").find(rest.front()) != std::string_view::npos);
        if (location)
            refuse(label, number, line, "is a path or a link, not a released version",
                   "give a name and a version; a folder of wheels of your own is named with '--find-links'");
        if (!rest.empty() && std::string_view("[<>=!~;(-").find(rest.front()) == std::string_view::npos)
            refuse(label, number, line, "is not a requirement", "write it as 'name==1.2.3'");
        if (!constraints) requirements_.all.push_back({normalise_name(name), line, label, number});
    }

    Requirements requirements_;
    Sha256 hash_;
};

} // namespace

std::string Requirement::place() const {
    return fmt::format("{}:{}: {}", file, line, text);
}

const Requirement* Requirements::find(std::string_view name) const {
    const auto found = std::ranges::find(all, name, &Requirement::name);
    return found == all.end() ? nullptr : &*found;
}

Requirements read_requirements(const fs::path& file, const std::string& label) {
    return Reader().read(file, label, {});
}

Requirements read_requirements(const fs::path& file, const std::string& label,
                               const std::vector<std::string>& extra) {
    return Reader().read(file, label, extra);
}

} // namespace pyfops::packaging

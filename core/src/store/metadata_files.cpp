// SPDX-License-Identifier: Apache-2.0
#include "store/metadata_files.hpp"

#include "afcl/spelling.hpp"
#include "store/text.hpp"

#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

namespace pyfops::store {

using afcl::Column;
using afcl::Kind;
using afcl::Table;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 64u << 20;
constexpr std::size_t most_findings = 200;

/// The line on which each element of the outermost array begins; `text` is JSON.
std::vector<std::size_t> lines_of_elements(std::string_view text) {
    std::vector<std::size_t> lines;
    std::size_t line = 1;
    int depth = 0;
    bool quoted = false;
    bool expected = false; // an element comes next
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') ++line;
        if (quoted) {
            if (c == '\\') ++i;
            quoted = c != '"';
            continue;
        }
        if (std::string_view(" \t\r\n").find(c) != std::string_view::npos) continue;
        if (expected && depth == 1 && c != ']') lines.push_back(line);
        expected = false;
        if (c == '"') quoted = true;
        if (c == '[' || c == '{') {
            ++depth;
            expected = depth == 1;
        }
        if (c == ']' || c == '}') --depth;
        if (c == ',' && depth == 1) expected = true;
    }
    return lines;
}

std::string shown(const json::value& value) {
    return std::string(cut_utf8(canonical_json(value), 60));
}

/// What a value must be; the text is the finding when it is not.
struct Checked {
    Cell cell;
    std::string wrong;
};

Checked check_number(const json::value& value, const Column& column) {
    if (column.kind == Kind::real) {
        if (value.is_number()) return {value.to_number<double>(), {}};
        return {{}, "must be a number"};
    }
    const bool is_flag = column.kind == Kind::flag || column.kind == Kind::digit;
    if (is_flag && value.is_bool()) return {std::int64_t{value.as_bool()}, {}};
    double number = std::numeric_limits<double>::quiet_NaN();
    if (value.is_number()) number = value.to_number<double>();
    const double most = std::numeric_limits<std::int32_t>::max();
    if (number != std::floor(number) || std::abs(number) > most)
        return {{}, is_flag ? "must be true or false" : "must be a whole number"};
    if (is_flag && number != 0 && number != 1) return {{}, "must be true or false"};
    return {static_cast<std::int64_t>(number), {}};
}

Checked check_value(const json::value& value, const Column& column) {
    if (column.kind != Kind::text) return check_number(value, column);
    if (!value.is_string()) return {{}, "must be text"};
    std::string text(value.as_string());
    if (!fits_afcl(text, column.length))
        return {{}, fmt::format("is longer than {} characters, or holds one beyond U+FFFF", column.length)};
    return {std::move(text), {}};
}

Cell default_of(const Column& column) {
    if (column.otherwise == "''") return std::string();
    if (column.otherwise == "0") return std::int64_t{0};
    return nullptr;
}

class Reader {
  public:
    Reader(const Table& table, const fs::path& path, Diagnostics& diagnostics)
        : diagnostics_(diagnostics),
          path_(path) {
        file_.table = &table;
        file_.path = path.string();
    }

    FileTable read() {
        const std::string text = pyfops::read_file(path_, most_bytes);
        const json::value document = parse_json(text, file_.path, {most_bytes, 16});
        if (!document.is_array()) {
            diagnostics_.error("not-rows", "the file must hold an array of rows",
                               "export it again, or move the file away", {file_.path});
            return std::move(file_);
        }
        const std::vector<std::size_t> lines = lines_of_elements(text);
        for (std::size_t i = 0; i < document.as_array().size(); ++i) {
            row_ = {};
            row_.number = i + 1;
            row_.line = i < lines.size() ? lines[i] : 0;
            take(document.as_array()[i]);
            if (diagnostics_.error_count() > most_findings)
                throw Error(ErrorKind::invalid_input,
                            fmt::format("{} has more than {} wrong rows", file_.path, most_findings))
                    .hint("check that this is a metadata file of AFCL");
        }
        for (const std::string& column : unknown_)
            diagnostics_.warning("unknown-column",
                                 fmt::format("the column '{}' is not known and is left out", column), {},
                                 {file_.path});
        check_rows_together();
        return std::move(file_);
    }

  private:
    void wrong(const std::string& what, std::string hint = {}) {
        add_row_finding(diagnostics_, file_, row_, "bad-row", what, std::move(hint));
    }

    void take(const json::value& value) {
        if (!value.is_object()) return wrong("must be an object of columns and values");
        const json::object& object = value.as_object();
        if (const json::value* name = object.if_contains("name"); name && name->is_string())
            row_.cells["name"] = std::string(name->as_string()); // for the findings
        const std::size_t before = diagnostics_.error_count();
        if (file_.table->has_id) take_id(object);
        for (const Column& column : file_.table->columns)
            take_column(object, column);
        for (const auto& member : object)
            if (member.key() != "id" && !knows(member.key())) unknown_.insert(std::string(member.key()));
        if (diagnostics_.error_count() > before) return;
        spell();
        file_.rows.push_back(std::move(row_));
    }

    bool knows(std::string_view name) const {
        for (const Column& column : file_.table->columns)
            if (column.name == name) return true;
        return false;
    }

    void take_id(const json::object& object) {
        const json::value* id = object.if_contains("id");
        const std::int64_t* number = id ? id->if_int64() : nullptr;
        if (!number || *number < 0 || *number > std::numeric_limits<std::int32_t>::max())
            return wrong("must have an id, a whole number");
        row_.id = *number;
        if (!ids_.insert(row_.id).second) wrong(fmt::format("has the id {} of a row before it", row_.id));
    }

    void take_column(const json::object& object, const Column& column) {
        const json::value* value = object.if_contains(column.name);
        const bool empty = !value || value->is_null() ||
                           (column.required && value->is_string() && value->as_string().empty());
        if (empty && column.required) return wrong(fmt::format("needs a '{}'", column.name));
        if (empty) {
            // What a file does not mention gets the database's own default.
            if (value || column.key || !column.otherwise.empty())
                row_.cells[column.name] = default_of(column);
            return;
        }
        Checked checked = check_value(*value, column);
        if (!checked.wrong.empty())
            return wrong(fmt::format("'{}' {}, not {}", column.name, checked.wrong, shown(*value)));
        row_.cells[column.name] = std::move(checked.cell);
    }

    /// Into the database's spelling, whoever wrote it.
    void spell() {
        const char* column = file_.table->name == "provider" ? "name"
                             : file_.table->name == "region" ? "provider"
                                                             : nullptr;
        if (column && !row_.text(column).empty()) row_.cells[column] = afcl::database_name(row_.text(column));
    }

    std::string key_of(const FileRow& row) const {
        std::string key;
        for (const Column& column : file_.table->columns)
            if (column.key) {
                const auto number = row.integer(column.name);
                key += number ? fmt::format("{}\n", *number) : lower_case(row.text(column.name)) + "\n";
            }
        return key;
    }

    void check_rows_together() {
        std::map<std::string, std::size_t> keys, links, types;
        const auto once = [&](std::map<std::string, std::size_t>& seen, const FileRow& row, std::string value,
                              std::string_view what) {
            const auto [first, fresh] = seen.emplace(std::move(value), row.number);
            if (!fresh)
                add_row_finding(diagnostics_, file_, row, "duplicate-row",
                                fmt::format("{} row {}", what, first->second));
        };
        const bool named = file_.table->columns.front().name == "name";
        for (const FileRow& row : file_.rows) {
            once(keys, row, key_of(row), named ? "has the name of" : "is the same as");
            if (file_.table->name == "functiondeployment" && !row.text("KMS_Arn").empty())
                once(links, row, lower_case(row.text("KMS_Arn")), "has the resource link (KMS_Arn) of");
            if (file_.table->name == "functiontype")
                once(types, row, lower_case(row.text("type")), "has the type of");
        }
    }

    Diagnostics& diagnostics_;
    fs::path path_;
    FileTable file_;
    FileRow row_;
    std::set<std::int64_t> ids_;
    std::set<std::string> unknown_;
};

} // namespace

std::string FileRow::text(std::string_view column) const {
    const auto found = cells.find(column);
    if (found == cells.end()) return {};
    const auto* text = std::get_if<std::string>(&found->second);
    return text ? *text : std::string();
}

std::optional<std::int64_t> FileRow::integer(std::string_view column) const {
    const auto found = cells.find(column);
    if (found == cells.end()) return std::nullopt;
    const auto* value = std::get_if<std::int64_t>(&found->second);
    return value ? std::optional(*value) : std::nullopt;
}

std::string FileRow::name() const {
    for (const char* column : {"name", "region", "type"})
        if (const std::string value = text(column); !value.empty()) return value;
    return {};
}

void add_row_finding(Diagnostics& diagnostics, const FileTable& file, const FileRow& row, std::string code,
                     const std::string& what, std::string hint) {
    const std::string name = row.name();
    SourcePosition position;
    position.file = file.path;
    position.line = row.line;
    position.column = 1;
    diagnostics.error(std::move(code),
                      fmt::format("row {}{} {}", row.number, name.empty() ? "" : " ('" + name + "')", what),
                      std::move(hint), std::move(position));
}

std::vector<FileTable> read_metadata_files(const fs::path& directory, Diagnostics& diagnostics) {
    std::error_code failure;
    if (!fs::is_directory(directory, failure))
        throw Error(ErrorKind::invalid_input, fmt::format("there is no directory {}", directory.string()))
            .hint("name the folder that holds functiondeployment.json and the files beside it");
    std::vector<FileTable> files;
    for (const Table& table : afcl::tables()) {
        const fs::path path = directory / table.file;
        if (fs::exists(path, failure)) files.push_back(Reader(table, path, diagnostics).read());
    }
    if (files.empty())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} holds none of AFCL's metadata files", directory.string()))
            .hint("name the folder that holds functiondeployment.json and the files beside it");
    return files;
}

} // namespace pyfops::store

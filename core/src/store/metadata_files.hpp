// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "afcl/tables.hpp"

#include "pyfops/diagnostics.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pyfops::store {

/// Flags are integers.
using Cell = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// A row of a metadata file, checked by itself, in the database's spelling.
struct FileRow {
    std::size_t number = 0; ///< from 1
    std::size_t line = 0;
    std::int64_t id = 0;
    std::map<std::string_view, Cell> cells;

    std::string text(std::string_view column) const;
    std::optional<std::int64_t> integer(std::string_view column) const;
    std::string name() const; ///< for messages
};

struct FileTable {
    const afcl::Table* table = nullptr;
    std::string path; ///< for messages
    std::vector<FileRow> rows;
};

/// The tables' files that exist in `directory`, in the tables' order, each row and the rows of a file among
/// themselves checked. Throws Error(invalid_input) when there is none or one cannot be read.
std::vector<FileTable> read_metadata_files(const std::filesystem::path& directory, Diagnostics& diagnostics);

/// A finding about one row.
void add_row_finding(Diagnostics& diagnostics, const FileTable& file, const FileRow& row, std::string code,
                     const std::string& what, std::string hint = {});

} // namespace pyfops::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pyfops::cli {

/// SGR parameters ("32"), or empty for none.
struct Cell {
    std::string text;
    std::string colour = {};
};

struct Column {
    std::string title;
    bool right = false; ///< numbers
    bool tail = false;  ///< may move to a line of its own below the row when the row is too wide (links)
};

/// Rows with aligned columns. Without a width nothing is ever cut or moved.
class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    /// Texts come from databases and clouds: control characters are shown, never sent.
    void add(std::vector<Cell> row);
    bool empty() const noexcept { return rows_.empty(); }
    /// Columns that are empty in every row are left out. Ends with a line end; "" when there are no rows.
    std::string render(std::size_t width, bool colour) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

std::string coloured(const std::string& text, const std::string& colour, bool enabled);

} // namespace pyfops::cli

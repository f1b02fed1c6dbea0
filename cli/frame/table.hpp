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
    int spare = 0;      ///< may be left out when the row is too wide, the largest first; 0: never
    /// Of a too wide row so much of the text is kept, and it still reads well: the date of a time. 0: all.
    std::size_t stem = 0;
};

/// Rows with aligned columns. Without a width nothing is ever cut or moved.
class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    /// Texts come from databases and clouds: control characters are shown, never sent.
    void add(std::vector<Cell> row);
    bool empty() const noexcept { return rows_.empty(); }
    /// Columns that are empty in every row are left out. A row that is wider than `width` gives up, until it
    /// fits: its tail, what is behind a stem, spare columns, the ends of its longest texts. Ends with a line
    /// end; "" when there are no rows.
    std::string render(std::size_t width, bool colour) const;

  private:
    struct Layout;
    Layout layout(std::size_t width) const;
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

std::string coloured(const std::string& text, const std::string& colour, bool enabled);

} // namespace pyfops::cli

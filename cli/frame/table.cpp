// SPDX-License-Identifier: Apache-2.0
#include "frame/table.hpp"

#include "frame/text.hpp"

#include <algorithm>

namespace pyfops::cli {

std::string coloured(const std::string& text, const std::string& colour, bool enabled) {
    return enabled && !colour.empty() && !text.empty() ? "\x1b[" + colour + "m" + text + "\x1b[0m" : text;
}

namespace {

/// Columns between two columns.
constexpr std::size_t gap = 2;

std::string without_trailing_space(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

} // namespace

void Table::add(std::vector<Cell> row) {
    for (Cell& cell : row)
        cell.text = escape_control(cell.text);
    rows_.push_back(std::move(row));
}

struct Table::Layout {
    std::vector<std::size_t> widths; ///< 0: not shown
    std::vector<bool> stems;         ///< only the stem is shown
    bool move_tails = false;
};

Table::Layout Table::layout(std::size_t width) const {
    Layout layout{std::vector<std::size_t>(columns_.size(), 0), std::vector<bool>(columns_.size(), false)};
    std::vector<std::size_t>& widths = layout.widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        for (const auto& row : rows_)
            widths[c] = std::max(widths[c], display_width(row[c].text));
        if (widths[c] > 0) widths[c] = std::max(widths[c], display_width(columns_[c].title));
    }
    const auto excess = [&] {
        std::size_t sum = 0;
        for (std::size_t c = 0; c < columns_.size(); ++c)
            if (widths[c] > 0 && !(columns_[c].tail && layout.move_tails)) sum += widths[c] + gap;
        return width > 0 && sum > width + gap ? sum - gap - width : 0;
    };

    layout.move_tails = excess() > 0;
    for (std::size_t c = 0; c < columns_.size() && excess() > 0; ++c)
        if (columns_[c].stem > 0 && widths[c] > columns_[c].stem) {
            layout.stems[c] = true;
            widths[c] = std::max(columns_[c].stem, display_width(columns_[c].title));
        }
    while (excess() > 0) {
        std::size_t sparest = columns_.size();
        for (std::size_t c = 0; c < columns_.size(); ++c)
            if (widths[c] > 0 && columns_[c].spare > 0 &&
                (sparest == columns_.size() || columns_[c].spare > columns_[sparest].spare))
                sparest = c;
        if (sparest == columns_.size()) break;
        widths[sparest] = 0;
    }
    // The widest left-aligned column gives way until the row fits; names keep at least a dozen characters.
    while (excess() > 0) {
        std::size_t widest = columns_.size();
        for (std::size_t c = 0; c < columns_.size(); ++c)
            if (!columns_[c].right && !columns_[c].tail && widths[c] > 12 &&
                (widest == columns_.size() || widths[c] > widths[widest]))
                widest = c;
        if (widest == columns_.size()) break;
        widths[widest] -= std::min(excess(), widths[widest] - 12);
    }
    return layout;
}

std::string Table::render(std::size_t width, bool colour) const {
    if (rows_.empty()) return {};
    const Layout shown = layout(width);
    const auto line_of = [&](const auto& cell_at, bool header) {
        std::string line;
        std::string below;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            if (shown.widths[c] == 0) continue;
            const Cell cell = cell_at(c);
            if (columns_[c].tail && shown.move_tails) {
                if (!cell.text.empty() && !header)
                    below += "    " + coloured(cell.text, cell.colour, colour) + "\n";
                continue;
            }
            const std::string text = shown.stems[c] && !header ? cell.text.substr(0, columns_[c].stem)
                                                               : cut_to_width(cell.text, shown.widths[c]);
            const std::string padded =
                columns_[c].right ? pad_left(text, shown.widths[c]) : pad_right(text, shown.widths[c]);
            if (!line.empty()) line += std::string(gap, ' ');
            const std::size_t at = padded.find(text);
            line +=
                padded.substr(0, at) + coloured(text, cell.colour, colour) + padded.substr(at + text.size());
        }
        return without_trailing_space(line) + "\n" + below;
    };
    std::string result = line_of([&](std::size_t c) { return Cell{columns_[c].title, "1"}; }, true);
    for (const auto& row : rows_)
        result += line_of([&](std::size_t c) { return row[c]; }, false);
    return result;
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "frame/table.hpp"

#include "frame/text.hpp"

#include <algorithm>

namespace pyfops::cli {

std::string coloured(const std::string& text, const std::string& colour, bool enabled) {
    return enabled && !colour.empty() && !text.empty() ? "\x1b[" + colour + "m" + text + "\x1b[0m" : text;
}

namespace {

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

std::string Table::render(std::size_t width, bool colour) const {
    if (rows_.empty()) return {};
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        for (const auto& row : rows_)
            widths[c] = std::max(widths[c], display_width(row[c].text));
        if (widths[c] > 0) widths[c] = std::max(widths[c], display_width(columns_[c].title));
    }

    constexpr std::size_t gap = 2;
    const auto total = [&](bool with_tails) {
        std::size_t sum = 0;
        for (std::size_t c = 0; c < columns_.size(); ++c)
            if (widths[c] > 0 && (with_tails || !columns_[c].tail)) sum += widths[c] + gap;
        return sum > gap ? sum - gap : 0;
    };
    const bool move_tails = width > 0 && total(true) > width;
    // The widest left-aligned column gives way until the row fits; names keep at least a dozen characters.
    for (std::size_t sum = total(!move_tails); width > 0 && sum > width; sum = total(!move_tails)) {
        std::size_t widest = columns_.size();
        for (std::size_t c = 0; c < columns_.size(); ++c)
            if (!columns_[c].right && !columns_[c].tail && widths[c] > 12 &&
                (widest == columns_.size() || widths[c] > widths[widest]))
                widest = c;
        if (widest == columns_.size()) break;
        widths[widest] -= std::min(sum - width, widths[widest] - 12);
    }

    const auto line_of = [&](const auto& cell_at, bool header) {
        std::string line;
        std::string below;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            if (widths[c] == 0) continue;
            const Cell cell = cell_at(c);
            if (columns_[c].tail && move_tails) {
                if (!cell.text.empty() && !header)
                    below += "    " + coloured(cell.text, cell.colour, colour) + "\n";
                continue;
            }
            const std::string text = cut_to_width(cell.text, widths[c]);
            const std::string padded =
                columns_[c].right ? pad_left(text, widths[c]) : pad_right(text, widths[c]);
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

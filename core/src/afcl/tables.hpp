// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace pyfops::afcl {

enum class Kind {
    integer,
    real,
    text,
    flag,  ///< bit(1): true or false in JSON
    digit, ///< tinyint(1): 0 or 1 in JSON
};

/// Who knows a column: an unknown one makes a program fail that reads the files.
enum Readers : unsigned { nobody = 0, engine_only = 1, scheduler_only = 2, both = 3 };

struct Column {
    std::string_view name;
    Kind kind = Kind::text;
    unsigned readers = both;
    bool required = false;           ///< a row without it is of no use
    bool key = false;                ///< part of what makes a row the same as another one
    std::string_view refers = {};    ///< the table whose id this is
    std::string_view otherwise = {}; ///< what stands for NULL where the column takes none
    std::size_t length = 255;        ///< of texts
};

struct Table {
    std::string_view name;
    std::string_view file; ///< "datatransfer.json"
    bool has_id = true;
    bool counts = true;              ///< ids come from a counter of the table
    std::span<const Column> columns; ///< without id
};

/// In an order in which no table refers to a later one.
std::span<const Table> tables();
const Table& table(std::string_view name);

} // namespace pyfops::afcl

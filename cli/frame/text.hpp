// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/utf8.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::cli {

/// "0 B", "512 B", "1.5 KiB", "36.9 MiB".
std::string human_size(std::size_t bytes);
/// "85 ms", "1.2 s", "3 min 20 s", "2 h 5 min".
std::string human_duration(Milliseconds duration);
/// "1 function", "3 functions".
std::string counted(std::size_t count, std::string_view noun);

using pyfops::escape_control;

/// Inside single quotes, as every shell takes it for one word.
std::string shell_quoted(std::string_view text);
/// A word of a command line that somebody may copy: quoted only where a shell would not take it as it is.
std::string shell_word(std::string_view text);

/// Columns that well-formed UTF-8 takes on a terminal: wide characters count 2, combining ones 0.
std::size_t display_width(std::string_view text);
/// Cut to `width` columns; what was cut ends in "...".
std::string cut_to_width(std::string_view text, std::size_t width);
/// Words in lines of at most `width` columns, each line after the first indented; ends with a line end.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);
/// How wide sentences are set on a stream of that width (0: no terminal).
std::size_t text_width(std::size_t width);
std::string pad_right(std::string text, std::size_t width);
std::string pad_left(std::string text, std::size_t width);

/// A positive number of seconds: "90", "90s", "5m", "2h", "1d". Throws Error(invalid_input) naming `what`.
std::chrono::seconds parse_duration(std::string_view text, std::string_view what);
/// A decimal integer within [low, high]. Throws Error(invalid_input) naming `what`.
long parse_number(std::string_view text, std::string_view what, long low, long high);

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pyfops {

/// The file format of java.util.Properties: comments with # and !, '=', ':' or white space after the key,
/// \uXXXX and the other escapes, lines continued by a backslash. Bytes that are not UTF-8 are Latin-1.
std::map<std::string, std::string> parse_java_properties(std::string_view text);

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pyfops::ibm {

using Properties = std::map<std::string, std::string>;

/// Lines of NAME=value, as in ibm-credentials.env and .wskprops: comments, blank lines, `export` and quotes
/// around a value are understood; what is no such line is left out.
Properties parse_properties(std::string_view text);

} // namespace pyfops::ibm

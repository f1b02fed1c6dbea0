// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"

#include <string>

namespace aws_vectors {

/// A request as the vector suites write it: names and values divided by ':' alone, folded lines, paths that
/// are not encoded.
pyfops::HttpRequest parse(const std::string& text);
/// The file without line ends at its end; "" when it does not exist.
std::string slurp(const std::string& path);

} // namespace aws_vectors

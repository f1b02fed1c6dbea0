// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "views/run_view.hpp"

#include <string>

namespace pyfops::cli {

/// A run as JUnit XML (docs/cli.md): a test suite for each deployment, a test case for each test and
/// repetition. What failed before or between the tests is a test case with an error, what was cancelled one
/// that was skipped.
std::string junit_xml(const RunView& view);

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"

#include <vector>

namespace pyfops::cli {

/// What the program tells its caller; documented in docs/cli.md.
enum ExitCode {
    all_well = 0,
    something_failed = 1, ///< some deployment, test or call
    wrong_usage = 2,      ///< arguments or configuration
    no_credentials = 3,   ///< none, unknown, expired, or without the right
    database_failed = 4,
    interrupted = 130
};

int exit_code(ErrorKind kind) noexcept;

/// Of several failures beside `succeeded` good ones: an interruption wins, then the database; credentials
/// only when they are all there is to say; else something_failed.
int exit_code(const std::vector<ErrorKind>& failures, std::size_t succeeded) noexcept;

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"
#include "pyfops/clock.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sandbox.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops::cli {

/// One interpreter that was asked for.
struct RuntimeRow {
    std::string version; ///< as asked
    bool made = false;   ///< now; false: it was there
    Milliseconds took{};
    std::optional<PythonRuntime> runtime;
    std::optional<Error> failure;
};

std::string runtimes_table(const std::vector<RuntimeRow>& rows, const StreamTraits& out);
/// pyfops.runtimes/1
json::object runtimes_json(const std::vector<RuntimeRow>& rows);

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/export.hpp"
#include "pyfops/sandbox.hpp"
#include "pyfops/task.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// A Debian suite and the Python that it brings.
struct RuntimeSuite {
    std::string_view version; ///< "3.13"
    std::string_view suite;   ///< "trixie"
};

/// The exact interpreters that can be made, oldest first.
PYFOPS_EXPORT std::span<const RuntimeSuite> runtime_suites() noexcept;

/// Makes the runtime roots of these versions under `cache`/runtimes with mmdebstrap, from where this
/// machine's apt takes Debian from, and runs each interpreter in the sandbox before its root gets its name. A
/// root that is there is kept; several processes may do this at once; one that is killed leaves no half root.
/// The answer has the order of `versions`. Throws not_found (no suite brings that version; mmdebstrap is not
/// installed), invalid_input (this machine's users may not make or enter a root), unavailable (the suite
/// cannot be fetched, with apt's words), limit_exceeded (disk full), timeout, cancelled.
PYFOPS_EXPORT Task<std::vector<PythonRuntime>>
make_runtimes(std::vector<std::string> versions, std::filesystem::path cache, StageContext& context);

/// Names the first wheel, installed below the unpacked package, whose tags do not fit that interpreter, and
/// why: "the wheel markupsafe-3.0.2-cp313-... cannot run on Python 3.11.2: it is for cp313-cp313, ...".
/// Empty: all fit.
PYFOPS_EXPORT std::string unfit_wheel(const std::filesystem::path& package, const PythonRuntime& runtime);

} // namespace pyfops

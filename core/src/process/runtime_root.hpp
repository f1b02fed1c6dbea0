// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/sandbox.hpp"

#include <filesystem>
#include <optional>

namespace pyfops::process {

/// The interpreter of a root (empty: the host's), read from its files without running it.
std::optional<PythonRuntime> look_at_root(const std::filesystem::path& root);

/// What was measured when the root was made, beside it: runtimes/trixie.json for runtimes/trixie.
std::filesystem::path record_of(const std::filesystem::path& root);
void write_record(const PythonRuntime& runtime);

/// As look_at_root, from the record when there is one.
std::optional<PythonRuntime> known_root(const std::filesystem::path& root);

} // namespace pyfops::process

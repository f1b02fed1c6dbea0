// SPDX-License-Identifier: Apache-2.0
// What /proc says about processes.
#pragma once

#include "pyfops/export.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::proc {

/// The whole of a small kernel file; "" when it cannot be read.
PYFOPS_EXPORT std::string read_text(const std::filesystem::path& file);

/// In clock ticks after boot: together with the pid it names one process; nullopt: there is none.
std::optional<unsigned long long> start_time(int pid);

/// `pid`'s children and theirs, without `pid`.
PYFOPS_EXPORT std::vector<int> descendants(int pid);

/// Resident memory of a process, shared pages counted whole; cheap.
std::size_t resident_bytes(int pid);
/// Its share: shared pages are divided among those that share them; as `resident_bytes` where the kernel
/// refuses to say.
std::size_t proportional_bytes(int pid);

} // namespace pyfops::proc

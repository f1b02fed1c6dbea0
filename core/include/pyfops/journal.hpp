// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/store.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pyfops {

/// An append-only file (`.pyfops/journal`) that every intent and outcome reaches, fsynced, before the
/// database: JSON lines, each with a checksum. What the database did not take is replayed at the next start.
/// Blocking; several processes may append (one lock per line). A torn last line is ignored.
class PYFOPS_EXPORT Journal {
  public:
    /// Makes the file and its folder when they are not there. Throws Error(storage), also for a file that is
    /// a link.
    explicit Journal(std::filesystem::path file);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Appends and returns the entry's id; it counts as pending until `settle`. On the disk when the call
    /// returns. Throws Error(storage) when it cannot be written or synced: nothing may rely on it then.
    std::string append(const RunRecord& run, const IntentRecord& intent);
    std::string append(const RunRecord& run, const OutcomeRecord& outcome);
    std::string append_destroyed(const RunRecord& run, const FdIdentity& identity, SystemTime at);
    /// The database has it. Throws Error(storage); the entry is then replayed once more, which changes
    /// nothing.
    void settle(const std::string& id);
    /// Writes what processes that are gone left pending to `store`, in order; returns how many entries. What
    /// the store refuses for good (Error(conflict)) and damaged lines become a sentence in `problems`. A
    /// journal with nothing pending is truncated. Throws Error(storage) and keeps the rest pending.
    std::size_t replay(Store& store, std::vector<std::string>* problems = nullptr);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops

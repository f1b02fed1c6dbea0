// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/descriptor.hpp"
#include "store/journal_entry.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace pyfops::store {

/// The file under the journal. Every function throws Error(storage) naming it.
class JournalFile {
  public:
    explicit JournalFile(std::filesystem::path path);

    struct Content {
        std::vector<JournalEntry> entries;
        std::vector<std::string> damaged; ///< whole lines that are not entries
    };

    /// Holds the file against other processes.
    class Lock {
      public:
        explicit Lock(const JournalFile& file);
        ~Lock();
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

      private:
        int fd_;
    };

    /// Everything but a torn last line. The file is locked.
    Content read() const;
    /// Appends a line, after cutting off what a process that was killed left of its own. With `durable`
    /// it is on the disk afterwards. The file is locked.
    void append(const std::string& line, bool durable) const;
    /// Nothing is pending any more; damaged lines are kept beside the file. The file is locked.
    void clear(const Content& content) const;

  private:
    [[noreturn]] void fail(const char* what) const;
    void keep_damaged(const std::vector<std::string>& lines) const;
    std::filesystem::path path_;
    Descriptor file_;
};

} // namespace pyfops::store

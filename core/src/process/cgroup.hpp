// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/child.hpp"
#include "pyfops/export.hpp"
#include "pyfops/sandbox.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::process {

/// The control groups of one sandboxed process group: one directory with v2, one per controller with v1.
/// The destructor kills what is left inside and removes them.
class PYFOPS_EXPORT Cgroup {
  public:
    Cgroup(MemoryControl kind, std::filesystem::path memory, std::filesystem::path pids);
    ~Cgroup();
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    /// Throws Error(internal) naming the file that could not be written.
    void limit(std::optional<std::size_t> memory_bytes, int max_processes);
    /// For a child that enters by writing "0" into each.
    std::vector<Fd> entries() const;
    /// Readable when the kernel may have killed for memory; read it to arm it again. Invalid: none.
    Fd memory_events() const;

    int out_of_memory_kills() const;
    /// Without file cache, which the kernel gives back at need.
    std::size_t peak_bytes() const;
    std::size_t current_bytes() const;

  private:
    MemoryControl kind_;
    std::filesystem::path memory_; ///< empty: no memory controller
    std::filesystem::path pids_;   ///< empty: no pids controller; the same as memory_ with v2
};

/// Where this process may make control groups.
class PYFOPS_EXPORT CgroupHome {
  public:
    /// `parent`: relative to the root of each hierarchy; empty: this process's own group.
    explicit CgroupHome(const std::filesystem::path& parent);

    bool has_memory() const noexcept { return !memory_.empty(); }
    bool has_pids() const noexcept { return !pids_.empty(); }
    MemoryControl kind() const noexcept { return kind_; }
    /// After a child could not enter: as if there were none.
    void give_up() noexcept;

    std::unique_ptr<Cgroup> make();
    /// Removes the groups of owners that are gone.
    void clean_leftovers() const;

  private:
    MemoryControl kind_ = MemoryControl::approximate;
    std::filesystem::path memory_;
    std::filesystem::path pids_;
    std::string prefix_; ///< of this owner: a later start can tell whether it is alive
    unsigned next_ = 0;
};

/// Where a controller's hierarchy is mounted and this process's group in it, from the texts of
/// /proc/self/mountinfo and /proc/self/cgroup. `controller` empty: version 2.
PYFOPS_EXPORT std::optional<std::filesystem::path> own_group(std::string_view mountinfo,
                                                             std::string_view cgroups,
                                                             std::string_view controller,
                                                             const std::filesystem::path& parent = {});

/// "name value" lines, as memory.stat and memory.events have them.
std::map<std::string, std::size_t> read_counters(const std::filesystem::path& file);

} // namespace pyfops::process

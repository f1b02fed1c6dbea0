// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pyfops::google_emulator {

/// A log entry before it is shown.
struct Entry {
    std::int64_t at_us = 0; ///< microseconds since 1970
    std::string log;        ///< "stdout", "requests", "varlog/system"
    std::string severity;
    json::value payload; ///< text or object; null for a request
    json::object request;
    std::string trace, revision;
};

/// Cloud Logging. Entries are kept in memory and written to the state a moment later, together: an invocation
/// must not wait for the disk. At most `max_bytes` of text a function; the oldest go first.
class Logs {
  public:
    explicit Logs(World& world) : world_(world) {}
    ServerResponse list(const Call& call);
    /// `entries` in the order of their time.
    void append(const std::string& location, const std::string& function, std::vector<Entry> entries);
    void forget(const std::string& location, const std::string& function);
    /// Writes what is not written yet.
    void flush();

    static constexpr std::size_t max_bytes = 4u << 20;

  private:
    struct Log {
        std::vector<json::object> entries; ///< as the API shows them, oldest first
        std::size_t bytes = 0;
        bool dirty = false;
    };
    std::map<std::string, Log>& all();
    Task<void> flush_later();

    World& world_;
    std::map<std::string, Log> logs_; ///< by location/function
    std::uint64_t next_id_ = 1;
    bool loaded_ = false;
    bool flush_pending_ = false;
};

} // namespace pyfops::google_emulator

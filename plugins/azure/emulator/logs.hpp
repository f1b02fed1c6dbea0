// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

#include "pyfops/emulator/instances.hpp"

#include <deque>
#include <map>
#include <string>

namespace pyfops::azure_emulator {

/// Application Insights: what apps print, by app. Lines are kept in memory and written to the state a moment
/// later, together: an invocation must not wait for the disk. At most `max_lines` an app; the oldest go
/// first.
class Logs {
  public:
    explicit Logs(World& world) : world_(world) {}
    /// Queries of the form that pyfOps sends, and no others: this is no Kusto engine.
    ServerResponse handle(const Call& call);
    void append(const std::string& app, const std::string& function, const std::string& invocation,
                const ExecutionResult& result);
    void remove(const std::string& app);
    /// Writes what is not written yet.
    void flush();

    static constexpr std::size_t max_lines = 5000;

  private:
    struct Line {
        std::int64_t at = 0;
        std::string text;
    };
    struct App {
        std::deque<Line> lines;
        bool loaded = false, dirty = false;
    };
    App& load(const std::string& app);
    Task<void> flush_later();

    World& world_;
    std::map<std::string, App> apps_; ///< by name in lower case
    bool flush_pending_ = false;
};

} // namespace pyfops::azure_emulator

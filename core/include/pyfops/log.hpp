// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <string_view>

namespace pyfops {

enum class LogLevel { trace, debug, info, warning, error };

/// Diagnostic messages, for the person who looks for a cause; not progress (observer.hpp) and not results.
/// The core writes to no stream. Implementations are thread-safe and never throw.
class PYFOPS_EXPORT Log {
  public:
    virtual ~Log();
    virtual bool enabled(LogLevel level) const noexcept = 0;
    virtual void write(LogLevel level, std::string_view message) noexcept = 0;

    void debug(std::string_view message) noexcept { put(LogLevel::debug, message); }
    void info(std::string_view message) noexcept { put(LogLevel::info, message); }
    void warning(std::string_view message) noexcept { put(LogLevel::warning, message); }

  private:
    void put(LogLevel level, std::string_view message) noexcept {
        if (enabled(level)) write(level, message);
    }
};

/// Swallows everything.
PYFOPS_EXPORT Log& null_log();

} // namespace pyfops

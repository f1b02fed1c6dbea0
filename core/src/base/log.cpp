// SPDX-License-Identifier: Apache-2.0
#include "pyfops/log.hpp"

namespace pyfops {

Log::~Log() = default;

Log& null_log() {
    class NullLog final : public Log {
        bool enabled(LogLevel) const noexcept override { return false; }
        void write(LogLevel, std::string_view) noexcept override {}
    };
    static NullLog log;
    return log;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/descriptor.hpp"
#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/http.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pyfops {

struct ExchangeTimes {
    SystemTime started{};
    SteadyTime begin{};     ///< asked for
    SteadyTime connected{}; ///< a connection was there
    SteadyTime sent{};      ///< the last byte of the request was handed to the system
    SteadyTime end{};       ///< answer read, or given up
    bool reused = false;    ///< the connection
};

/// A HAR 1.2 file of exchanges that is whole and valid after each of them. Secrets never reach it: fields
/// marked sensitive, fields, parameters, JSON members and XML elements with telling names, and every value
/// that redact() knows, also percent- or base64-encoded. Bodies that are no text are left out.
class PYFOPS_EXPORT HarTrace {
  public:
    /// Replaces the file, readable by its owner alone. Throws Error(invalid_input).
    explicit HarTrace(const std::filesystem::path& file);

    /// `response` is null when there was none, for the reason `failure`. False: it could not be written.
    bool add(const HttpRequest& request, const HttpResponse* response, std::string_view failure,
             const ExchangeTimes& times) noexcept;

  private:
    Descriptor file_;
    std::int64_t end_ = 0; ///< where the next entry goes
    bool empty_ = true;
};

} // namespace pyfops

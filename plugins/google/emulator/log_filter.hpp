// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"

#include <functional>
#include <string>

namespace pyfops::google_emulator {

/// The Logging query language, as far as clients of functions use it: comparisons (= != < <= > >= :) of
/// fields with texts, lists of values in parentheses, AND (also by mere juxtaposition), OR, NOT, parentheses,
/// and words that must occur somewhere. As there, OR binds stronger than AND.
class LogFilter {
  public:
    /// Throws ApiError (INVALID_ARGUMENT) for what it cannot read.
    explicit LogFilter(const std::string& text);
    bool matches(const json::object& entry) const { return !test_ || test_(entry); }

  private:
    std::function<bool(const json::object&)> test_;
};

} // namespace pyfops::google_emulator

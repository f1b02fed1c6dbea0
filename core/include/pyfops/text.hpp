// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// ASCII letters in lower case, whatever the locale; other bytes stay.
PYFOPS_EXPORT std::string lower_case(std::string_view text);

/// Without spaces, tabs, carriage returns and line feeds at both ends. The result points into `text`.
PYFOPS_EXPORT std::string_view trimmed(std::string_view text) noexcept;

/// The parts between separators: one more than there are separators, empty ones included. They point into
/// `text`.
PYFOPS_EXPORT std::vector<std::string_view> split(std::string_view text, char separator);

/// All of `text` as a decimal number: an optional minus and digits. nullopt for anything else, and for what a
/// long long does not hold.
PYFOPS_EXPORT std::optional<long long> to_integer(std::string_view text) noexcept;

} // namespace pyfops

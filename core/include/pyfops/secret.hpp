// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace pyfops {

/// Text that must never be printed. There is no conversion to a string, a stream, JSON or fmt: logging one
/// does not compile. `expose()` is the only way out. The memory is cleansed on destruction. Every Secret is
/// known to `redact()` while it lives. Thread-safe registration; the object itself is not.
class PYFOPS_EXPORT Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value);
    Secret(const Secret&);
    Secret(Secret&&) noexcept;
    Secret& operator=(const Secret&);
    Secret& operator=(Secret&&) noexcept;
    ~Secret();

    /// For the byte that goes on the wire or into the process, never for a message.
    const std::string& expose() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }

    friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

  private:
    void forget() noexcept;
    std::string value_;
};

/// `text` with every value of a living Secret (of 4 bytes or more) replaced by "***": the last net before
/// untrusted text enters an Error, a log or a trace. Thread-safe.
PYFOPS_EXPORT std::string redact(std::string_view text);

/// The beginning of redact(text): at most `most` bytes, whole characters, and "..." where something is left
/// out. For untrusted text that must be short: cut first, half a secret would be shown. Thread-safe.
PYFOPS_EXPORT std::string excerpt(std::string_view text, std::size_t most);

/// As excerpt(), of the end of redact(text): of a log it says most. "..." stands in front.
PYFOPS_EXPORT std::string excerpt_of_end(std::string_view text, std::size_t most);

} // namespace pyfops

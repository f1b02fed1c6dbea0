// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace pyfops {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
using SystemTime = std::chrono::system_clock::time_point;

/// Time as the core sees it; injected, so that tests take no time. Used from the engine's thread, except
/// `steady_now` and `system_now`, which any thread may call.
class PYFOPS_EXPORT Clock {
  public:
    virtual ~Clock();
    virtual SteadyTime steady_now() const = 0;
    virtual SystemTime system_now() const = 0;
    /// Suspends the calling task. Throws Error(cancelled) when the task is cancelled meanwhile.
    virtual Task<void> sleep(Milliseconds duration) = 0;
};

/// The machine's clock.
PYFOPS_EXPORT Clock& real_clock();

/// Random numbers and ids; seedable, so that a failing run can be repeated. Not for keys: those come from
/// random_bytes (crypto.hpp). Used from the engine's thread.
class PYFOPS_EXPORT Random {
  public:
    virtual ~Random();
    /// Uniform in [0, 1).
    virtual double uniform() = 0;
    virtual std::uint64_t bits() = 0;
    /// A version 4 UUID in lower case.
    std::string uuid();
};

/// Deterministic for one seed.
class PYFOPS_EXPORT SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    double uniform() override;
    std::uint64_t bits() override;

  private:
    std::uint64_t state_;
};

/// A point in time that is handed down and never restarted: each step takes the earlier of its own limit
/// and what is left.
class PYFOPS_EXPORT Deadline {
  public:
    /// Never passes.
    Deadline() : at_(SteadyTime::max()) {}
    explicit Deadline(SteadyTime at) : at_(at) {}
    static Deadline after(const Clock& clock, Milliseconds duration);

    SteadyTime at() const noexcept { return at_; }
    bool never() const noexcept { return at_ == SteadyTime::max(); }
    /// Zero when passed; Milliseconds::max() when it never passes.
    Milliseconds left(const Clock& clock) const;
    bool passed(const Clock& clock) const { return left(clock).count() == 0; }
    /// The earlier of this and `duration` from now.
    Deadline within(const Clock& clock, Milliseconds duration) const;

  private:
    SteadyTime at_;
};

/// "2026-11-23T06:47:00Z" and back; throws Error(invalid_input). Fractions are accepted and cut.
PYFOPS_EXPORT std::string to_iso8601(SystemTime time);
PYFOPS_EXPORT SystemTime from_iso8601(const std::string& text);
/// The Date header of HTTP (RFC 9110, IMF-fixdate) and back.
PYFOPS_EXPORT std::string to_http_date(SystemTime time);
PYFOPS_EXPORT SystemTime from_http_date(const std::string& text);

} // namespace pyfops

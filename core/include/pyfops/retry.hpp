// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/context.hpp"
#include "pyfops/error.hpp"
#include "pyfops/export.hpp"
#include "pyfops/http.hpp"

#include <functional>
#include <optional>
#include <string>

namespace pyfops {

/// How often and how patiently something is repeated.
struct RetryPolicy {
    int max_attempts = 5;             ///< the first one included
    Milliseconds base{200};           ///< doubles with each attempt
    Milliseconds cap{20'000};         ///< of the backoff; Retry-After may exceed it
    Milliseconds throttled_base{500}; ///< used instead of `base` after a throttling answer
};

/// The wait before attempt `attempt + 1` (attempt counts from 1). A pure function: Retry-After is the floor,
/// jitter is spread over [floor, floor + backoff].
PYFOPS_EXPORT Milliseconds next_delay(const RetryPolicy& policy, int attempt, bool throttled,
                                      std::optional<Milliseconds> retry_after, Random& random);

/// The Retry-After header of an answer: seconds, or an HTTP date, which is compared with the answer's own
/// Date where it has one and with `now` otherwise. At most 30 days; nullopt for what is neither.
PYFOPS_EXPORT std::optional<Milliseconds> retry_after(const HttpHeaders& headers, SystemTime now);

/// True for 408, 429 and 5xx except 501, 505 and 511.
PYFOPS_EXPORT bool is_retryable_status(int status) noexcept;

/// What a provider makes of an answer.
struct Verdict {
    std::optional<Error> failure; ///< none: the answer is good
    bool retry = false;           ///< worth repeating although it failed
    bool throttled = false;
    bool resign = false; ///< repeat at once, without counting (clock skew was corrected); honoured once
    std::optional<Milliseconds> retry_after; ///< overrides the header
};

/// The one retry loop. Makes a fresh request for each attempt (signatures carry the time), takes a place in
/// the limiter, sends it, asks `judge`, waits and repeats. Lost connections are repeated when the request is
/// idempotent, connections that were never made always, refused certificates and redirects never. Retry-After
/// of a throttling answer holds the whole key. Never starts a wait that would pass the deadline: then the
/// last failure is thrown. Emits RetryScheduled. `limit_key` is "provider/account/region/class"; "": no
/// limit.
PYFOPS_EXPORT Task<HttpResponse> send_with_retry(StageContext& context, RetryPolicy policy,
                                                 std::string limit_key, std::function<HttpRequest()> make,
                                                 std::function<Verdict(const HttpResponse&)> judge);

} // namespace pyfops

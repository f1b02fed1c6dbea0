// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// What went wrong, coarse enough to act on. The CLI derives its exit code from it (docs/cli.md).
enum class ErrorKind {
    invalid_input,   ///< configuration or arguments; nothing was attempted
    not_found,       ///< the named thing does not exist
    unauthenticated, ///< no credentials, or credentials that the provider does not know or that expired
    forbidden,       ///< known credentials without the right to do this
    conflict,        ///< the resource exists, is busy, or belongs to somebody else
    limit_exceeded,  ///< a documented limit or an account quota
    throttled,       ///< too many requests; worth repeating later
    unavailable,     ///< server-side failure or no connection; worth repeating
    timeout,         ///< the deadline passed
    cancelled,       ///< the user or the embedder asked to stop
    function_failed, ///< the user's function, not the platform, failed
    plugin,          ///< a plugin cannot be loaded or misbehaved
    storage,         ///< the database or the journal
    internal         ///< a defect of pyfOps
};

PYFOPS_EXPORT std::string_view to_string(ErrorKind kind) noexcept;

/// What the failure itself says about doing the same again, beyond its kind.
enum class Repeat {
    by_kind,  ///< as `Error::retryable` has it; a request that may have been acted on only when idempotent
    useless,  ///< the same will fail the same way: a certificate that is not trusted
    harmless, ///< nothing was done: no connection was made
};

/// One failed operation. Every failure that leaves the core is an Error; exceptions of plugins are copied
/// into a core-built Error at the seam (stage_call). Copyable; safe to keep after the call.
class PYFOPS_EXPORT Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string message);
    Error(const Error&);
    Error(Error&&) noexcept;
    Error& operator=(const Error&);
    Error& operator=(Error&&) noexcept;
    ~Error() override;

    /// Adds where it happened, outermost last: "deploying 'resize' to aws/eu-west-1".
    Error& context(std::string where) &;
    Error&& context(std::string where) &&;
    /// What the person can do next: imperative, no capital and no full stop, as the message; commands in
    /// single quotes ("run 'pyfops db migrate'").
    Error& hint(std::string what_to_do) &;
    Error&& hint(std::string what_to_do) &&;
    /// The provider's own words: untrusted text, shown quoted, never interpreted.
    Error& provider(int http_status, std::string code, std::string message) &;
    Error&& provider(int http_status, std::string code, std::string message) &&;

    Error& repeat(Repeat what_it_is) & noexcept;
    Error&& repeat(Repeat what_it_is) && noexcept;

    ErrorKind kind() const noexcept { return kind_; }
    Repeat repeat() const noexcept { return repeat_; }
    /// True for throttled and unavailable, unless repeating is useless.
    bool retryable() const noexcept;
    /// The message alone, without context and hint.
    const std::string& message() const noexcept { return message_; }
    const std::vector<std::string>& contexts() const noexcept { return contexts_; }
    const std::string& hint() const noexcept { return hint_; }
    std::optional<int> http_status() const noexcept { return http_status_; }
    const std::string& provider_code() const noexcept { return provider_code_; }
    const std::string& provider_message() const noexcept { return provider_message_; }

    /// Message, contexts, the provider's words and the hint on one line.
    const char* what() const noexcept override;

  private:
    void rebuild();

    ErrorKind kind_;
    Repeat repeat_ = Repeat::by_kind;
    std::string message_;
    std::vector<std::string> contexts_;
    std::string hint_;
    std::optional<int> http_status_;
    std::string provider_code_;
    std::string provider_message_;
    std::string what_;
};

/// The Error inside `failure`, or an Error(internal) that describes it. Never throws for a non-null pointer.
PYFOPS_EXPORT Error to_error(std::exception_ptr failure);

} // namespace pyfops

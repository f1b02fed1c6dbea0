// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"

#include "pyfops/secret.hpp"

#include <boost/system/system_error.hpp>

#include <utility>

namespace pyfops {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::invalid_input:
        return "invalid input";
    case ErrorKind::not_found:
        return "not found";
    case ErrorKind::unauthenticated:
        return "unauthenticated";
    case ErrorKind::forbidden:
        return "forbidden";
    case ErrorKind::conflict:
        return "conflict";
    case ErrorKind::limit_exceeded:
        return "limit exceeded";
    case ErrorKind::throttled:
        return "throttled";
    case ErrorKind::unavailable:
        return "unavailable";
    case ErrorKind::timeout:
        return "timeout";
    case ErrorKind::cancelled:
        return "cancelled";
    case ErrorKind::function_failed:
        return "function failed";
    case ErrorKind::plugin:
        return "plugin";
    case ErrorKind::storage:
        return "storage";
    case ErrorKind::internal:
        return "internal";
    }
    return "internal";
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(redact(message)) {
    rebuild();
}
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error& Error::context(std::string where) & {
    contexts_.push_back(redact(where));
    rebuild();
    return *this;
}

Error&& Error::context(std::string where) && {
    return std::move(context(std::move(where)));
}

Error& Error::hint(std::string what_to_do) & {
    hint_ = redact(what_to_do);
    rebuild();
    return *this;
}

Error&& Error::hint(std::string what_to_do) && {
    return std::move(hint(std::move(what_to_do)));
}

Error& Error::provider(int http_status, std::string code, std::string message) & {
    if (http_status != 0) http_status_ = http_status;
    provider_code_ = redact(code);
    provider_message_ = redact(message);
    rebuild();
    return *this;
}

Error&& Error::provider(int http_status, std::string code, std::string message) && {
    return std::move(provider(http_status, std::move(code), std::move(message)));
}

Error& Error::repeat(Repeat what_it_is) & noexcept {
    repeat_ = what_it_is;
    return *this;
}

Error&& Error::repeat(Repeat what_it_is) && noexcept {
    repeat_ = what_it_is;
    return std::move(*this);
}

bool Error::retryable() const noexcept {
    if (repeat_ == Repeat::useless) return false;
    return kind_ == ErrorKind::throttled || kind_ == ErrorKind::unavailable;
}

const char* Error::what() const noexcept {
    return what_.c_str();
}

void Error::rebuild() {
    what_.clear();
    for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context)
        what_ += *context + ": ";
    what_ += message_;
    if (!provider_code_.empty() || !provider_message_.empty()) {
        what_ += " (the provider says: ";
        if (http_status_) what_ += std::to_string(*http_status_) + " ";
        what_ += provider_code_;
        if (!provider_code_.empty() && !provider_message_.empty()) what_ += ": ";
        what_ += provider_message_ + ")";
    }
    if (!hint_.empty()) what_ += "; " + hint_;
}

Error to_error(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        return error;
    } catch (const boost::system::system_error& error) {
        const bool aborted = error.code() == boost::system::errc::operation_canceled;
        return Error(aborted ? ErrorKind::cancelled : ErrorKind::unavailable,
                     aborted ? "cancelled" : error.what());
    } catch (const std::exception& error) {
        return Error(ErrorKind::internal, error.what());
    } catch (...) {
        return Error(ErrorKind::internal, "an exception of unknown type");
    }
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// An http or https URL, taken apart. The target is kept exactly as written (already percent-encoded).
struct PYFOPS_EXPORT Url {
    std::string scheme = "https"; ///< "http" or "https"
    std::string host;             ///< name or address; IPv6 without brackets
    std::uint16_t port = 0;       ///< 0: the scheme's default
    std::string target = "/";     ///< path and query, starts with '/'

    /// Throws Error(invalid_input) for anything but an absolute http(s) URL without user info.
    static Url parse(std::string_view text);
    std::string str() const;
    /// What goes into the Host header: the port only where it is not the default.
    std::string authority() const;
    std::uint16_t effective_port() const noexcept { return port ? port : (scheme == "https" ? 443 : 80); }
    std::string_view path() const noexcept;
    std::string_view query() const noexcept; ///< without '?'
};

/// RFC 3986: everything but A-Za-z0-9-._~ and `keep` is escaped.
PYFOPS_EXPORT std::string percent_encode(std::string_view text, std::string_view keep = {});
/// Throws Error(invalid_input) for a broken escape. '+' stays '+'.
PYFOPS_EXPORT std::string percent_decode(std::string_view text);

struct HttpHeader {
    std::string name;
    std::string value;
    bool sensitive = false; ///< printed as "***" in traces and logs
};

/// Header fields in order; names compare without case; a name may occur several times.
class PYFOPS_EXPORT HttpHeaders {
  public:
    /// Replaces all fields of that name.
    void set(std::string name, std::string value, bool sensitive = false);
    void add(std::string name, std::string value, bool sensitive = false);
    void erase(std::string_view name);
    /// The first value, or nullptr.
    const std::string* find(std::string_view name) const noexcept;
    std::string get(std::string_view name) const; ///< "" when absent
    bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    auto begin() const noexcept { return fields_.begin(); }
    auto end() const noexcept { return fields_.end(); }
    std::size_t size() const noexcept { return fields_.size(); }

  private:
    std::vector<HttpHeader> fields_;
};

/// Immutable bytes that several requests may share without a copy.
class PYFOPS_EXPORT Bytes {
  public:
    Bytes() = default;
    Bytes(std::string data) : data_(std::make_shared<const std::string>(std::move(data))) {}
    Bytes(const char* text) : Bytes(std::string(text)) {}
    std::string_view view() const noexcept { return data_ ? std::string_view(*data_) : std::string_view(); }
    std::size_t size() const noexcept { return data_ ? data_->size() : 0; }
    bool empty() const noexcept { return size() == 0; }

  private:
    std::shared_ptr<const std::string> data_;
};

struct HttpRequest {
    std::string method = "GET";
    Url url;
    HttpHeaders headers; ///< Host and Content-Length are added by the client
    Bytes body;
    /// May be repeated although it may have been acted on. GET, HEAD, PUT and DELETE usually are.
    bool idempotent = false;
    /// What this is, for limits, traces and messages: "lambda:CreateFunction".
    std::string operation;
    std::size_t max_response_bytes = 64u << 20;
    /// Hosts a connection is made to instead of url.host, for tests; empty: url.host.
    std::string connect_host;
    /// The request's body, or the answer's, holds secrets that nobody may know of yet (keys, settings of
    /// functions): a trace has size and SHA-256 of it alone. The answer's headers are traced as always.
    bool secret_body = false;
    bool secret_answer = false;
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
    Url url; ///< that answered
};

/// HTTP/1.1 over TCP and TLS 1.2+. The host owns it; plugins get a reference and open no socket themselves.
/// Certificates and host names are verified. Redirects are never followed: they come back as a response.
/// Environment proxies are honoured (https_proxy, no_proxy). Used from the engine's thread.
class PYFOPS_EXPORT HttpClient {
  public:
    virtual ~HttpClient();
    /// One exchange. A status is data: only "no response" throws. Errors: unavailable (no connection, no
    /// name, TLS failure, connection lost), timeout, cancelled, limit_exceeded (response too large).
    /// A reused connection that turns out to be closed is replaced once, unseen.
    virtual Task<HttpResponse> send(HttpRequest request, Deadline deadline) = 0;
};

} // namespace pyfops

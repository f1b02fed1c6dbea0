// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/conformance/quirks.hpp"
#include "pyfops/http.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::conformance {

/// Whether an operation is meant by one of the globs.
bool matches(const std::string& operation, const std::string& glob);
bool matches(const std::string& operation, const std::vector<std::string>& globs);

/// A request that the plugin made, and what came back.
struct Exchange {
    HttpRequest request;
    int status = 0; ///< 0: no answer reached the plugin
};

/// Stands between a plugin and the network: keeps every exchange, and does to it what a check wants.
class Wire final : public HttpClient {
  public:
    Wire(HttpClient& network, const Quirks& quirks) : network_(network), quirks_(quirks) {}

    /// Asked before a request is sent: may throw instead, or give the answer of somebody who is not the
    /// cloud.
    std::function<std::optional<HttpResponse>(const HttpRequest&)> before;
    /// Asked after the cloud has answered: may throw, as if the answer were lost, or change it.
    std::function<void(const HttpRequest&, HttpResponse&)> after;

    Task<HttpResponse> send(HttpRequest request, Deadline deadline) override;

    const std::vector<Exchange>& exchanges() const { return exchanges_; }
    std::size_t count() const { return exchanges_.size(); }
    std::size_t count(const std::string& glob) const;
    /// Whether it changes something in the account; an invocation does not.
    bool is_write(const HttpRequest& request) const;
    /// Operations of the writes, in order.
    std::vector<std::string> writes() const;
    /// All operations that are no invocations and bring no token, each once.
    std::vector<std::string> operations() const;
    /// Forgets exchanges and wishes.
    void clear();

  private:
    HttpClient& network_;
    const Quirks& quirks_;
    std::vector<Exchange> exchanges_;
};

/// What HttpClient says when the peer closed the connection instead of answering, and in the middle of it.
[[noreturn]] void lose_answer(const HttpRequest& request);
[[noreturn]] void cut_answer(const HttpRequest& request);

} // namespace pyfops::conformance

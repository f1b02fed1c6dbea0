// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/http.hpp"

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pyfops::testing {

/// An answer in one line: reply(429, "{}", {{"Retry-After", "2"}}).
HttpResponse reply(int status, std::string body = {},
                   std::vector<std::pair<std::string, std::string>> headers = {});

/// A scripted HttpClient: patterns are shell globs over "METHOD scheme://authority/target" ("PUT */code"; '*'
/// also matches '/'). Handlers are asked newest first; a handler may throw Error(unavailable) to lose the
/// answer. A request that nothing matches fails with Error(internal) that shows it. Records every request.
class FakeHttp final : public HttpClient {
  public:
    using Handler = std::function<HttpResponse(const HttpRequest&)>;

    void on(std::string pattern, Handler handler);
    void on(std::string pattern, HttpResponse response);
    /// Answers the next matching requests, one each, before any handler is asked.
    void once(std::string pattern, HttpResponse response);
    void once(std::string pattern, Handler handler);
    /// Forgets handlers, pending answers and records.
    void clear();

    Task<HttpResponse> send(HttpRequest request, Deadline deadline) override;

    const std::vector<HttpRequest>& requests() const { return requests_; }
    std::vector<HttpRequest> requests(const std::string& pattern) const;
    std::size_t count(const std::string& pattern) const { return requests(pattern).size(); }
    /// Operations of all requests in order, "lambda:GetFunction".
    std::vector<std::string> operations() const;
    /// Scripted one-time answers that nobody asked for.
    std::size_t pending() const { return once_.size(); }

  private:
    struct Rule {
        std::string pattern;
        Handler handler;
    };
    std::vector<Rule> rules_;
    std::deque<Rule> once_;
    std::vector<HttpRequest> requests_;
};

} // namespace pyfops::testing

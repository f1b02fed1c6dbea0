// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_http.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fnmatch.h>

#include <algorithm>

namespace pyfops::testing {

namespace asio = boost::asio;

namespace {

/// As Url::str, but independent of it: a double must not fail with what it stands in for.
std::string line_of(const HttpRequest& request) {
    std::string line = request.method + " " + request.url.scheme + "://" + request.url.host;
    if (request.url.port != 0) line += ":" + std::to_string(request.url.port);
    return line + request.url.target;
}

bool fits(const std::string& pattern, const std::string& line) {
    return ::fnmatch(pattern.c_str(), line.c_str(), 0) == 0;
}

} // namespace

HttpResponse reply(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    for (auto& [name, value] : headers)
        response.headers.add(std::move(name), std::move(value));
    return response;
}

void FakeHttp::on(std::string pattern, Handler handler) {
    rules_.insert(rules_.begin(), Rule{std::move(pattern), std::move(handler)});
}

void FakeHttp::on(std::string pattern, HttpResponse response) {
    on(std::move(pattern), [response = std::move(response)](const HttpRequest&) { return response; });
}

void FakeHttp::once(std::string pattern, Handler handler) {
    once_.push_back(Rule{std::move(pattern), std::move(handler)});
}

void FakeHttp::once(std::string pattern, HttpResponse response) {
    once(std::move(pattern), [response = std::move(response)](const HttpRequest&) { return response; });
}

void FakeHttp::clear() {
    rules_.clear();
    once_.clear();
    requests_.clear();
}

std::vector<HttpRequest> FakeHttp::requests(const std::string& pattern) const {
    std::vector<HttpRequest> found;
    for (const HttpRequest& request : requests_)
        if (fits(pattern, line_of(request))) found.push_back(request);
    return found;
}

std::vector<std::string> FakeHttp::operations() const {
    std::vector<std::string> all;
    for (const HttpRequest& request : requests_)
        all.push_back(request.operation);
    return all;
}

Task<HttpResponse> FakeHttp::send(HttpRequest request, Deadline) {
    // An exchange never completes within its own call: others get a turn, as they would.
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    const std::string line = line_of(request);
    requests_.push_back(request);
    Handler handler;
    const auto matches = [&line](const Rule& rule) { return fits(rule.pattern, line); };
    if (const auto next = std::find_if(once_.begin(), once_.end(), matches); next != once_.end()) {
        handler = next->handler;
        once_.erase(next);
    } else if (const auto rule = std::find_if(rules_.begin(), rules_.end(), matches); rule != rules_.end()) {
        handler = rule->handler;
    } else {
        throw Error(ErrorKind::internal, "FakeHttp has no answer for " + line);
    }
    HttpResponse response = handler(request);
    response.url = request.url;
    co_return response;
}

} // namespace pyfops::testing

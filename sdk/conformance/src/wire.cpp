// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include "pyfops/error.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace pyfops::conformance {

bool matches(const std::string& operation, const std::string& glob) {
    return ::fnmatch(glob.c_str(), operation.c_str(), 0) == 0;
}

bool matches(const std::string& operation, const std::vector<std::string>& globs) {
    return std::any_of(globs.begin(), globs.end(),
                       [&](const std::string& glob) { return matches(operation, glob); });
}

Task<HttpResponse> Wire::send(HttpRequest request, Deadline deadline) {
    const std::size_t place = exchanges_.size();
    exchanges_.push_back({request});
    if (before) {
        std::optional<HttpResponse> instead = before(request);
        if (instead) {
            instead->url = request.url;
            exchanges_[place].status = instead->status;
            co_return std::move(*instead);
        }
    }
    if (request.url.host != "127.0.0.1" && request.url.host != "localhost")
        throw Error(ErrorKind::unavailable, request.url.host + " is out of bounds for the conformance suite");
    const HttpRequest sent = request;
    Task<HttpResponse> sending = network_.send(std::move(request), deadline);
    HttpResponse response = co_await std::move(sending);
    if (after) after(sent, response);
    if (place < exchanges_.size()) exchanges_[place].status = response.status;
    co_return response;
}

std::size_t Wire::count(const std::string& glob) const {
    return static_cast<std::size_t>(
        std::count_if(exchanges_.begin(), exchanges_.end(),
                      [&](const Exchange& exchange) { return matches(exchange.request.operation, glob); }));
}

bool Wire::is_write(const HttpRequest& request) const {
    return request.method != "GET" && request.method != "HEAD" &&
           !matches(request.operation, quirks_.reads) && !matches(request.operation, quirks_.invoke);
}

std::vector<std::string> Wire::writes() const {
    std::vector<std::string> names;
    for (const Exchange& exchange : exchanges_)
        if (is_write(exchange.request)) names.push_back(exchange.request.operation);
    return names;
}

std::vector<std::string> Wire::operations() const {
    std::vector<std::string> names;
    for (const Exchange& exchange : exchanges_)
        if (std::find(names.begin(), names.end(), exchange.request.operation) == names.end())
            names.push_back(exchange.request.operation);
    return names;
}

void Wire::clear() {
    exchanges_.clear();
    before = {};
    after = {};
}

void lose_answer(const HttpRequest& request) {
    throw Error(ErrorKind::unavailable, request.url.authority() + " closed the connection without an answer")
        .hint("try again; whether the request was acted on is not known");
}

void cut_answer(const HttpRequest& request) {
    throw Error(ErrorKind::unavailable,
                request.url.authority() + " closed the connection in the middle of its answer")
        .hint("try again; whether the request was acted on is not known");
}

} // namespace pyfops::conformance

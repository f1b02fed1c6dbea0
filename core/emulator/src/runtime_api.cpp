// SPDX-License-Identifier: Apache-2.0
// The Lambda Runtime API (2018-06-01) as one instance's runtime sees it.
#include "instance.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <string_view>

namespace pyfops {

namespace asio = boost::asio;

namespace {

constexpr std::string_view base = "/2018-06-01/runtime/";

ServerResponse json_answer(int status, std::string body) {
    ServerResponse answer;
    answer.status = status;
    answer.headers.set("Content-Type", "application/json");
    answer.body = Bytes(std::move(body));
    return answer;
}

ServerResponse refusal(int status, std::string_view type, std::string_view message) {
    return json_answer(status, fmt::format(R"({{"errorMessage":"{}","errorType":"{}"}})", message, type));
}

ServerResponse accepted() {
    return json_answer(202, R"({"status":"OK"})");
}

/// "invocation/<id>/<what>" taken apart; false when it is something else.
bool invocation(std::string_view path, std::string_view what, std::string& id) {
    constexpr std::string_view head = "invocation/";
    if (!path.starts_with(head) || !path.ends_with(what)) return false;
    path.remove_prefix(head.size());
    if (path.size() <= what.size() + 1) return false;
    path.remove_suffix(what.size());
    if (path.back() != '/') return false;
    path.remove_suffix(1);
    id = path;
    return id.find('/') == std::string::npos;
}

std::string_view path_of(const ServerRequest& request) {
    std::string_view path = request.target;
    path = path.substr(0, path.find('?'));
    return path.starts_with(base) ? path.substr(base.size()) : std::string_view();
}

} // namespace

Task<ServerResponse> Instance::serve(std::shared_ptr<Instance> self, ServerRequest request) {
    if (!self) {
        ServerResponse gone;
        gone.drop = true;
        co_return gone;
    }
    const std::string path(path_of(request));
    std::string id;
    if (request.method == "GET" && path == "invocation/next") {
        auto waiting = next(std::move(self));
        ServerResponse event = co_await std::move(waiting);
        co_return event;
    }
    if (request.method == "POST" && path == "init/error") co_return self->init_error(std::move(request));
    if (request.method == "POST" && invocation(path, "response", id))
        co_return self->response(id, std::move(request));
    if (request.method == "POST" && invocation(path, "error", id))
        co_return self->error(id, std::move(request));
    co_return refusal(404, "NotFound", "The Runtime API has no such operation");
}

Task<ServerResponse> Instance::next(std::shared_ptr<Instance> self) {
    if (self->phase_ == Phase::running || self->phase_ == Phase::init_failed)
        co_return refusal(403, "InvalidStateTransition", "Transition from Running to Ready is not allowed");
    // One at a time: two would wake each other for ever, and the second is not the runtime's.
    if (self->asked_)
        co_return refusal(403, "InvalidStateTransition", "The runtime waits for an event already");
    const Asking asking(self->asked_);
    if (self->phase_ == Phase::starting) {
        self->phase_ = Phase::waiting;
        self->change();
    }
    while (self->phase_ != Phase::given || self->gone()) {
        co_await self->event_due_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    self->phase_ = Phase::running;
    ServerResponse event = json_answer(200, std::move(self->event_.body));
    for (const HttpHeader& field : self->event_.headers)
        event.headers.set(field.name, field.value);
    co_return event;
}

ServerResponse Instance::response(const std::string& request_id, ServerRequest request) {
    if (request_id != event_.request_id) return refusal(400, "InvalidRequestID", "Invalid request ID");
    if (phase_ != Phase::running)
        return refusal(403, "InvalidStateTransition", "The event has been answered already");
    if (request.body.size() > settings_.max_response_bytes) {
        too_large();
        return refusal(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size");
    }
    body_ = std::move(request.body);
    content_type_ = request.headers.get("Content-Type");
    phase_ = Phase::answered;
    change();
    return accepted();
}

ServerResponse Instance::error(const std::string& request_id, ServerRequest request) {
    if (request_id != event_.request_id) return refusal(400, "InvalidRequestID", "Invalid request ID");
    if (phase_ != Phase::running)
        return refusal(403, "InvalidStateTransition", "The event has been answered already");
    body_ = std::move(request.body);
    error_type_ = request.headers.get("Lambda-Runtime-Function-Error-Type");
    content_type_ = request.headers.get("Content-Type");
    phase_ = Phase::failed;
    change();
    return accepted();
}

ServerResponse Instance::init_error(ServerRequest request) {
    if (phase_ != Phase::starting)
        return refusal(403, "InvalidStateTransition", "The runtime has been initialized already");
    body_ = std::move(request.body);
    error_type_ = request.headers.get("Lambda-Runtime-Function-Error-Type");
    content_type_ = request.headers.get("Content-Type");
    phase_ = Phase::init_failed;
    change();
    return accepted();
}

void Instance::too_large() {
    body_ = fmt::format(
        R"({{"errorMessage":"Response payload size exceeded maximum allowed payload size ({} bytes).",)"
        R"("errorType":"Function.ResponseSizeTooLarge"}})",
        settings_.max_response_bytes);
    error_type_ = "Function.ResponseSizeTooLarge";
    phase_ = Phase::failed;
    change();
}

} // namespace pyfops

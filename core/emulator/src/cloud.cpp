// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include "held_request.hpp"
#include "host_names.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/emulator/call.hpp"
#include "pyfops/error.hpp"
#include "pyfops/scrub.hpp"
#include "pyfops/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops {

namespace asio = boost::asio;

namespace {

constexpr std::size_t journal_length = 10'000;
constexpr std::size_t journal_body = 4u << 20;

/// The request without what must not be kept. Bodies are the caller's business: `journal.requests` asks for
/// them.
json::object copy_of(const ServerRequest& request) {
    json::object headers;
    for (const auto& header : request.headers)
        headers[header.name] = sensitive_name(header.name) ? "***" : header.value;
    std::string target = request.target.substr(0, request.target.find('?'));
    if (target.size() < request.target.size())
        target += "?" + scrub_query(std::string_view(request.target).substr(target.size() + 1));
    json::object copy{{"method", request.method}, {"target", target}, {"headers", headers}};
    if (request.body.size() <= journal_body) copy["body"] = base64(request.body);
    return copy;
}

} // namespace

Cloud::Cloud(Clock& clock, Log& log, std::string token)
    : clock_(clock),
      log_(log),
      token_(std::move(token)) {}

Cloud::~Cloud() = default;

void Cloud::add(std::string id, FacePointer face) {
    faces_.push_back({std::move(id), std::move(face)});
}

void Cloud::describe(std::function<json::object()> health) {
    health_ = std::move(health);
}

void Cloud::set_faults(FaultPlan plan) {
    faults_ = std::move(plan);
}

std::map<std::string, std::string> Cloud::environment() const {
    std::map<std::string, std::string> all;
    std::string& providers = all["PYFOPS_LOCAL_PROVIDERS"];
    for (const auto& face : faces_) {
        all.merge(face.face->environment());
        providers += (providers.empty() ? "" : ",") + face.id;
    }
    return all;
}

bool Cloud::serves(const ServerRequest& request) const {
    const std::string host = request.headers.get("Host");
    if (names_this_machine(host)) return true;
    for (const auto& face : faces_)
        for (const std::string& domain : face.face->domains())
            if (names_domain(host, domain)) return true;
    return false;
}

EmulatorFace* Cloud::face_for(const ServerRequest& request, std::string& id) const {
    for (const auto& face : faces_)
        if (face.face->accepts(request)) {
            id = face.id;
            return face.face.get();
        }
    return nullptr;
}

Cloud::Entry& Cloud::remember(const ServerRequest& request, const std::string& face,
                              const std::string& operation) {
    Entry entry;
    entry.n = next_++;
    entry.face = face;
    entry.operation = operation;
    entry.method = request.method;
    entry.target = request.target.substr(0, request.target.find('?')); // a query may hold a signature
    if (const auto wanted = faults_.setting("journal.requests");
        wanted && wanted->is_bool() && wanted->as_bool())
        entry.request = copy_of(request);
    journal_.push_back(std::move(entry));
    if (journal_.size() > journal_length) journal_.pop_front();
    return journal_.back();
}

void Cloud::finish(std::uint64_t n, int status, std::string outcome) {
    for (auto entry = journal_.rbegin(); entry != journal_.rend(); ++entry)
        if (entry->n == n) {
            entry->status = status;
            entry->outcome = std::move(outcome);
            return;
        }
}

bool Cloud::admit(const ServerRequest& head) {
    if (is_control(head) || !serves(head)) return true;
    std::string id;
    auto* face = face_for(head, id);
    if (!face) return true;
    const std::string operation = face->operation(head);
    if (faults_.admits(operation)) return true;
    finish(remember(head, id, operation).n, 0, "dropped before its body was read");
    return false;
}

Task<bool> Cloud::hold(std::uint64_t n, std::string operation, bool before) {
    const auto executor = co_await asio::this_coro::executor;
    auto waiting = std::make_shared<Held>(executor);
    waiting->operation = std::move(operation);
    waiting->before = before;
    held_[n] = waiting;
    boost::system::error_code cancelled;
    auto wait = waiting->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    co_await std::move(wait);
    held_.erase(n);
    co_return !waiting->abandoned;
}

Task<ServerResponse> Cloud::act(EmulatorFace& face, ServerRequest request, std::uint64_t n) {
    auto acting = face.handle(std::move(request));
    ServerResponse answer = co_await std::move(acting);
    finish(n, answer.drop ? 0 : answer.status, "answered");
    co_return answer;
}

Task<ServerResponse> Cloud::with_faults(EmulatorFace& face, ServerRequest request, std::string operation,
                                        std::uint64_t n) {
    const FaultPlan::Decision decision = faults_.decide(operation);
    ServerResponse dropped;
    dropped.drop = true;
    if (decision.latency.count() > 0) {
        auto pause = clock_.sleep(decision.latency);
        co_await std::move(pause);
    }
    if (decision.hold_before) {
        auto holding = hold(n, operation, true);
        const bool goes_on = co_await std::move(holding);
        if (!goes_on) {
            finish(n, 0, "abandoned before it was acted on");
            co_return dropped;
        }
    }
    if (decision.drop_before) {
        finish(n, 0, "dropped before it was acted on");
        co_return dropped;
    }
    if (decision.failure) {
        ServerResponse failed = face.failure(request, decision.failure->status, decision.failure->code);
        if (decision.failure->retry_after)
            failed.headers.set("Retry-After", std::to_string(*decision.failure->retry_after));
        finish(n, failed.status, "failed as the fault plan says");
        co_return failed;
    }
    auto acting = act(face, std::move(request), n);
    ServerResponse answer = co_await std::move(acting);
    if (decision.hold_after) {
        auto holding = hold(n, operation, false);
        const bool goes_on = co_await std::move(holding);
        if (!goes_on) {
            finish(n, 0, "abandoned after it was acted on");
            co_return dropped;
        }
    }
    if (decision.drop_after) {
        finish(n, 0, "dropped after it was acted on");
        co_return dropped;
    }
    co_return answer;
}

Task<ServerResponse> Cloud::handle(ServerRequest request) {
    if (is_control(request)) co_return control(request);
    if (!serves(request))
        co_return json_response(
            421,
            json::object{{"error", "the local cloud is asked under the name of another host"},
                         {"hint", "address it as 127.0.0.1, localhost or [::1], or by a provider's name"}});
    std::string id;
    EmulatorFace* face = face_for(request, id);
    if (!face)
        co_return json_response(
            404, json::object{{"error", "no provider of this local cloud answers such a request"},
                              {"hint", "sign the request, or see docs/emulator.md"}});
    std::string operation = face->operation(request);
    const std::uint64_t n = remember(request, id, operation).n;
    if (log_.enabled(LogLevel::debug))
        log_.debug(fmt::format("{} {} {} {}", n, operation, request.method, journal_.back().target));
    auto answering = with_faults(*face, std::move(request), std::move(operation), n);
    ServerResponse answer = co_await std::move(answering);
    co_return answer;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "http/http_client.hpp"

#include "http/dial.hpp"
#include "http/har.hpp"
#include "http/http1.hpp"
#include "http/proxy.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t most_idle_per_place = 32;
constexpr std::size_t most_idle = 256;
constexpr auto longest_idle = std::chrono::seconds(50);           // the usual server gives up after a minute
constexpr Milliseconds longest_deadline = std::chrono::days(365); // farther ones overflow the clock
constexpr std::size_t one_packet = 16u << 10;
constexpr std::size_t upload_piece = 1u << 20;

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

/// Open connections that wait for their next request, by where they lead.
class Pool {
  public:
    std::shared_ptr<ByteStream> take(const std::string& place) {
        const auto found = idle_.find(place);
        if (found == idle_.end()) return nullptr;
        std::deque<Idle>& streams = found->second;
        while (!streams.empty()) { // the youngest first: it is the likeliest to be alive
            const Idle last = std::move(streams.back());
            streams.pop_back();
            --count_;
            if (now() - last.since < longest_idle && !last.stream->stale()) return last.stream;
            last.stream->close();
        }
        idle_.erase(found);
        return nullptr;
    }

    void give(const std::string& place, std::shared_ptr<ByteStream> stream) {
        stream->expires_at(SteadyTime::max());
        sweep();
        std::deque<Idle>& streams = idle_[place];
        if (streams.size() >= most_idle_per_place || count_ >= most_idle) {
            stream->finish();
            return;
        }
        streams.push_back({std::move(stream), now()});
        ++count_;
    }

  private:
    struct Idle {
        std::shared_ptr<ByteStream> stream;
        SteadyTime since;
    };

    /// Closes what has waited too long, wherever it leads.
    void sweep() {
        for (auto place = idle_.begin(); place != idle_.end();) {
            std::deque<Idle>& streams = place->second;
            while (!streams.empty() && now() - streams.front().since >= longest_idle) {
                streams.front().stream->finish();
                streams.pop_front();
                --count_;
            }
            place = streams.empty() ? idle_.erase(place) : std::next(place);
        }
    }

    std::map<std::string, std::deque<Idle>> idle_;
    std::size_t count_ = 0;
};

/// One request on one connection.
struct Try {
    std::shared_ptr<ByteStream> stream;
    bool reused = false;
    bool all_sent = false;
    Reading reading;
};

std::string named(const HttpRequest& request) {
    const std::string what = request.operation.empty() ? request.method : request.operation;
    return fmt::format("{} to {}", what, request.url.authority());
}

Error lost(const HttpRequest& request, const Try& attempt) {
    const error_code& failure = attempt.reading.failure;
    const std::string where = request.url.authority();
    if (attempt.reading.too_large)
        return Error(ErrorKind::limit_exceeded,
                     fmt::format("the answer of {} to {} is larger than the {} bytes expected of it", where,
                                 request.operation.empty() ? request.method : request.operation,
                                 request.max_response_bytes));
    const bool ended = failure == asio::error::eof || failure == asio::error::connection_reset ||
                       failure == asio::error::broken_pipe || failure == asio::error::connection_aborted;
    if (!attempt.all_sent && !attempt.reading.begun)
        return Error(ErrorKind::unavailable,
                     fmt::format("{} closed the connection while the request was sent to it ({} bytes)",
                                 where,
                                 request.body.size()))
            .hint("try again; if it happens again, look for a size limit or a proxy on the way")
            .repeat(Repeat::harmless); // half a request is none
    if (!attempt.reading.begun)
        return Error(ErrorKind::unavailable,
                     ended ? fmt::format("{} closed the connection without an answer", where)
                           : fmt::format("the connection to {} was lost: {}", where, failure.message()))
            .hint("try again; whether the request was acted on is not known");
    if (std::string_view(failure.category().name()) == "beast.http" && failure.message() != "partial message")
        return Error(ErrorKind::unavailable,
                     fmt::format("{} answered with something that is not HTTP/1.1: {}", where,
                                 failure.message()))
            .hint("check the endpoint and its port")
            .repeat(Repeat::useless);
    return Error(ErrorKind::unavailable,
                 fmt::format("{} closed the connection in the middle of its answer", where))
        .hint("try again; whether the request was acted on is not known");
}

class BeastClient final : public HttpClient {
  public:
    BeastClient(asio::any_io_executor executor, HttpClientOptions options)
        : resolver_(std::move(executor)),
          system_(options.system ? *options.system : real_system()),
          clock_(options.clock ? *options.clock : real_clock()),
          log_(options.log ? *options.log : null_log()),
          ca_bundle_(std::move(options.ca_bundle)) {
        if (!options.trace_file.empty()) trace_ = std::make_unique<HarTrace>(options.trace_file);
    }

    Task<HttpResponse> send(HttpRequest request, Deadline deadline) override {
        ExchangeTimes times;
        times.started = clock_.system_now();
        times.begin = now();
        std::exception_ptr thrown;
        HttpResponse response;
        try {
            auto exchange = perform(request, deadline, times);
            response = co_await std::move(exchange);
        } catch (...) {
            thrown = std::current_exception();
        }
        times.end = now();
        if (!thrown) {
            note(request, &response, {}, times);
            co_return response;
        }
        Error failure = to_error(thrown);
        note(request, nullptr, failure.what(), times);
        throw Error(std::move(failure));
    }

  private:
    Task<HttpResponse> perform(const HttpRequest& request, Deadline deadline, ExchangeTimes& times) {
        const Route route = route_to(request);
        const bool absolute = route.proxy && !route.tls;
        const std::string head =
            request_head(request, absolute, absolute ? route.proxy->authorization.expose() : std::string());
        if (deadline.passed(clock_))
            throw Error(ErrorKind::timeout, fmt::format("no time was left for {}", named(request)))
                .hint("allow more time");
        const SteadyTime until =
            deadline.never() ? SteadyTime::max() : now() + std::min(deadline.left(clock_), longest_deadline);
        const std::string place = fmt::format("{} {} {} {} {}", request.url.scheme, route.name, route.host,
                                              route.port, route.proxy ? route.proxy->str() : "");
        for (bool fresh = false;; fresh = true) {
            Try attempt;
            if (!fresh) attempt.stream = pool_.take(place);
            attempt.reused = attempt.stream != nullptr;
            if (!attempt.stream) {
                if (route.tls && !tls_) tls_ = client_tls(ca_bundle_, system_);
                auto dialling = dial(resolver_, route, tls_, until);
                attempt.stream = co_await std::move(dialling);
            }
            times.connected = now();
            times.reused = attempt.reused;
            attempt.stream->expires_at(until);
            HttpResponse response;
            auto exchanging = exchange(attempt, head, request, response, times);
            co_await std::move(exchanging);
            if (!attempt.reading.failure) {
                response.url = request.url;
                if (attempt.reading.keep_alive && attempt.all_sent)
                    pool_.give(place, std::move(attempt.stream));
                else
                    attempt.stream->finish();
                co_return response;
            }
            const auto why =
                interrupted(*attempt.stream, attempt.reading.failure, "waiting for " + named(request));
            attempt.stream->close();
            if (why) throw Error(*why);
            // A kept connection that the server has closed meanwhile: another one, if the request cannot have
            // been acted on, or may be repeated.
            const bool replace =
                attempt.reused && !attempt.reading.begun && (request.idempotent || !attempt.all_sent);
            if (!replace) throw lost(request, attempt);
            log_.debug(fmt::format("{}: the kept connection was closed; a new one is made", route.str()));
        }
    }

    Route route_to(const HttpRequest& request) const {
        Route route;
        route.name = request.url.host;
        route.host = request.connect_host.empty() ? request.url.host : request.connect_host;
        route.port = request.url.effective_port();
        route.tls = request.url.scheme == "https";
        if (request.connect_host.empty()) route.proxy = proxy_for(request.url, system_);
        return route;
    }

    /// Sends the request and reads the answer; the outcome is in the attempt. An answer that comes before the
    /// request is sent whole (413, say) is an answer.
    static Task<void> exchange(Try& attempt, const std::string& head, const HttpRequest& request,
                               HttpResponse& response, ExchangeTimes& times) {
        const std::string_view body = request.body.view();
        ByteStream& stream = *attempt.stream;
        std::string first = head;
        if (body.size() <= one_packet) first += body; // one packet, one record
        auto beginning = stream.write(first);
        Transfer sent = co_await std::move(beginning);
        for (std::size_t at = body.size() <= one_packet ? body.size() : 0; at < body.size() && !sent.failure;
             at += upload_piece) {
            if (stream.answers_early()) break;
            const std::string_view piece = body.substr(at, upload_piece);
            auto writing = stream.write(piece);
            sent = co_await std::move(writing);
            attempt.all_sent = !sent.failure && at + piece.size() == body.size();
        }
        if (body.size() <= one_packet) attempt.all_sent = !sent.failure;
        times.sent = now();
        if (sent.failure == asio::error::operation_aborted || stream.expired()) {
            attempt.reading.failure = sent.failure;
            co_return;
        }
        auto reading = read_answer(stream, attempt.reading,
                                   {request.method == "HEAD", request.max_response_bytes}, response);
        co_await std::move(reading);
    }

    void note(const HttpRequest& request, const HttpResponse* response, std::string_view failure,
              const ExchangeTimes& times) {
        if (log_.enabled(LogLevel::debug))
            log_.debug(fmt::format("{} {}{}: {} in {} ms{}", request.method, request.url.authority(),
                                   request.url.path(),
                                   response ? std::to_string(response->status) : std::string(failure),
                                   std::chrono::duration_cast<Milliseconds>(times.end - times.begin).count(),
                                   times.reused ? ", kept connection" : ""));
        if (trace_ && !trace_->add(request, response, failure, times))
            log_.warning("an exchange could not be written to the HTTP trace");
    }

    Resolver resolver_;
    const System& system_;
    Clock& clock_;
    Log& log_;
    std::filesystem::path ca_bundle_;
    std::unique_ptr<HarTrace> trace_;
    TlsContext tls_;
    Pool pool_;
};

} // namespace

std::unique_ptr<HttpClient> make_http_client(asio::any_io_executor executor, HttpClientOptions options) {
    return std::make_unique<BeastClient>(std::move(executor), std::move(options));
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "http_session.hpp"

#include "http/fields.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

namespace {

constexpr std::size_t small_read = 8u << 10;
constexpr std::size_t large_read = 128u << 10;
constexpr std::size_t write_piece = 1u << 20; ///< progress of a slow reader is looked at this often
constexpr auto linger = std::chrono::seconds(5);

struct Session {
    std::shared_ptr<const SessionSettings> settings;
    std::shared_ptr<ByteStream> stream;
    beast::flat_buffer buffer;
    bool tls = false;

    void patience(Milliseconds duration) { stream->expires_at(std::chrono::steady_clock::now() + duration); }
};

/// False at the end of the data, or when the peer took too long.
Task<bool> fill(Session& session, std::size_t size) {
    const auto space = session.buffer.prepare(size);
    auto reading = session.stream->read_some(static_cast<char*>(space.data()), space.size());
    const Transfer got = co_await std::move(reading);
    session.buffer.commit(got.bytes);
    co_return !got.failure;
}

Task<bool> put(Session& session, std::string_view data) {
    while (!data.empty()) {
        const std::string_view piece = data.substr(0, write_piece);
        session.patience(session.settings->options.patience);
        auto writing = session.stream->write(piece);
        const Transfer done = co_await std::move(writing);
        if (done.failure) co_return false;
        data.remove_prefix(piece.size());
    }
    co_return true;
}

std::string head_of(const ServerResponse& response, bool head_request, bool keep_alive, const Clock& clock) {
    const bool bodiless = response.status == 204 || response.status == 304;
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    std::string head =
        fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
    bool dated = false, sized = bodiless;
    for (const HttpHeader& field : response.headers) {
        if (!is_token(field.name) || !is_field_value(field.value) ||
            beast::iequals(field.name, "Connection") || beast::iequals(field.name, "Transfer-Encoding"))
            continue;
        if (beast::iequals(field.name, "Content-Length")) {
            // What a GET would have answered: a HEAD may say it.
            if (!head_request || sized || !response.body.empty()) continue;
            sized = true;
        }
        dated = dated || beast::iequals(field.name, "Date");
        head += fmt::format("{}: {}\r\n", field.name, field.value);
    }
    if (!dated) head += fmt::format("Date: {}\r\n", to_http_date(clock.system_now()));
    if (!sized) head += fmt::format("Content-Length: {}\r\n", response.body.size());
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

Task<bool> answer(Session& session, ServerResponse response, bool head_request, bool keep_alive) {
    const std::string_view body =
        head_request || response.status == 204 || response.status == 304 ? "" : response.body.view();
    std::string head = head_of(response, head_request, keep_alive, *session.settings->options.clock);
    if (body.size() <= small_read) { // one packet
        head += body;
        auto writing = put(session, head);
        co_return co_await std::move(writing);
    }
    auto beginning = put(session, head);
    const bool begun = co_await std::move(beginning);
    if (!begun) co_return false;
    auto writing = put(session, body);
    co_return co_await std::move(writing);
}

/// Answers what cannot be served. The rest of the request is read and thrown away: closing over unread data
/// would reset the connection and take the answer with it.
Task<void> refuse(Session& session, int status, std::string why) {
    ServerResponse response;
    response.status = status;
    response.headers.set("Content-Type", "text/plain; charset=utf-8");
    response.body = why + "\n";
    auto answering = answer(session, std::move(response), false, false);
    const bool answered = co_await std::move(answering);
    if (!answered) co_return;
    session.stream->shutdown_send();
    session.patience(linger);
    for (;;) {
        session.buffer.clear();
        auto filling = fill(session, large_read);
        const bool more = co_await std::move(filling);
        if (!more) co_return;
    }
}

Task<void> refuse_broken(Session& session, error_code failure) {
    const std::size_t max_body = session.settings->options.max_body;
    if (failure == http::error::body_limit)
        return refuse(session, 413, fmt::format("the body is larger than {} bytes", max_body));
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return refuse(session, 431, "the header fields are too large");
    return refuse(session, 400, "this is not HTTP/1.1: " + failure.message());
}

ServerRequest head_only(const Parser& parser, bool tls) {
    const auto& message = parser.get();
    ServerRequest request;
    request.method.assign(message.method_string().data(), message.method_string().size());
    request.target.assign(message.target().data(), message.target().size());
    request.tls = tls;
    // "GET http://host/path": the form that a proxy gets.
    for (const std::string_view scheme : {"http://", "https://"})
        if (request.target.starts_with(scheme)) {
            const auto path = request.target.find_first_of("/?", scheme.size());
            request.target = path == std::string::npos ? "/" : request.target.substr(path);
            if (request.target.front() == '?') request.target.insert(0, "/");
        }
    for (const auto& field : message)
        request.headers.add({field.name_string().data(), field.name_string().size()},
                            {field.value().data(), field.value().size()});
    return request;
}

enum class Next { another, close };

/// Feeds the parser until it has the header (or, for `whole`, everything).
Task<error_code> parse(Session& session, Parser& parser, bool whole) {
    const HttpServerOptions& options = session.settings->options;
    parser.eager(whole);
    while (whole ? !parser.is_done() : !parser.is_header_done()) {
        if (session.buffer.size() > 0) {
            error_code failure;
            const std::size_t used = parser.put(session.buffer.data(), failure);
            session.buffer.consume(used);
            if (failure && failure != http::error::need_more) co_return failure;
            if (!failure) continue;
            if (!whole && session.buffer.size() > options.max_header) co_return http::error::header_limit;
        }
        if (whole) session.patience(options.patience);
        auto filling = fill(session, whole ? large_read : small_read);
        const bool more = co_await std::move(filling);
        if (!more) co_return asio::error::eof;
    }
    co_return error_code();
}

Task<Next> exchange(Session& session) {
    const HttpServerOptions& options = session.settings->options;
    if (session.buffer.size() == 0) {
        session.buffer.shrink_to_fit();
        session.patience(options.idle);
        auto waiting = fill(session, small_read);
        const bool more = co_await std::move(waiting);
        if (!more) co_return Next::close;
    }
    session.patience(options.patience); // for the whole header: a trickle of bytes is no progress
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options.max_header));
    parser.body_limit(options.max_body);
    auto heading = parse(session, parser, false);
    error_code failure = co_await std::move(heading);
    if (failure == asio::error::eof) co_return Next::close;
    if (failure) {
        auto refusing = refuse_broken(session, failure);
        co_await std::move(refusing);
        co_return Next::close;
    }
    ServerRequest request = head_only(parser, session.tls);
    if (request.method == "CONNECT" || !(request.target.starts_with('/') || request.target == "*")) {
        auto refusing = refuse(session, 400, "this server is no proxy");
        co_await std::move(refusing);
        co_return Next::close;
    }
    if (options.admit && !options.admit(request)) co_return Next::close;
    const bool expects = beast::iequals(parser.get()[http::field::expect], "100-continue");
    if (expects && !parser.is_done() && session.buffer.size() == 0) {
        auto inviting = put(session, "HTTP/1.1 100 Continue\r\n\r\n");
        const bool invited = co_await std::move(inviting);
        if (!invited) co_return Next::close;
    }
    auto reading = parse(session, parser, true);
    failure = co_await std::move(reading);
    if (failure == asio::error::eof) co_return Next::close;
    if (failure) {
        auto refusing = refuse_broken(session, failure);
        co_await std::move(refusing);
        co_return Next::close;
    }
    session.stream->expires_at(SteadyTime::max()); // a handler takes the time it takes
    const bool keep_alive = parser.get().keep_alive();
    const bool head_request = request.method == "HEAD";
    request.body = std::move(parser.get().body());
    ServerResponse response;
    std::exception_ptr thrown;
    try {
        auto handling = session.settings->handler(std::move(request));
        response = co_await std::move(handling);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown) {
        response = ServerResponse();
        response.status = 500;
        response.headers.set("Content-Type", "text/plain; charset=utf-8");
        response.body = fmt::format("the emulator failed: {}\n", to_error(thrown).what());
    }
    if (response.drop) co_return Next::close;
    auto answering = answer(session, std::move(response), head_request, keep_alive);
    const bool answered = co_await std::move(answering);
    if (!answered) co_return Next::close;
    if (keep_alive) co_return Next::another;
    session.stream->finish();
    co_return Next::close;
}

} // namespace

Task<void> http_session(std::shared_ptr<const SessionSettings> settings, std::shared_ptr<ByteStream> stream,
                        std::shared_ptr<TlsStream> tls) {
    Session session{std::move(settings), std::move(stream), {}, tls != nullptr};
    if (tls) {
        session.patience(session.settings->options.patience);
        auto shaking = tls->accept();
        const Transfer shaken = co_await std::move(shaking);
        if (shaken.failure) co_return;
    }
    for (;;) {
        auto one = exchange(session);
        const Next next = co_await std::move(one);
        if (next == Next::close) co_return;
    }
}

} // namespace pyfops

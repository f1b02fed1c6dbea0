// SPDX-License-Identifier: Apache-2.0
#include "http_server.hpp"

#include "http_session.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <sys/socket.h>
#include <unistd.h>

#include <list>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;

namespace {

struct Connection {
    std::shared_ptr<ByteStream> stream;
    asio::cancellation_signal stop;
};

} // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
    asio::any_io_executor executor;
    std::shared_ptr<const SessionSettings> settings;
    std::list<std::shared_ptr<Acceptor>> acceptors;
    std::list<std::shared_ptr<Connection>> connections;
    TlsContext tls;
    bool stopped = false;

    void serve(StreamSocket socket, bool with_tls) {
        error_code ignored; // a Unix socket has no such delay
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        auto connection = std::make_shared<Connection>();
        std::shared_ptr<TlsStream> secured;
        if (with_tls)
            connection->stream = secured = tls_stream(std::move(socket), tls);
        else
            connection->stream = plain_stream(std::move(socket));
        connections.push_back(connection);
        asio::co_spawn(
            executor, http_session(settings, connection->stream, std::move(secured)),
            asio::bind_cancellation_slot(connection->stop.slot(),
                                         [self = shared_from_this(), connection](const std::exception_ptr&) {
                                             connection->stream->close();
                                             self->connections.remove(connection);
                                         }));
    }

    void start(Acceptor acceptor, bool with_tls) {
        acceptors.push_back(std::make_shared<Acceptor>(std::move(acceptor)));
        asio::co_spawn(executor, accept(shared_from_this(), acceptors.back(), with_tls), asio::detached);
    }

    static Task<void> accept(std::shared_ptr<State> self, std::shared_ptr<Acceptor> acceptor, bool with_tls) {
        while (!self->stopped) {
            auto accepting = acceptor->async_accept(asio::as_tuple(asio::use_awaitable));
            auto [failure, socket] = co_await std::move(accepting);
            if (!acceptor->is_open()) co_return;
            if (failure) {
                // Out of descriptors, or the peer was gone already: the next one may fare better.
                asio::steady_timer pause(self->executor, std::chrono::milliseconds(20));
                auto pausing = pause.async_wait(asio::as_tuple(asio::use_awaitable));
                co_await std::move(pausing);
                continue;
            }
            const auto& welcome = self->settings->options.welcome;
            if (!welcome || welcome(socket.native_handle())) self->serve(std::move(socket), with_tls);
        }
    }
};

HttpServer::HttpServer(asio::any_io_executor executor, Handler handler, HttpServerOptions options)
    : state_(std::make_shared<State>()) {
    auto settings = std::make_shared<SessionSettings>();
    settings->handler = std::move(handler);
    settings->options = std::move(options);
    if (!settings->options.clock) settings->options.clock = &real_clock();
    state_->executor = std::move(executor);
    state_->settings = std::move(settings);
}

HttpServer::~HttpServer() {
    stop();
}

std::uint16_t HttpServer::listen(std::uint16_t port, bool tls) {
    if (tls && !state_->tls)
        state_->tls = server_tls(state_->settings->options.certificate, state_->settings->options.key);
    const asio::ip::tcp::endpoint address(asio::ip::address_v4::loopback(), port);
    Acceptor acceptor(state_->executor);
    error_code failure;
    acceptor.open(Protocol(address.protocol()), failure);
    // A port in TIME_WAIT from the last run may be taken again.
    if (!failure) acceptor.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure) acceptor.bind(Protocol::endpoint(address), failure);
    if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
    if (failure)
        throw Error(ErrorKind::conflict,
                    fmt::format("cannot listen on 127.0.0.1:{}: {}", port, failure.message()))
            .hint("choose another port, or end the program that uses this one");
    asio::ip::tcp::endpoint bound;
    const Protocol::endpoint local = acceptor.local_endpoint();
    std::memcpy(bound.data(), local.data(), std::min(local.size(), bound.capacity()));
    state_->start(std::move(acceptor), tls);
    return bound.port();
}

void HttpServer::adopt(int listening_fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    int listening = 0;
    socklen_t flag = sizeof listening;
    if (::getsockname(listening_fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        ::getsockopt(listening_fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &flag) != 0 || !listening) {
        ::close(listening_fd);
        throw Error(ErrorKind::internal, "a server was given a descriptor that is not a listening socket");
    }
    Acceptor acceptor(state_->executor);
    acceptor.assign(Protocol(address.ss_family, 0), listening_fd);
    state_->start(std::move(acceptor), false);
}

void HttpServer::stop() {
    state_->stopped = true;
    for (const auto& acceptor : state_->acceptors) {
        error_code ignored;
        acceptor->close(ignored);
    }
    state_->acceptors.clear();
    const auto connections = state_->connections; // a connection takes itself off the list
    for (const auto& connection : connections) {
        connection->stream->close();
        connection->stop.emit(asio::cancellation_type::terminal);
    }
}

std::size_t HttpServer::connections() const noexcept {
    return state_->connections.size();
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "http/byte_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/socket.h>

#include <algorithm>

namespace pyfops {

namespace asio = boost::asio;
using boost::system::error_code;

ByteStream::~ByteStream() = default;

void ByteStream::expires_at(SteadyTime when) {
    const std::uint64_t arming = ++arming_;
    if (when == SteadyTime::max()) {
        timer_.cancel();
        return;
    }
    timer_.expires_at(when);
    timer_.async_wait([weak = weak_from_this(), arming](error_code failure) {
        const auto stream = weak.lock();
        if (failure || !stream || stream->arming_ != arming) return;
        stream->expired_ = true;
        stream->close();
    });
}

void ByteStream::close() noexcept {
    ++arming_;
    try {
        timer_.cancel();
    } catch (...) { // no timer to stop
    }
    error_code ignored;
    socket().close(ignored);
}

Task<Transfer> ByteStream::open(asio::generic::stream_protocol::endpoint endpoint) {
    auto connecting = socket().async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
    const auto [failure] = co_await std::move(connecting);
    if (!failure) {
        error_code ignored; // a Unix socket has no such delay
        socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    co_return Transfer{failure, 0};
}

StreamSocket ByteStream::release() {
    expires_at(SteadyTime::max());
    return std::move(socket());
}

bool ByteStream::stale() const noexcept {
    StreamSocket& connection = const_cast<ByteStream*>(this)->socket();
    if (!connection.is_open()) return true;
    char byte = 0;
    const ssize_t got = ::recv(connection.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return !(got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t write_piece = 256u << 10;
constexpr auto farewell = std::chrono::milliseconds(500);

template <class Layer>
Task<Transfer> read_from(Layer& layer, char* into, std::size_t size) {
    auto reading = layer.async_read_some(asio::buffer(into, size), token);
    const auto [failure, bytes] = co_await std::move(reading);
    co_return Transfer{failure == asio::ssl::error::stream_truncated ? error_code(asio::error::eof) : failure,
                       bytes};
}

template <class Layer>
Task<Transfer> write_to(Layer& layer, std::string_view data) {
    Transfer done;
    while (done.bytes < data.size() && !done.failure) {
        const std::size_t piece = std::min(write_piece, data.size() - done.bytes);
        auto writing = layer.async_write_some(asio::buffer(data.data() + done.bytes, piece), token);
        const auto [failure, bytes] = co_await std::move(writing);
        done.failure = failure;
        done.bytes += bytes;
    }
    co_return done;
}

class Plain final : public ByteStream {
  public:
    explicit Plain(StreamSocket socket) : ByteStream(socket.get_executor()), socket_(std::move(socket)) {}
    Task<Transfer> read_some(char* into, std::size_t size) override { return read_from(socket_, into, size); }
    Task<Transfer> write(std::string_view data) override { return write_to(socket_, data); }
    void finish() override { close(); }
    bool answers_early() const noexcept override { return stale(); }
    void shutdown_send() override {
        error_code ignored;
        socket_.shutdown(StreamSocket::shutdown_send, ignored);
    }

  private:
    StreamSocket& socket() noexcept override { return socket_; }
    StreamSocket socket_;
};

class Tls final : public TlsStream {
  public:
    Tls(StreamSocket socket, TlsContext context)
        : TlsStream(socket.get_executor()),
          context_(std::move(context)),
          stream_(std::move(socket), *context_) {}

    Task<Transfer> connect(std::string host) override {
        SSL* ssl = stream_.native_handle();
        X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
        if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) { // a name, not an address
            X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            if (SSL_set_tlsext_host_name(ssl, host.c_str()) != 1 || SSL_set1_host(ssl, host.c_str()) != 1)
                co_return Transfer{asio::error::invalid_argument, 0};
        }
        SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
        auto shaking = stream_.async_handshake(asio::ssl::stream_base::client, token);
        const auto [failure] = co_await std::move(shaking);
        co_return Transfer{failure, 0};
    }

    Task<Transfer> accept() override {
        auto shaking = stream_.async_handshake(asio::ssl::stream_base::server, token);
        const auto [failure] = co_await std::move(shaking);
        co_return Transfer{failure, 0};
    }

    long certificate_problem() const override {
        return SSL_get_verify_result(const_cast<Tls*>(this)->stream_.native_handle());
    }

    Task<Transfer> read_some(char* into, std::size_t size) override { return read_from(stream_, into, size); }
    Task<Transfer> write(std::string_view data) override { return write_to(stream_, data); }

    void finish() override {
        if (!socket().is_open()) return;
        expires_at(std::chrono::steady_clock::now() + farewell);
        stream_.async_shutdown([self = shared_from_this()](error_code) { self->close(); });
    }
    void shutdown_send() override {
        // Closing one direction of TLS is for the socket below: the answer before it is complete.
        error_code ignored;
        socket().shutdown(StreamSocket::shutdown_send, ignored);
    }

  private:
    StreamSocket& socket() noexcept override { return stream_.next_layer(); }
    TlsContext context_; ///< outlives the stream
    asio::ssl::stream<StreamSocket> stream_;
};

} // namespace

std::shared_ptr<ByteStream> plain_stream(StreamSocket socket) {
    return std::make_shared<Plain>(std::move(socket));
}

std::shared_ptr<TlsStream> tls_stream(StreamSocket socket, TlsContext context) {
    return std::make_shared<Tls>(std::move(socket), std::move(context));
}

} // namespace pyfops

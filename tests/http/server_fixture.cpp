// SPDX-License-Identifier: Apache-2.0
#include "http/server_fixture.hpp"

#include <boost/asio/post.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <stdexcept>

namespace pyfops::test {

ServerThread::ServerThread(HttpServer::Handler handler, HttpServerOptions options, bool tls) {
    server_ = std::make_unique<HttpServer>(context_.get_executor(), std::move(handler), std::move(options));
    port_ = server_->listen(0, tls);
    thread_ = std::thread([this] { context_.run(); });
}

ServerThread::~ServerThread() {
    boost::asio::post(context_, [this] { server_->stop(); });
    thread_.join();
}

void ServerThread::on_thread(std::function<void()> work) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

} // namespace

RawSocket::RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = loopback(port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
    limit_waiting();
}

RawSocket::RawSocket(const std::string& unix_path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
    limit_waiting();
}

RawSocket::~RawSocket() {
    ::close(fd_);
}

void RawSocket::limit_waiting() {
    const timeval a_minute{60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &a_minute, sizeof a_minute);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &a_minute, sizeof a_minute);
}

RawSocket& RawSocket::operator<<(std::string_view data) {
    while (!data.empty()) {
        const ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent < 0) break;
        data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
}

bool RawSocket::more() {
    char piece[65536];
    const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        throw std::runtime_error("nothing came for a minute");
    if (got <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(got));
    return true;
}

std::string RawSocket::until(std::string_view mark) {
    for (;;) {
        if (const auto at = buffer_.find(mark); at != std::string::npos) return some(at + mark.size());
        if (!more()) throw std::runtime_error("the connection ended after '" + buffer_ + "'");
    }
}

std::string RawSocket::some(std::size_t count) {
    while (buffer_.size() < count)
        if (!more()) throw std::runtime_error("the connection ended after '" + buffer_ + "'");
    std::string out = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return out;
}

std::string RawSocket::rest() {
    while (more()) {
    }
    return std::exchange(buffer_, {});
}

std::string RawSocket::next() {
    if (buffer_.empty()) more();
    return std::exchange(buffer_, {});
}

void RawSocket::end() {
    ::shutdown(fd_, SHUT_WR);
}

bool RawSocket::ended() {
    return rest().empty();
}

void RawSocket::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(fd_, -1));
}

RawListener::RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd_, 16) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        fail("listen");
    const timeval a_minute{60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &a_minute, sizeof a_minute);
    port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() {
    if (fd_ >= 0) ::close(fd_);
}

std::unique_ptr<RawSocket> RawListener::accept() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) fail("accept");
    return std::make_unique<RawSocket>(fd);
}

std::unique_ptr<RawSocket> RawListener::accept_until(const std::atomic<bool>& stop) {
    pollfd waiting{fd_, POLLIN, 0};
    while (!stop)
        if (::poll(&waiting, 1, 5) > 0) return accept();
    return nullptr;
}

} // namespace pyfops::test

// SPDX-License-Identifier: Apache-2.0
#include "local/exchange.hpp"

#include "base/descriptor.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace pyfops {

namespace {

[[noreturn]] void fail(std::uint16_t port, const char* what) {
    throw Error(ErrorKind::unavailable, fmt::format("cannot {} the local cloud at 127.0.0.1:{}: {}", what,
                                                    port, std::strerror(errno)));
}

constexpr std::size_t max_answer = 16u << 20;

} // namespace

ControlAnswer control_exchange(std::uint16_t port, std::string_view method, std::string_view path,
                               std::string_view token, std::string_view body) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) fail(port, "open a socket to");
    const timeval patience{10, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail(port, "reach");
    const std::string request = fmt::format(
        "{} {} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n"
        "Connection: close\r\n\r\n{}",
        method, path, port, token, body.size(), body);
    std::string_view rest = request;
    while (!rest.empty()) {
        const ssize_t count = ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(port, "talk to");
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
    std::string answer;
    char buffer[16384];
    for (;;) {
        const ssize_t count = ::recv(socket.get(), buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(port, "hear");
        if (count == 0) break;
        answer.append(buffer, static_cast<std::size_t>(count));
        if (answer.size() > max_answer)
            throw Error(ErrorKind::unavailable, fmt::format("127.0.0.1:{} answers without end", port));
    }
    // "HTTP/1.1 200 OK"
    ControlAnswer result;
    const auto head = answer.find("\r\n\r\n");
    if (head == std::string::npos || !answer.starts_with("HTTP/1.") || answer.size() < 12 ||
        std::from_chars(answer.data() + 9, answer.data() + 12, result.status).ec != std::errc())
        throw Error(ErrorKind::unavailable,
                    fmt::format("what answers at 127.0.0.1:{} is not the local cloud", port));
    result.body = answer.substr(head + 4);
    return result;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "http/server_fixture.hpp"
#include "support/temporary_directory.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <future>

using namespace pyfops;
using pyfops::test::RawListener;
using pyfops::test::RawSocket;
using pyfops::test::ServerThread;
namespace asio = boost::asio;

namespace {

/// Says what it got.
Task<ServerResponse> echo(ServerRequest request) {
    ServerResponse response;
    response.headers.set("X-Method", request.method);
    response.headers.set("X-Target", request.target);
    response.headers.set("X-Seen", request.headers.get("x-say"));
    response.body = request.body.empty() ? "nothing" : request.body;
    co_return response;
}

Task<ServerResponse> special(ServerRequest request) {
    ServerResponse response;
    response.body = "hello";
    if (request.target == "/drop") response.drop = true;
    if (request.target == "/throw") throw Error(ErrorKind::storage, "the disk is full");
    if (request.target == "/204") response.status = 204;
    if (request.target == "/length") {
        response.headers.set("content-length", "12345");
        response.body = Bytes();
    }
    if (request.target == "/inject") response.headers.set("X-Bad", "a\r\nX-Injected: yes");
    if (request.target == "/large") response.body = std::string(20u << 20, 'x');
    if (request.target == "/never") {
        asio::steady_timer timer(co_await asio::this_coro::executor, SteadyTime::max());
        auto waiting = timer.async_wait(asio::use_awaitable);
        co_await std::move(waiting);
    }
    co_return response;
}

std::size_t open_connections(ServerThread& server) {
    std::size_t count = 0;
    server.on_thread([&] { count = server.server().connections(); });
    return count;
}

} // namespace

TEST_CASE("the server keeps a connection and answers pipelined requests in order") {
    ServerThread server(echo);
    RawSocket client(server.port());
    client << "GET /one?x=%20 HTTP/1.1\r\nHost: h\r\nX-Say: hi\r\n\r\nPOST /two HTTP/1.1\r\nHost: "
              "h\r\nContent-Length: "
              "4\r\n\r\nbody";
    std::string head = client.until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(head.find("X-Target: /one?x=%20\r\n") != std::string::npos);
    CHECK(head.find("X-Seen: hi\r\n") != std::string::npos);
    CHECK(head.find("\r\nDate: ") != std::string::npos);
    CHECK(head.find("Connection: keep-alive") != std::string::npos);
    CHECK(client.some(7) == "nothing");
    head = client.until("\r\n\r\n");
    CHECK(head.find("X-Method: POST\r\n") != std::string::npos);
    CHECK(client.some(4) == "body");
    client << "GET /three HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    head = client.until("\r\n\r\n");
    CHECK(head.find("Connection: close") != std::string::npos);
    CHECK(client.rest() == "nothing");
}

TEST_CASE("the server reads a chunked body and a request that trickles in") {
    ServerThread server(echo);
    RawSocket client(server.port());
    client << "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n "
              "world\r\n0\r\nT: v\r\n\r\n";
    client.until("\r\n\r\n");
    CHECK(client.some(11) == "hello world");
    for (const char c : std::string_view("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"))
        client << std::string_view(&c, 1);
    CHECK(client.until("\r\n\r\n").find("X-Target: /slow") != std::string::npos);
    CHECK(client.some(3) == "abc");
}

TEST_CASE("the server invites the body of a request that asks first") {
    ServerThread server(echo);
    RawSocket client(server.port());
    client << "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
    CHECK(client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client << "abc";
    client.until("\r\n\r\n");
    CHECK(client.some(3) == "abc");
}

TEST_CASE("the server tolerates HTTP/1.0 and the absolute form") {
    ServerThread server(echo);
    RawSocket old(server.port());
    old << "GET /old HTTP/1.0\r\n\r\n";
    CHECK(old.rest().find("X-Target: /old") != std::string::npos);
    RawSocket proxied(server.port());
    proxied << "GET http://example.org/path?q HTTP/1.1\r\nHost: example.org\r\n\r\n";
    CHECK(proxied.until("\r\n\r\n").find("X-Target: /path?q\r\n") != std::string::npos);
}

TEST_CASE("the server refuses what is too large and what is not HTTP") {
    HttpServerOptions options;
    options.max_body = 1000;
    options.max_header = 2000;
    ServerThread server(echo, options);
    const auto answer = [&](const std::string& request) {
        RawSocket client(server.port());
        client << request;
        ::shutdown(client.descriptor(), SHUT_WR);
        return client.rest();
    };
    CHECK(answer("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'))
              .starts_with("HTTP/1.1 413 "));
    CHECK(answer("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n")
              .starts_with("HTTP/1.1 400 "));
    CHECK(answer("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                 std::string(1001, 'x') + "\r\n0\r\n\r\n")
              .starts_with("HTTP/1.1 413 "));
    CHECK(answer("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'))
              .starts_with("HTTP/1.1 200 "));
    CHECK(answer("GET / HTTP/1.1\r\nX: " + std::string(5000, 'y') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
    CHECK(answer("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'y')).starts_with("HTTP/1.1 431 "));
    CHECK(answer("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls to a plain port\r\n\r\n")
              .starts_with("HTTP/1.1 400 "));
    CHECK(answer("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(answer("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(answer("GET").empty());
    CHECK(answer("").empty());
}

TEST_CASE("a large refused upload still gets its answer") {
    HttpServerOptions options;
    options.max_body = 1000;
    ServerThread server(echo, options);
    RawSocket client(server.port());
    client << "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 30000000\r\n\r\n";
    client << std::string(30'000'000, 'x');
    CHECK(client.rest().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("bodies of 70 MB go in and out") {
    ServerThread server(echo);
    RawSocket client(server.port());
    const std::string body(70u << 20, 'z');
    client << "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    std::thread sender([&] { client << body; });
    client.until("\r\n\r\n");
    const bool same = client.some(body.size()) == body;
    sender.join();
    CHECK(same);
}

TEST_CASE("answers without a body and a handler that fails") {
    ServerThread server(special);
    RawSocket client(server.port());
    client << "GET /204 HTTP/1.1\r\nHost: h\r\n\r\n";
    std::string head = client.until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 204 "));
    CHECK(head.find("Content-Length") == std::string::npos);
    client << "HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(client.until("\r\n\r\n").find("Content-Length: 5\r\n") != std::string::npos);
    client << "HEAD /length HTTP/1.1\r\nHost: h\r\n\r\n";
    head = client.until("\r\n\r\n");
    CHECK(head.find("content-length: 12345\r\n") != std::string::npos);
    client << "GET /inject HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(client.until("\r\n\r\n").find("Injected") == std::string::npos);
    CHECK(client.some(5) == "hello");
    client << "GET /throw HTTP/1.1\r\nHost: h\r\n\r\n";
    head = client.until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 500 "));
    CHECK(client.until("\n").find("the disk is full") != std::string::npos);
    client << "GET /drop HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(client.ended());
}

TEST_CASE("an upload can be dropped before its body is read") {
    HttpServerOptions options;
    options.admit = [](const ServerRequest& head) { return head.target != "/refused"; };
    ServerThread server(echo, options);
    RawSocket refused(server.port());
    refused << "PUT /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n";
    CHECK(refused.ended());
    RawSocket admitted(server.port());
    admitted << "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
    CHECK(admitted.until("\r\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("the server does not wait for ever for a peer") {
    HttpServerOptions options;
    options.idle = Milliseconds(50);
    options.patience = Milliseconds(50);
    ServerThread server(special, options);
    RawSocket idle(server.port()), slow_header(server.port()), slow_body(server.port()),
        slow_reader(server.port());
    slow_header << "GET / HT";
    slow_body << "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx";
    slow_reader << "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(idle.ended());
    CHECK(slow_header.ended());
    CHECK(slow_body.ended());
    while (open_connections(server) != 0)
        std::this_thread::yield();
}

TEST_CASE("stopping closes connections and cancels handlers") {
    auto server = std::make_unique<ServerThread>(special);
    RawSocket idle(server->port()), busy(server->port());
    busy << "GET /never HTTP/1.1\r\nHost: h\r\n\r\n";
    while (open_connections(*server) != 2)
        std::this_thread::yield();
    const std::uint16_t port = server->port();
    server.reset(); // its thread ends only when no handler is left
    CHECK(idle.ended());
    CHECK(busy.ended());
    CHECK_THROWS(RawSocket{port});
}

TEST_CASE("the server takes over sockets that listen already") {
    ServerThread server(echo);
    RawListener listener;
    const std::uint16_t port = listener.port();
    server.on_thread([&] { server.server().adopt(listener.release()); });
    RawSocket tcp(port);
    tcp << "GET /adopted HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(tcp.until("\r\n\r\n").find("X-Target: /adopted") != std::string::npos);

    const TemporaryDirectory directory;
    const std::string path = directory / "s";
    const int unix_listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(unix_listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(unix_listener, 5) == 0);
    server.on_thread([&] { server.server().adopt(unix_listener); });
    RawSocket local(path);
    local << "GET /unix HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(local.until("\r\n\r\n").find("X-Target: /unix") != std::string::npos);

    const int not_listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server.on_thread([&] { CHECK_THROWS_AS(server.server().adopt(not_listening), Error); });
}

TEST_CASE("a port that is taken is named") {
    ServerThread server(echo);
    asio::io_context context;
    HttpServer other(context.get_executor(), echo);
    try {
        other.listen(server.port());
        FAIL("two listen on one port");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::conflict);
        CHECK(std::string(error.what()).find(std::to_string(server.port())) != std::string::npos);
    }
}

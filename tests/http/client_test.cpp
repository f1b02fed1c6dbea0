// SPDX-License-Identifier: Apache-2.0
#include "http/client_fixture.hpp"
#include "http/server_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

using namespace pyfops;
using namespace pyfops::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

Task<ServerResponse> describe(ServerRequest request) {
    ServerResponse response;
    for (const HttpHeader& field : request.headers)
        response.headers.add("X-Got-" + field.name, field.value);
    response.headers.set("X-Line", request.method + " " + request.target);
    response.body = request.body;
    if (request.target == "/moved") {
        response.status = 302;
        response.headers.set("Location", "/elsewhere");
    }
    if (request.target == "/204") response.status = 204;
    if (request.target == "/304") response.status = 304;
    if (request.target == "/drop") response.drop = true;
    if (request.target == "/large") response.body = std::string(3u << 20, 'x');
    co_return response;
}

/// Plays a server by hand: accepts, reads one request, says `answer`, and hands the socket to `then`.
class Script {
  public:
    explicit Script(std::function<void(RawListener&)> play)
        : thread_([this, play = std::move(play)] {
              try {
                  play(listener_);
              } catch (const std::exception& error) {
                  problem_ = error.what();
              }
          }) {}
    ~Script() {
        thread_.join();
        CHECK(problem_ == "");
    }
    std::string url(std::string target = "/") const { return local_url(listener_.port(), std::move(target)); }
    std::uint16_t port() const { return listener_.port(); }

  private:
    RawListener listener_;
    std::string problem_;
    std::thread thread_;
};

std::string read_head(RawSocket& socket) {
    return socket.until("\r\n\r\n");
}

HttpRequest get(const std::string& url) {
    return ClientFixture::request("GET", url);
}

} // namespace

TEST_CASE("a request arrives as it was made") {
    ServerThread server(describe);
    ClientFixture fixture;
    HttpRequest request = fixture.request("PUT", local_url(server.port(), "/a%2Fb?x=%20&y"), "the body");
    request.headers.add("X-One", "1");
    request.headers.add("X-One", "2");
    const HttpResponse response = fixture.send(request);
    CHECK(response.status == 200);
    CHECK(response.headers.get("x-line") == "PUT /a%2Fb?x=%20&y");
    CHECK(response.headers.get("x-got-host") == "127.0.0.1:" + std::to_string(server.port()));
    CHECK(response.headers.get("x-got-content-length") == "8");
    CHECK(response.headers.get("x-got-user-agent").starts_with("pyfops/"));
    int ones = 0;
    for (const HttpHeader& field : response.headers)
        ones += field.name == "X-Got-X-One";
    CHECK(ones == 2);
    CHECK(response.body == "the body");
    CHECK(response.url.str() == request.url.str());
    CHECK(
        fixture.send(fixture.request("POST", local_url(server.port()))).headers.get("x-got-content-length") ==
        "0");
    CHECK_FALSE(fixture.get(local_url(server.port())).headers.has("x-got-content-length"));
}

TEST_CASE("a redirect is an answer and answers without a body end") {
    ServerThread server(describe);
    ClientFixture fixture;
    const HttpResponse moved = fixture.get(local_url(server.port(), "/moved"));
    CHECK(moved.status == 302);
    CHECK(moved.headers.get("Location") == "/elsewhere");
    CHECK(fixture.get(local_url(server.port(), "/204")).status == 204);
    CHECK(fixture.get(local_url(server.port(), "/304")).status == 304);
    const HttpResponse head = fixture.send(fixture.request("HEAD", local_url(server.port(), "/large")));
    CHECK(head.headers.get("content-length") == std::to_string(3u << 20));
    CHECK(head.body.empty());
    CHECK(fixture.get(local_url(server.port(), "/large")).body.size() == 3u << 20);
}

TEST_CASE("connections are kept and used again") {
    ServerThread server(describe);
    ClientFixture fixture;
    for (int i = 0; i < 20; ++i)
        CHECK(fixture.send(fixture.request("POST", local_url(server.port()), "x")).status == 200);
    std::size_t connections = 0;
    server.on_thread([&] { connections = server.server().connections(); });
    CHECK(connections == 1);
}

TEST_CASE("a body of 70 MB goes both ways") {
    ServerThread server(describe);
    ClientFixture fixture;
    const std::string body(70u << 20, 'b');
    HttpRequest request = fixture.request("PUT", local_url(server.port()), body);
    request.max_response_bytes = 100u << 20;
    const bool same = fixture.send(request, 60s).body == body;
    CHECK(same);
}

TEST_CASE("chunked answers and interim answers and answers up to the end of the connection") {
    ClientFixture fixture;
    {
        Script server([](RawListener& listener) {
            auto socket = listener.accept();
            read_head(*socket);
            *socket << "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
                       "OK\r\nTransfer-"
                       "Encoding: chunked\r\n\r\n5\r\nhel";
            *socket << "lo\r\n1;a=b\r\n \r\n5\r\nworld\r\n0\r\nTrailer: t\r\n\r\n";
            read_head(*socket);
            *socket << "HTTP/1.1 200 OK\r\n\r\nuntil the end";
        });
        const HttpResponse chunked = fixture.get(server.url());
        CHECK(chunked.body == "hello world");
        CHECK_FALSE(chunked.headers.has("Link"));
        CHECK(fixture.get(server.url()).body == "until the end");
    }
    Script endless([](RawListener& listener) {
        auto socket = listener.accept();
        read_head(*socket);
        for (int i = 0; i < 100; ++i)
            *socket << "HTTP/1.1 100 Continue\r\n\r\n";
        socket->ended();
    });
    CHECK(fixture.failure(get(endless.url())).kind() == ErrorKind::unavailable);
}

TEST_CASE("a kept connection that the server closed is replaced unseen") {
    ClientFixture fixture;
    std::promise<void> closed;
    Script server([&](RawListener& listener) {
        {
            auto socket = listener.accept();
            read_head(*socket);
            *socket << "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none";
        }
        closed.set_value();
        auto socket = listener.accept();
        CHECK(read_head(*socket).starts_with("POST"));
        *socket << "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo";
    });
    CHECK(fixture.get(server.url()).body == "one");
    closed.get_future().wait();
    CHECK(fixture.send(ClientFixture::request("POST", server.url(), "x")).body == "two");
}

TEST_CASE("a kept connection that ends without an answer is replaced only for what may be repeated") {
    for (const bool idempotent : {true, false}) {
        ClientFixture fixture;
        Script server([&](RawListener& listener) {
            {
                auto socket = listener.accept();
                read_head(*socket);
                *socket << "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none";
                read_head(*socket); // the second request is taken and perhaps acted on
            }
            if (!idempotent) return;
            auto socket = listener.accept();
            read_head(*socket);
            // A new connection is not replaced again.
        });
        CHECK(fixture.get(server.url()).body == "one");
        HttpRequest request = ClientFixture::request("POST", server.url());
        request.idempotent = idempotent;
        const Error error = fixture.failure(request);
        CHECK(error.kind() == ErrorKind::unavailable);
        CHECK(error.repeat() == Repeat::by_kind);
        CHECK(error.message().find("without an answer") != std::string::npos);
    }
}

TEST_CASE("an answer that breaks off or lies or never ends is an error") {
    const auto failure = [](std::string answer, std::size_t limit = 1000) {
        ClientFixture fixture;
        Script server([&](RawListener& listener) {
            auto socket = listener.accept();
            read_head(*socket);
            *socket << answer;
        });
        HttpRequest request = get(server.url());
        request.max_response_bytes = limit;
        return fixture.failure(request);
    };
    for (const char* broken : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Le"}) {
        const Error error = failure(broken);
        INFO(error.what());
        CHECK(error.kind() == ErrorKind::unavailable);
        CHECK(error.message().find("in the middle of its answer") != std::string::npos);
    }
    for (const char* wrong :
         {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        const Error error = failure(wrong);
        INFO(error.what());
        CHECK(error.kind() == ErrorKind::unavailable);
        CHECK(error.message().find("not HTTP/1.1") != std::string::npos);
        CHECK_FALSE(error.retryable());
    }
    CHECK(failure("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").kind() == ErrorKind::limit_exceeded);
    CHECK(failure("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')).kind() == ErrorKind::limit_exceeded);
    CHECK(failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
                  "\r\n0\r\n\r\n")
              .kind() == ErrorKind::limit_exceeded);
    CHECK(failure("HTTP/1.1 200 OK\r\nX: " + std::string(1u << 20, 'x')).kind() == ErrorKind::limit_exceeded);
    CHECK(failure("").message().find("without an answer") != std::string::npos);
}

TEST_CASE("an answer that comes before the request is sent is an answer") {
    ClientFixture fixture;
    Script server([](RawListener& listener) {
        auto socket = listener.accept();
        read_head(*socket);
        *socket << "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 2\r\n\r\nno";
        socket->rest();
    });
    const HttpResponse response =
        fixture.send(ClientFixture::request("POST", server.url(), std::string(70u << 20, 'x')));
    CHECK(response.status == 413);
    CHECK(response.body == "no");
}

TEST_CASE("a connection dropped in the middle of an upload may be tried again") {
    ClientFixture fixture;
    Script server([](RawListener& listener) {
        auto socket = listener.accept();
        read_head(*socket);
        socket->reset();
    });
    const Error error =
        fixture.failure(ClientFixture::request("POST", server.url(), std::string(70u << 20, 'x')));
    INFO(error.what());
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(error.repeat() == Repeat::harmless);
}

TEST_CASE("the deadline holds for connecting and waiting and reading") {
    ClientFixture fixture;
    RawListener silent; // the system accepts, nobody reads
    Error error = fixture.failure(get(local_url(silent.port())), 50ms);
    CHECK(error.kind() == ErrorKind::timeout);
    CHECK(error.message().find("127.0.0.1:") != std::string::npos);

    std::atomic<bool> over = false;
    {
        Script slow([&over](RawListener& listener) {
            const auto socket = listener.accept_until(over);
            if (socket) *socket << "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
            while (socket && !over) { // each byte is progress, and yet it takes too long
                *socket << "x";
                std::this_thread::sleep_for(1ms);
            }
        });
        error = fixture.failure(get(slow.url()), 100ms);
        over = true;
    }
    CHECK(error.kind() == ErrorKind::timeout);

    CHECK(fixture.failure(get("http://127.0.0.1:1/"), 0ms).kind() == ErrorKind::timeout);
}

TEST_CASE("cancelling ends a request at once") {
    ClientFixture fixture;
    std::promise<void> arrived, over;
    Script silent([&](RawListener& listener) {
        auto socket = listener.accept();
        read_head(*socket);
        arrived.set_value();
        over.get_future().wait();
    });
    const Error error = fixture.cancelled(get(silent.url()), [&] { arrived.get_future().wait(); });
    CHECK(error.kind() == ErrorKind::cancelled);
    over.set_value();
}

TEST_CASE("nobody listens and nobody is called that") {
    ClientFixture fixture;
    std::uint16_t port = 0;
    {
        RawListener listener;
        port = listener.port();
    }
    Error error = fixture.failure(get(local_url(port)));
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(error.repeat() == Repeat::harmless);
    CHECK(error.message() == "cannot connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
    CHECK_FALSE(error.hint().empty());

    error = fixture.failure(get("http://no-such-name.invalid/"));
    INFO(error.what());
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(error.message().find("no-such-name.invalid") != std::string::npos);
    CHECK(error.message().find("resolve") != std::string::npos);
    CHECK_FALSE(error.hint().empty());
}

TEST_CASE("a test may say where a name leads") {
    ServerThread server(describe);
    ClientFixture fixture;
    HttpRequest request = get("http://lambda.example.org:" + std::to_string(server.port()) + "/x");
    request.connect_host = "127.0.0.1";
    CHECK(fixture.send(request).headers.get("x-got-host") == request.url.authority());
}

TEST_CASE("many requests at once each get their own answer") {
    ServerThread server(describe);
    ClientFixture fixture;
    int right = 0;
    for (int i = 0; i < 300; ++i) {
        // By name: all of them wait for one lookup.
        const std::string url = "http://localhost:" + std::to_string(server.port()) + "/";
        const std::string body = "body " + std::to_string(i);
        asio::co_spawn(fixture.context,
                       fixture.client->send(ClientFixture::request("PUT", url, body),
                                            Deadline::after(real_clock(), 60s)),
                       [&right, body](const std::exception_ptr&, const HttpResponse& response) {
                           right += response.body == body;
                       });
    }
    fixture.context.run();
    CHECK(right == 300);
    std::size_t connections = 300;
    while (connections > 32) // what is kept; the others were closed
        server.on_thread([&] { connections = server.server().connections(); });
    CHECK(connections > 0);
}

TEST_CASE("a request that would break the protocol is not sent") {
    ClientFixture fixture;
    const auto kind = [&](const std::function<void(HttpRequest&)>& change) {
        HttpRequest request = get("http://127.0.0.1:1/");
        change(request);
        return fixture.failure(request).kind();
    };
    CHECK(kind([](HttpRequest& r) { r.headers.set("X", "a\r\nInjected: yes"); }) == ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.headers.set("X", std::string("a\0b", 3)); }) ==
          ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.headers.set("X Y", "a"); }) == ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.headers.set("", "a"); }) == ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.headers.set("Transfer-Encoding", "chunked"); }) ==
          ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"; }) ==
          ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.url.target = "/a b"; }) == ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.url.target = "/a\r\nX: y"; }) == ErrorKind::invalid_input);
    CHECK(kind([](HttpRequest& r) { r.url.target = "a"; }) == ErrorKind::invalid_input);
}

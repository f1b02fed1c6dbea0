// SPDX-License-Identifier: Apache-2.0
#include "../core/emulator/src/local_ca.hpp"
#include "http/client_fixture.hpp"
#include "http/proxy.hpp"
#include "http/server_fixture.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace pyfops;
using namespace pyfops::test;
using namespace std::chrono_literals;
using pyfops::testing::FakeSystem;

namespace {

Task<ServerResponse> hello(ServerRequest request) {
    ServerResponse response;
    response.headers.set("X-Proxy-Authorization", request.headers.get("proxy-authorization"));
    response.body = "hello";
    co_return response;
}

std::string chosen(std::map<std::string, std::string> environment, const std::string& url) {
    FakeSystem system;
    system.environment = std::move(environment);
    const auto proxy = proxy_for(Url::parse(url), system);
    return proxy ? proxy->url.str() : "";
}

/// Copies bytes from one socket to the other until the first ends.
void relay(RawSocket& from, RawSocket& to) {
    for (std::string data = from.next(); !data.empty(); data = from.next())
        to << data;
    to.end();
}

} // namespace

TEST_CASE("which proxy a URL takes") {
    const std::map<std::string, std::string> both{{"https_proxy", "http://secure.example:3128"},
                                                  {"http_proxy", "plain.example:8080"}};
    CHECK(chosen(both, "https://lambda.example/") == "http://secure.example:3128/");
    CHECK(chosen(both, "http://lambda.example/") == "http://plain.example:8080/");
    CHECK(chosen({{"HTTPS_PROXY", "http://upper.example"}}, "https://x.example/") == "http://upper.example/");
    CHECK(chosen({{"HTTP_PROXY", "http://upper.example"}}, "http://x.example/") == "");
    CHECK(chosen({{"https_proxy", ""}}, "https://x.example/") == "");
    for (const char* local : {"https://localhost/", "https://a.localhost/", "https://127.0.0.1/",
                              "https://127.8.9.1/", "https://[::1]/"})
        CHECK(chosen(both, local) == "");
}

TEST_CASE("no_proxy exempts names and networks") {
    const auto exempt = [](std::string list, const std::string& url) {
        return chosen({{"https_proxy", "http://p.example"}, {"no_proxy", std::move(list)}}, url).empty();
    };
    CHECK(exempt("*", "https://any.example/"));
    CHECK(exempt("example.org", "https://example.org/"));
    CHECK(exempt("example.org", "https://a.b.example.org/"));
    CHECK(exempt(".example.org", "https://a.example.org/"));
    CHECK(exempt("*.example.org", "https://a.example.org/"));
    CHECK(exempt("a.x, Example.ORG ,b.x", "https://example.org/"));
    CHECK_FALSE(exempt("example.org", "https://notexample.org/"));
    CHECK_FALSE(exempt("example.org", "https://example.org.evil/"));
    CHECK_FALSE(exempt("", "https://example.org/"));
    CHECK_FALSE(exempt(",", "https://example.org/"));
    CHECK(exempt("example.org:443", "https://example.org/"));
    CHECK_FALSE(exempt("example.org:8443", "https://example.org/"));
    CHECK(exempt("169.254.169.254", "https://169.254.169.254/"));
    CHECK(exempt("10.0.0.0/8", "https://10.1.2.3/"));
    CHECK_FALSE(exempt("10.0.0.0/8", "https://11.1.2.3/"));
    CHECK_FALSE(exempt("10.0.0.0/8", "https://ten.example/"));
    CHECK(exempt("fd00::/8", "https://[fd00::1]/"));
    CHECK(exempt("[fd00::1]:443", "https://[fd00::1]/"));
    CHECK(exempt("fd00::1", "https://[fd00::1]/"));
}

TEST_CASE("a proxy that cannot be used is named without its password") {
    for (const char* bad : {"https://user:geheim@secure.example", "socks5://user:geheim@s.example",
                            "http://user:geheim@", "http://user:geheim@h:x"}) {
        try {
            chosen({{"https_proxy", bad}}, "https://x.example/");
            FAIL(std::string(bad));
        } catch (const Error& error) {
            INFO(error.what());
            CHECK(error.kind() == ErrorKind::invalid_input);
            CHECK(std::string(error.what()).find("geheim") == std::string::npos);
            CHECK(error.hint().find("https_proxy") != std::string::npos);
        }
    }
}

TEST_CASE("http goes through a proxy in the absolute form") {
    RawListener listener;
    std::string head;
    std::thread proxy([&] {
        auto socket = listener.accept();
        head = socket->until("\r\n\r\n");
        *socket << "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    });
    ClientFixture fixture;
    fixture.system.environment["http_proxy"] =
        "http://user:p%40ss@127.0.0.1:" + std::to_string(listener.port());
    CHECK(fixture.get("http://cloud.example:81/path?q=1").body == "ok");
    proxy.join();
    CHECK(head.starts_with("GET http://cloud.example:81/path?q=1 HTTP/1.1\r\nHost: cloud.example:81\r\n"));
    CHECK(head.find("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n") != std::string::npos);
}

TEST_CASE("https goes through a tunnel and the proxy sees none of it") {
    const TemporaryDirectory directory;
    const SystemTime today = std::chrono::system_clock::now();
    const IssuedCertificate authority = issue_certificate({"a", {}, today - 1h, today + 1h, true});
    const IssuedCertificate leaf =
        issue_certificate({"c", {"cloud.example"}, today - 1h, today + 1h, false, &authority});
    HttpServerOptions options;
    options.certificate = directory / "server.pem";
    options.key = directory / "server.key";
    write_file(options.certificate, leaf.certificate);
    write_file(options.key, leaf.key, 0600);
    write_file(directory / "ca.pem", authority.certificate);
    ServerThread server(hello, options, true);
    RawListener listener;
    std::string head;
    std::thread proxy([&] {
        auto client = listener.accept();
        head = client->until("\r\n\r\n");
        RawSocket target(server.port());
        *client << "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n";
        std::thread back([&] { relay(target, *client); });
        relay(*client, target);
        back.join();
    });
    ClientFixture fixture(directory / "ca.pem");
    fixture.system.environment["https_proxy"] =
        "http://user:pass@127.0.0.1:" + std::to_string(listener.port());
    const HttpResponse response = fixture.get("https://cloud.example/");
    CHECK(response.body == "hello");
    CHECK(response.headers.get("x-proxy-authorization") == "");
    fixture.client.reset();
    proxy.join();
    CHECK(head.starts_with("CONNECT cloud.example:443 HTTP/1.1\r\nHost: cloud.example:443\r\n"));
    CHECK(head.find("Proxy-Authorization: Basic dXNlcjpwYXNz") != std::string::npos);
}

TEST_CASE("a proxy that refuses is told from a cloud that does") {
    const auto failure = [](std::string answer, std::string user) {
        RawListener listener;
        std::thread proxy([&] {
            auto socket = listener.accept();
            socket->until("\r\n\r\n");
            *socket << answer;
        });
        ClientFixture fixture;
        fixture.system.environment["https_proxy"] =
            "http://" + user + "127.0.0.1:" + std::to_string(listener.port());
        const Error error = fixture.failure(ClientFixture::request("GET", "https://cloud.example/"));
        proxy.join();
        return error;
    };
    Error error = failure("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 100000\r\n\r\n", "");
    CHECK(error.message().find("does not accept anonymous users") != std::string::npos);
    CHECK_FALSE(error.retryable());
    error = failure("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "user:geheim@");
    CHECK(error.message().find("does not accept this user name and password") != std::string::npos);
    CHECK(std::string(error.what()).find("geheim") == std::string::npos);
    error = failure("HTTP/1.1 403 Forbidden\r\n\r\n", "");
    CHECK(error.message().find("makes no connection to cloud.example:443: it answers 403") !=
          std::string::npos);
    CHECK_FALSE(error.retryable());
    CHECK(failure("HTTP/1.1 502 Bad Gateway\r\n\r\n", "").retryable());
    CHECK(failure("", "").message().find("closed the connection") != std::string::npos);
}

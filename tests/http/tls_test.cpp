// SPDX-License-Identifier: Apache-2.0
#include "../core/emulator/src/local_ca.hpp"
#include "http/client_fixture.hpp"
#include "http/server_fixture.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace pyfops;
using namespace pyfops::test;
using namespace std::chrono_literals;

namespace {

Task<ServerResponse> hello(ServerRequest request) {
    ServerResponse response;
    response.headers.set("X-Tls", request.tls ? "yes" : "no");
    response.headers.set("X-Size", std::to_string(request.body.size()));
    response.body = request.target == "/large" ? Bytes(std::string(5u << 20, 'x')) : Bytes("hello");
    co_return response;
}

/// An authority, and servers with certificates that are right or wrong in one way.
class Certificates {
  public:
    TemporaryDirectory directory;
    std::filesystem::path ca = directory / "ca.pem";

    Certificates() { write_file(ca, authority_.certificate); }

    std::unique_ptr<ServerThread> server(CertificateRequest request, bool self_signed = false) {
        if (!self_signed) request.issuer = &authority_;
        return serve(issue_certificate(request));
    }
    std::unique_ptr<ServerThread> good() {
        return server({"localhost", {"localhost", "127.0.0.1"}, today() - 1h, today() + 1h});
    }
    std::unique_ptr<ServerThread> serve(const IssuedCertificate& certificate) {
        HttpServerOptions options;
        options.certificate = directory / "server.pem";
        options.key = directory / "server.key";
        write_file(options.certificate, certificate.certificate);
        write_file(options.key, certificate.key, 0600);
        return std::make_unique<ServerThread>(hello, options, true);
    }
    static SystemTime today() { return std::chrono::system_clock::now(); }

  private:
    IssuedCertificate authority_ =
        issue_certificate({"test authority", {}, today() - 1h, today() + 1h, true, nullptr});
};

HttpRequest get(std::uint16_t port, std::string target = "/") {
    return ClientFixture::request("GET", local_url(port, std::move(target), true));
}

void check_refused(const Error& error, std::string_view why) {
    INFO(error.what());
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(error.repeat() == Repeat::useless);
    CHECK(error.message().find(why) != std::string::npos);
    CHECK_FALSE(error.hint().empty());
}

} // namespace

TEST_CASE("a server with the right certificate is spoken to by name and by address") {
    Certificates certificates;
    const auto server = certificates.good();
    ClientFixture fixture(certificates.ca);
    for (int i = 0; i < 3; ++i) {
        const HttpResponse response = fixture.send(get(server->port()));
        CHECK(response.body == "hello");
        CHECK(response.headers.get("x-tls") == "yes");
    }
    CHECK(fixture.get("https://127.0.0.1:" + std::to_string(server->port()) + "/").status == 200);
    std::size_t connections = 0;
    server->on_thread([&] { connections = server->server().connections(); });
    CHECK(connections == 2); // one by name, one by address, each kept
}

TEST_CASE("the authority may come from SSL_CERT_FILE") {
    Certificates certificates;
    const auto server = certificates.good();
    ClientFixture fixture;
    fixture.system.environment["SSL_CERT_FILE"] = certificates.ca.string();
    CHECK(fixture.send(get(server->port())).status == 200);
}

TEST_CASE("large bodies go both ways over TLS") {
    Certificates certificates;
    const auto server = certificates.good();
    ClientFixture fixture(certificates.ca);
    CHECK(fixture.send(get(server->port(), "/large")).body.size() == 5u << 20);
    HttpRequest upload =
        ClientFixture::request("POST", local_url(server->port(), "/", true), std::string(30u << 20, 'x'));
    CHECK(fixture.send(upload, 60s).headers.get("x-size") == std::to_string(30u << 20));
}

TEST_CASE("a certificate that is wrong is named with its fault") {
    Certificates certificates;
    const SystemTime today = Certificates::today();
    {
        const auto server =
            certificates.server({"other", {"other.example", "10.0.0.1"}, today - 1h, today + 1h});
        ClientFixture fixture(certificates.ca);
        check_refused(fixture.failure(get(server->port())), "for another name than localhost");
        check_refused(fixture.failure(ClientFixture::request(
                          "GET", "https://127.0.0.1:" + std::to_string(server->port()) + "/")),
                      "for another name than 127.0.0.1");
    }
    {
        const auto server = certificates.server({"localhost", {"localhost"}, today - 48h, today - 24h});
        ClientFixture fixture(certificates.ca);
        check_refused(fixture.failure(get(server->port())), "expired");
    }
    {
        const auto server = certificates.server({"localhost", {"localhost"}, today + 24h, today + 48h});
        ClientFixture fixture(certificates.ca);
        check_refused(fixture.failure(get(server->port())), "not valid yet");
    }
    {
        const auto server = certificates.server({"localhost", {"localhost"}, today - 1h, today + 1h}, true);
        ClientFixture fixture(certificates.ca);
        check_refused(fixture.failure(get(server->port())), "self-signed");
    }
    {
        const auto server = certificates.good();
        ClientFixture fixture; // does not know the authority
        check_refused(fixture.failure(get(server->port())), "no authority trusted on this machine");
    }
}

TEST_CASE("a wildcard stands for one whole label") {
    Certificates certificates;
    const SystemTime today = Certificates::today();
    const auto server =
        certificates.server({"x", {"*.cloud.example", "f*.other.example"}, today - 1h, today + 1h});
    ClientFixture fixture(certificates.ca);
    const auto ask = [&](const std::string& name) {
        HttpRequest request =
            ClientFixture::request("GET", "https://" + name + ":" + std::to_string(server->port()) + "/");
        request.connect_host = "127.0.0.1";
        return request;
    };
    CHECK(fixture.send(ask("lambda.cloud.example")).status == 200);
    check_refused(fixture.failure(ask("a.b.cloud.example")), "for another name");
    check_refused(fixture.failure(ask("cloud.example")), "for another name");
    check_refused(fixture.failure(ask("foo.other.example")), "for another name");
}

TEST_CASE("trusted certificates that cannot be read are named") {
    TemporaryDirectory directory;
    write_file(directory / "empty.pem", "nothing\n");
    for (const auto& file : {directory / "missing.pem", directory / "empty.pem"}) {
        ClientFixture fixture(file);
        const Error error = fixture.failure(ClientFixture::request("GET", "https://127.0.0.1:1/"));
        INFO(error.what());
        CHECK(error.kind() == ErrorKind::invalid_input);
        CHECK(error.message().find(file.string()) != std::string::npos);
    }
}

TEST_CASE("https to a port that does not speak it") {
    ServerThread plain(hello);
    ClientFixture fixture;
    check_refused(fixture.failure(get(plain.port())), "does not speak TLS");
}

TEST_CASE("a handshake that is not answered ends with the deadline or with cancelling") {
    ClientFixture fixture;
    RawListener silent; // the system accepts, nobody reads
    CHECK(fixture.failure(get(silent.port()), 50ms).kind() == ErrorKind::timeout);
    CHECK(fixture.cancelled(get(silent.port()), [] {}).kind() == ErrorKind::cancelled);
}

TEST_CASE("a handshake that is broken off may be tried again") {
    ClientFixture fixture;
    RawListener listener;
    std::thread rude([&] { listener.accept(); });
    const Error error = fixture.failure(get(listener.port()));
    INFO(error.what());
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(error.repeat() == Repeat::harmless);
    rude.join();
}

TEST_CASE("clients that end without a goodbye leave nothing behind") {
    Certificates certificates;
    const auto server = certificates.good();
    {
        ClientFixture fixture(certificates.ca);
        CHECK(fixture.send(get(server->port())).status == 200);
    }
    std::size_t connections = 1;
    while (connections != 0)
        server->on_thread([&] { connections = server->server().connections(); });
}

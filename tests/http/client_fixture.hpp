// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/http_client.hpp"

#include "pyfops/error.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pyfops::test {

/// The real client on a loop of its own, with a System that knows nothing.
class ClientFixture {
  public:
    explicit ClientFixture(std::filesystem::path ca_bundle = {}, std::filesystem::path trace = {});

    pyfops::testing::FakeSystem system;
    pyfops::testing::RecordingLog log;
    boost::asio::io_context context;
    std::unique_ptr<HttpClient> client;

    HttpResponse send(HttpRequest request, Milliseconds time = std::chrono::seconds(60));
    HttpResponse get(const std::string& url) { return send(request("GET", url)); }
    Error failure(HttpRequest request, Milliseconds time = std::chrono::seconds(60));
    /// Cancels when `when` has returned, which runs on a thread of its own.
    Error cancelled(HttpRequest request, std::function<void()> when);

    static HttpRequest request(std::string method, const std::string& url, std::string body = {});
};

std::string local_url(std::uint16_t port, std::string target = "/", bool tls = false);

} // namespace pyfops::test

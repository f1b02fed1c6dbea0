// SPDX-License-Identifier: Apache-2.0
#include "http/client_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace pyfops::test {

namespace asio = boost::asio;

ClientFixture::ClientFixture(std::filesystem::path ca_bundle, std::filesystem::path trace) {
    HttpClientOptions options;
    options.ca_bundle = std::move(ca_bundle);
    options.trace_file = std::move(trace);
    options.system = &system;
    options.log = &log;
    client = make_http_client(context.get_executor(), std::move(options));
}

HttpResponse ClientFixture::send(HttpRequest request, Milliseconds time) {
    std::optional<HttpResponse> response;
    std::exception_ptr failure;
    asio::co_spawn(context, client->send(std::move(request), Deadline::after(real_clock(), time)),
                   [&](std::exception_ptr thrown, HttpResponse answer) {
                       failure = thrown;
                       response = std::move(answer);
                   });
    context.restart();
    while (!response && context.run_one() != 0) {
    }
    if (failure) std::rethrow_exception(failure);
    if (!response) throw std::runtime_error("the client forgot a request");
    return std::move(*response);
}

Error ClientFixture::failure(HttpRequest request, Milliseconds time) {
    try {
        const HttpResponse response = send(std::move(request), time);
        throw std::runtime_error("there was an answer: " + std::to_string(response.status));
    } catch (const Error& error) {
        return error;
    }
}

Error ClientFixture::cancelled(HttpRequest request, std::function<void()> when) {
    asio::cancellation_signal signal;
    std::optional<Error> error;
    asio::co_spawn(context, client->send(std::move(request), Deadline()),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown, HttpResponse) {
                       error = thrown ? to_error(thrown) : Error(ErrorKind::internal, "there was an answer");
                   }));
    context.restart();
    auto guard = asio::make_work_guard(context);
    std::thread watcher([&] {
        when();
        asio::post(context, [&] {
            signal.emit(asio::cancellation_type::terminal);
            guard.reset();
        });
    });
    while (!error && context.run_one() != 0) {
    }
    watcher.join();
    return error.value_or(Error(ErrorKind::internal, "the client forgot a request"));
}

HttpRequest ClientFixture::request(std::string method, const std::string& url, std::string body) {
    HttpRequest request;
    request.idempotent = method != "POST" && method != "PATCH";
    request.method = std::move(method);
    request.url = Url::parse(url);
    if (!body.empty()) request.body = std::move(body);
    request.operation = "test:" + request.method;
    return request;
}

std::string local_url(std::uint16_t port, std::string target, bool tls) {
    return (tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port) + target;
}

} // namespace pyfops::test

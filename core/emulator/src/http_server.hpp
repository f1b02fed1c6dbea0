// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/emulator/face.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace pyfops {

struct HttpServerOptions {
    std::filesystem::path certificate;  ///< PEM chain, for TLS
    std::filesystem::path key;          ///< PEM
    std::size_t max_body = 80u << 20;   ///< 413 beyond
    std::size_t max_header = 64u << 10; ///< 431 beyond
    Milliseconds idle{75'000};          ///< a connection without a request
    Milliseconds patience{30'000};      ///< with a peer that neither sends nor reads
    Clock* clock = nullptr;             ///< for the Date header; null: real_clock()
    /// Asked for each new connection with its descriptor; false: it is closed. Empty: always true.
    std::function<bool(int socket)> welcome;
    /// Asked before a body is read; false: the connection is dropped there. Empty: always true.
    std::function<bool(const ServerRequest& head)> admit;
};

/// HTTP/1.1 on loopback, plain and TLS, keep-alive. Bodies are whole, limits are answered with 413 and 431, a
/// handler that throws with 500. One object, used from its executor's thread.
class PYFOPS_EXPORT HttpServer {
  public:
    using Handler = std::function<Task<ServerResponse>(ServerRequest)>;

    HttpServer(boost::asio::any_io_executor executor, Handler handler, HttpServerOptions options = {});
    ~HttpServer(); ///< stops
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Listens on 127.0.0.1, on a free port for 0, and says which. May be called several times.
    /// Throws Error(conflict) when the port is taken.
    std::uint16_t listen(std::uint16_t port, bool tls = false);
    /// Takes over a socket that listens already: TCP or Unix, from whatever network namespace.
    void adopt(int listening_fd);
    /// Accepts no more, closes every connection and cancels the running handlers.
    void stop();
    /// Connections that are open now.
    std::size_t connections() const noexcept;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace pyfops

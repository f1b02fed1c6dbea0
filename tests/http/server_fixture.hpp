// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../core/emulator/src/http_server.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace pyfops::test {

/// A server on a thread of its own, for the test's blocking sockets.
class ServerThread {
  public:
    explicit ServerThread(HttpServer::Handler handler, HttpServerOptions options = {}, bool tls = false);
    ~ServerThread();
    std::uint16_t port() const { return port_; }
    HttpServer& server() { return *server_; } ///< only from `on_thread`
    void on_thread(std::function<void()> work);

  private:
    boost::asio::io_context context_;
    std::unique_ptr<HttpServer> server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A blocking socket that says exactly what it is told to.
class RawSocket {
  public:
    explicit RawSocket(std::uint16_t port);
    explicit RawSocket(const std::string& unix_path);
    explicit RawSocket(int connected) : fd_(connected) { limit_waiting(); }
    ~RawSocket();
    RawSocket(const RawSocket&) = delete;
    RawSocket& operator=(const RawSocket&) = delete;
    RawSocket& operator<<(std::string_view data); ///< a peer that went away is not an error
    std::string until(std::string_view mark);     ///< what was read, the mark included; at most a minute
    std::string rest();                           ///< up to the end of the data
    std::string some(std::size_t count);
    std::string next(); ///< what comes next; empty at the end of the data
    void end();         ///< no more will be sent
    bool ended();       ///< waits for the end of the data and says whether nothing came before it
    void reset();       ///< closes with RST
    int descriptor() const { return fd_; }

  private:
    void limit_waiting();
    bool more();
    int fd_ = -1;
    std::string buffer_;
};

/// A listening socket on loopback and what is accepted from it.
class RawListener {
  public:
    RawListener();
    ~RawListener();
    std::uint16_t port() const { return port_; }
    std::unique_ptr<RawSocket> accept();
    std::unique_ptr<RawSocket> accept_until(const std::atomic<bool>& stop); ///< nullptr when nobody came
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
    std::uint16_t port_ = 0;
};

} // namespace pyfops::test

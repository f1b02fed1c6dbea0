// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/task.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace pyfops {

class System;
using StreamSocket = boost::asio::generic::stream_protocol::socket; ///< TCP or Unix, connected
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

struct Transfer {
    boost::system::error_code failure;
    std::size_t bytes = 0; ///< moved before the failure
};

/// A connected socket, plain or TLS, and one time limit over whatever is done on it. What HTTP is spoken
/// over, by the client and by the emulator's server.
class PYFOPS_EXPORT ByteStream : public std::enable_shared_from_this<ByteStream> {
  public:
    virtual ~ByteStream();
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;

    /// End of file is boost::asio::error::eof, also when TLS ended without saying so.
    virtual Task<Transfer> read_some(char* into, std::size_t size) = 0;
    /// Writes all of it.
    virtual Task<Transfer> write(std::string_view data) = 0;
    /// Says goodbye where the protocol wants it, in the background and for half a second at most, and closes.
    virtual void finish() = 0;
    /// The other side reads the end of the data; reading goes on.
    virtual void shutdown_send() = 0;
    /// Whether there is something to read while a request is still being sent; never true over TLS, where it
    /// may be the protocol's own.
    virtual bool answers_early() const noexcept { return false; }

    Task<Transfer> open(boost::asio::generic::stream_protocol::endpoint endpoint);
    /// The socket, for TLS on top of what was said so far.
    StreamSocket release();

    /// At that time the socket is closed and `expired` becomes true. SteadyTime::max(): never.
    void expires_at(SteadyTime when);
    bool expired() const noexcept { return expired_; }
    void close() noexcept;
    /// Whether the other side has closed, or has sent what nobody asked for. Never blocks.
    bool stale() const noexcept;

  protected:
    explicit ByteStream(const boost::asio::any_io_executor& executor) : timer_(executor) {}
    virtual StreamSocket& socket() noexcept = 0;

  private:
    boost::asio::steady_timer timer_;
    std::uint64_t arming_ = 0;
    bool expired_ = false;
};

PYFOPS_EXPORT std::shared_ptr<ByteStream> plain_stream(StreamSocket socket);

/// TLS 1.2 or later over the socket; the handshake is the caller's next step.
class PYFOPS_EXPORT TlsStream : public ByteStream {
  public:
    /// As a client: `host` is what the certificate must be for, a name or an address.
    virtual Task<Transfer> connect(std::string host) = 0;
    virtual Task<Transfer> accept() = 0;
    /// After a failed `connect`: OpenSSL's X509_V_ERR_ code, 0 when the certificate was not the reason.
    virtual long certificate_problem() const = 0;

  protected:
    using ByteStream::ByteStream;
};

PYFOPS_EXPORT std::shared_ptr<TlsStream> tls_stream(StreamSocket socket, TlsContext context);

/// Trusts the machine's store (or SSL_CERT_FILE and SSL_CERT_DIR where set) and `ca_bundle`.
/// Throws Error(invalid_input) for a file that holds no certificates.
PYFOPS_EXPORT TlsContext client_tls(const std::filesystem::path& ca_bundle, const System& system);
/// Throws Error(invalid_input) when the PEM files do not fit.
PYFOPS_EXPORT TlsContext server_tls(const std::filesystem::path& certificate,
                                    const std::filesystem::path& key);

} // namespace pyfops

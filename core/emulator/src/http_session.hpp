// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/byte_stream.hpp"
#include "http_server.hpp"

#include <memory>

namespace pyfops {

struct SessionSettings {
    HttpServer::Handler handler;
    HttpServerOptions options; ///< with a clock
};

/// One connection from its first byte to its end. `tls` is the same stream when it has a handshake before it.
Task<void> http_session(std::shared_ptr<const SessionSettings> settings, std::shared_ptr<ByteStream> stream,
                        std::shared_ptr<TlsStream> tls);

} // namespace pyfops

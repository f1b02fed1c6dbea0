// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/byte_stream.hpp"
#include "http/proxy.hpp"
#include "http/resolve.hpp"

#include "pyfops/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace pyfops {

/// Where a connection goes and what it must prove.
struct Route {
    std::string host; ///< to connect to
    std::uint16_t port = 0;
    bool tls = false;
    std::string name; ///< what the certificate must be for, and what messages say
    std::optional<Proxy> proxy;

    std::string str() const; ///< "name:port"
};

/// Resolves, connects, tunnels through the proxy, secures. Throws Error: unavailable with a sentence and a
/// hint for each way in which this fails; timeout, cancelled. `context` is for routes with TLS.
Task<std::shared_ptr<ByteStream>> dial(Resolver& resolver, Route route, TlsContext context, SteadyTime until);

/// What to throw for an operation that was not the peer's to fail: timeout when the stream's limit was the
/// deadline, cancelled; nullopt otherwise.
std::optional<Error> interrupted(const ByteStream& stream, const boost::system::error_code& failure,
                                 const std::string& doing, bool limit_is_deadline = true);

} // namespace pyfops

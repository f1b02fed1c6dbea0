// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/byte_stream.hpp"

#include "pyfops/http.hpp"

#include <cstddef>
#include <string>

namespace pyfops {

/// The head of a request, up to the empty line. `proxied`: in the form that a proxy takes;
/// `proxy_authorization` only then. Throws Error(invalid_input) for a method, target or field that would
/// break the message.
std::string request_head(const HttpRequest& request, bool proxied, const std::string& proxy_authorization);

struct ReadLimits {
    bool head_only = false;   ///< no body follows, whatever the fields say
    std::size_t max_body = 0; ///< beyond: http::error::body_limit
};

/// How far the reading of an answer came.
struct Reading {
    boost::system::error_code failure;
    bool begun = false;      ///< a byte came
    bool keep_alive = false; ///< another exchange may follow on this connection
    bool too_large = false;
};

/// Reads one final answer; interim ones (1xx) are skipped.
Task<void> read_answer(ByteStream& stream, Reading& reading, ReadLimits limits, HttpResponse& answer);

} // namespace pyfops

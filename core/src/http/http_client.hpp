// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/http.hpp"
#include "pyfops/log.hpp"
#include "pyfops/system.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>

namespace pyfops {

struct HttpClientOptions {
    std::filesystem::path ca_bundle;  ///< further trusted certificates, PEM
    std::filesystem::path trace_file; ///< HAR of every exchange; empty: none
    const System* system = nullptr;   ///< proxies and trust store; null: real_system()
    Clock* clock = nullptr;           ///< of deadlines and traces; null: real_clock()
    Log* log = nullptr;               ///< null: null_log()
};

/// The client that opens sockets. Runs on `executor`, which must outlive it. Throws Error(invalid_input) when
/// the trace file cannot be written; trusted certificates are read at the first https request.
PYFOPS_EXPORT std::unique_ptr<HttpClient> make_http_client(boost::asio::any_io_executor executor,
                                                           HttpClientOptions options);

} // namespace pyfops

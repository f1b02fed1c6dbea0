// SPDX-License-Identifier: Apache-2.0
#include "http/dial.hpp"

#include "http/http1.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

namespace pyfops {

namespace asio = boost::asio;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

/// For one address while others are left; a dead one must not eat the deadline.
constexpr auto patience_with_one = std::chrono::seconds(5);
constexpr auto patience_with_last = std::chrono::seconds(20);
constexpr auto patience_with_handshake = std::chrono::seconds(20);

Error not_connected(const std::string& where, const std::string& why, std::string hint) {
    return Error(ErrorKind::unavailable, fmt::format("cannot connect to {}: {}", where, why))
        .hint(std::move(hint))
        .repeat(Repeat::harmless);
}

Error connect_failure(const std::string& where, const error_code& failure, bool too_slow) {
    if (too_slow)
        return not_connected(where, "it does not answer",
                             "check the address, and that no firewall drops the connection");
    if (failure == asio::error::connection_refused)
        return not_connected(where, "connection refused", "check that something listens there");
    if (failure == asio::error::network_unreachable || failure == asio::error::host_unreachable ||
        failure == asio::error::network_down)
        return not_connected(where, "there is no route to it", "check that this machine has a network");
    if (failure == asio::error::no_descriptors)
        return not_connected(where, "too many open files",
                             "run fewer deployments at once (-j), or raise the limit (ulimit -n)");
    return not_connected(where, failure.message(), "check the address and the network");
}

SteadyTime soonest(SteadyTime until, std::chrono::seconds patience) {
    return std::min(until, std::chrono::steady_clock::now() + patience);
}

Task<std::shared_ptr<ByteStream>> connect(asio::any_io_executor executor,
                                          std::vector<tcp::endpoint> addresses, std::string where,
                                          SteadyTime until) {
    error_code last;
    bool too_slow = false;
    for (std::size_t at = 0; at < addresses.size(); ++at) {
        const std::shared_ptr<ByteStream> stream = plain_stream(StreamSocket(executor));
        const SteadyTime limit =
            soonest(until, at + 1 < addresses.size() ? patience_with_one : patience_with_last);
        stream->expires_at(limit);
        auto opening = stream->open(addresses[at]);
        const Transfer opened = co_await std::move(opening);
        if (!opened.failure) co_return stream;
        const bool limit_is_deadline = limit == until;
        if (limit_is_deadline || !stream->expired())
            if (auto why = interrupted(*stream, opened.failure, "connecting to " + where))
                throw std::move(*why);
        last = opened.failure;
        too_slow = stream->expired();
    }
    throw connect_failure(where, last, too_slow);
}

Error untrusted(const std::string& where, std::string why, std::string hint) {
    return Error(ErrorKind::unavailable, fmt::format("the certificate of {} is not accepted: {}", where, why))
        .hint(std::move(hint))
        .repeat(Repeat::useless);
}

Error handshake_failure(const Route& route, long problem, const error_code& failure) {
    const std::string where = route.str();
    const char* const trust =
        "if you trust its authority, name a file with it (--ca-bundle, or SSL_CERT_FILE); "
        "otherwise somebody may be listening in";
    switch (problem) {
    case X509_V_OK:
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return untrusted(where, "it has expired",
                         "check this machine's clock; if it is right, the server's owner must renew it");
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return untrusted(where, "it is not valid yet", "check this machine's clock");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return untrusted(where, fmt::format("it is for another name than {}", route.name),
                         "check the endpoint for a typing error, and the proxy if there is one");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return untrusted(where, "it is self-signed", trust);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return untrusted(where, "no authority trusted on this machine has issued it", trust);
    default:
        return untrusted(where, X509_verify_cert_error_string(problem), trust);
    }
    const auto refused = [&](std::string why, std::string hint, Repeat repeat) {
        return Error(ErrorKind::unavailable, fmt::format("no secure connection to {}: {}", where, why))
            .hint(std::move(hint))
            .repeat(repeat);
    };
    if (failure.category() == asio::error::get_ssl_category()) {
        const int reason = ERR_GET_REASON(static_cast<unsigned long>(failure.value()));
        if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
            return refused("what answers there does not speak TLS",
                           "check the port, or use http:// for this endpoint", Repeat::useless);
        if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
            return refused("it offers nothing newer than TLS 1.1",
                           "TLS 1.2 is the least; its owner must update it", Repeat::useless);
        return refused(failure.message(), "check the endpoint, and the proxy if there is one",
                       Repeat::useless);
    }
    return refused(failure == asio::error::eof ? "it closed the connection" : failure.message(),
                   "check the endpoint, and the proxy if there is one", Repeat::harmless);
}

/// Asks the proxy for a tunnel.
Task<void> tunnel(ByteStream& stream, const Route& route, bool limit_is_deadline) {
    const Proxy& proxy = *route.proxy;
    const std::string target = fmt::format(
        "{}:{}", route.host.find(':') == std::string::npos ? route.host : "[" + route.host + "]", route.port);
    std::string head = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
    if (!proxy.authorization.empty()) head += "Proxy-Authorization: " + proxy.authorization.expose() + "\r\n";
    head += "\r\n";
    const std::string doing = fmt::format("asking the proxy {} for {}", proxy.str(), target);
    auto writing = stream.write(head);
    const Transfer written = co_await std::move(writing);
    std::fill(head.begin(), head.end(), '\0');
    Reading reading;
    HttpResponse answer;
    if (!written.failure) {
        auto awaiting = read_answer(stream, reading, {true, 0}, answer);
        co_await std::move(awaiting);
    }
    const error_code failure = written.failure ? written.failure : reading.failure;
    if (failure) {
        if (auto why = interrupted(stream, failure, doing, limit_is_deadline)) throw Error(std::move(*why));
        throw not_connected(route.str(),
                            fmt::format("the proxy {} {}", proxy.str(),
                                        stream.expired() ? "does not answer" : "closed the connection"),
                            "check https_proxy and no_proxy");
    }
    if (answer.status / 100 == 2) co_return;
    if (answer.status == 407)
        throw Error(
            ErrorKind::unavailable,
            fmt::format("the proxy {} does not accept {}", proxy.str(),
                        proxy.authorization.empty() ? "anonymous users" : "this user name and password"))
            .hint("put them into https_proxy: http://user:password@host:port")
            .repeat(Repeat::useless);
    Error refused(ErrorKind::unavailable, fmt::format("the proxy {} makes no connection to {}: it answers {}",
                                                      proxy.str(), target, answer.status));
    refused.hint("check the endpoint, https_proxy and no_proxy")
        .repeat(answer.status >= 500 ? Repeat::harmless : Repeat::useless);
    throw Error(std::move(refused));
}

} // namespace

std::string Route::str() const {
    return fmt::format("{}:{}", name.find(':') == std::string::npos ? name : "[" + name + "]", port);
}

std::optional<Error> interrupted(const ByteStream& stream, const error_code& failure,
                                 const std::string& doing, bool limit_is_deadline) {
    if (stream.expired() && !limit_is_deadline) return std::nullopt;
    if (stream.expired())
        return Error(ErrorKind::timeout, fmt::format("the time was over while {}", doing))
            .hint("allow more time, or look whether the service is slow");
    if (failure == asio::error::operation_aborted)
        return Error(ErrorKind::cancelled, fmt::format("cancelled while {}", doing));
    return std::nullopt;
}

Task<std::shared_ptr<ByteStream>> dial(Resolver& resolver, Route route, TlsContext context,
                                       SteadyTime until) {
    const std::string host = route.proxy ? route.proxy->url.host : route.host;
    const std::uint16_t port = route.proxy ? route.proxy->url.effective_port() : route.port;
    auto looking_up = resolver.resolve(host, port, until);
    std::vector<tcp::endpoint> addresses = co_await std::move(looking_up);
    auto connecting = connect(resolver.executor(), std::move(addresses),
                              route.proxy ? "the proxy " + route.proxy->str() : route.str(), until);
    std::shared_ptr<ByteStream> stream = co_await std::move(connecting);
    if (!route.tls) co_return stream;

    const SteadyTime limit = soonest(until, patience_with_handshake);
    stream->expires_at(limit);
    if (route.proxy) {
        auto tunnelling = tunnel(*stream, route, limit == until);
        co_await std::move(tunnelling);
    }
    const std::shared_ptr<TlsStream> secured = tls_stream(stream->release(), std::move(context));
    secured->expires_at(limit);
    auto shaking = secured->connect(route.name);
    const Transfer shaken = co_await std::move(shaking);
    if (shaken.failure) {
        if (auto why = interrupted(*secured, shaken.failure, "securing the connection to " + route.str(),
                                   limit == until))
            throw Error(std::move(*why));
        if (secured->expired())
            throw not_connected(route.str(), "it does not answer the TLS handshake", "check the port");
        throw handshake_failure(route, secured->certificate_problem(), shaken.failure);
    }
    co_return secured;
}

} // namespace pyfops

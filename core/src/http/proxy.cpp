// SPDX-License-Identifier: Apache-2.0
#include "http/proxy.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include <initializer_list>

namespace pyfops {

namespace ip = boost::asio::ip;
using boost::system::error_code;

namespace {

std::string variable(const System& system, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names)
        if (const auto value = system.variable(name); value && !value->empty()) return *value;
    return {};
}

bool in_network(const ip::address& address, const std::string& network) {
    error_code failure;
    if (address.is_v4()) {
        const auto net = ip::make_network_v4(network, failure);
        return !failure &&
               net.canonical() == ip::make_network_v4(address.to_v4(), net.prefix_length()).canonical();
    }
    const auto net = ip::make_network_v6(network, failure);
    return !failure &&
           net.canonical() == ip::make_network_v6(address.to_v6(), net.prefix_length()).canonical();
}

/// One entry of no_proxy: a name (and what is below it), an address, a network, each with or without a port.
bool exempts(std::string entry, const Url& url) {
    if (entry == "*") return true;
    error_code not_an_address;
    const ip::address address = ip::make_address(url.host, not_an_address);
    if (const auto slash = entry.find('/'); slash != std::string::npos)
        return !not_an_address && in_network(address, entry);
    const auto colon = entry.rfind(':');
    const bool bracketed = entry.starts_with('[');
    if (colon != std::string::npos && (bracketed ? entry.rfind(']') < colon : entry.find(':') == colon)) {
        if (entry.substr(colon + 1) != std::to_string(url.effective_port())) return false;
        entry.resize(colon);
    }
    if (bracketed && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    if (entry.starts_with("*.")) entry.erase(0, 1);
    if (entry == url.host) return true;
    const std::string below = entry.starts_with('.') ? entry : "." + entry;
    return not_an_address && below.size() > 1 && (url.host.ends_with(below) || "." + url.host == below);
}

bool is_exempt(const Url& url, const System& system) {
    error_code not_an_address;
    const ip::address address = ip::make_address(url.host, not_an_address);
    if (url.host == "localhost" || url.host.ends_with(".localhost")) return true;
    if (!not_an_address && address.is_loopback()) return true;
    const std::string list = lower_case(variable(system, {"no_proxy", "NO_PROXY"}));
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t start = list.find_first_not_of(", \t", at);
        if (start == std::string::npos) break;
        at = std::min(list.find_first_of(", \t", start), list.size());
        if (exempts(list.substr(start, at - start), url)) return true;
    }
    return false;
}

} // namespace

std::optional<Proxy> proxy_for(const Url& url, const System& system) {
    std::string text = url.scheme == "https" ? variable(system, {"https_proxy", "HTTPS_PROXY"})
                                             : variable(system, {"http_proxy"});
    if (text.empty() || is_exempt(url, system)) return std::nullopt;
    if (text.find("://") == std::string::npos) text = "http://" + text;
    Proxy proxy;
    const std::size_t start = text.find("://") + 3;
    const std::size_t end = std::min(text.find_first_of("/?#", start), text.size());
    if (const auto at = text.rfind('@', end); at != std::string::npos && at >= start) {
        const std::string user_info = text.substr(start, at - start);
        text.erase(start, at + 1 - start);
        proxy.authorization = Secret("Basic " + base64(percent_decode(user_info)));
    }
    try {
        proxy.url = Url::parse(text);
    } catch (const Error& error) {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the proxy of the environment cannot be used: {}", error.message()))
            .hint(fmt::format("set {}_proxy to http://[user:password@]host:port", url.scheme));
    }
    if (proxy.url.scheme != "http")
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("the proxy {} cannot be used: only http:// proxies are spoken to", proxy.str()))
            .hint(fmt::format("set {}_proxy to http://[user:password@]host:port", url.scheme));
    return proxy;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "http/resolve.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <netdb.h>

#include <cstring>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

namespace pyfops {

namespace asio = boost::asio;
using boost::asio::ip::tcp;

/// One question to the system's resolver and the tasks that wait for its answer.
struct Lookup {
    std::mutex mutex;
    bool wanted = true; ///< guarded; false: nobody waits any more, and the engine may be gone

    asio::any_io_executor executor;
    // Of the engine's thread:
    bool done = false;
    int failure = 0;
    std::vector<asio::ip::address> addresses;
    std::list<asio::steady_timer*> waiting;
};

namespace {

struct Waiting {
    std::shared_ptr<Lookup> lookup;
    asio::steady_timer timer;

    Waiting(std::shared_ptr<Lookup> what, SteadyTime until)
        : lookup(std::move(what)),
          timer(lookup->executor, until) {
        lookup->waiting.push_back(&timer);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        lookup->waiting.remove(&timer);
        if (!lookup->waiting.empty()) return;
        const std::lock_guard lock(lookup->mutex);
        lookup->wanted = false;
    }
};

void ask(const std::shared_ptr<Lookup>& lookup, const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = AF_UNSPEC;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    std::vector<asio::ip::address> addresses;
    for (const addrinfo* entry = failure ? nullptr : found; entry; entry = entry->ai_next) {
        tcp::endpoint endpoint;
        if (entry->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
        addresses.push_back(endpoint.address());
    }
    if (found) ::freeaddrinfo(found);
    const std::lock_guard lock(lookup->mutex);
    if (!lookup->wanted) return;
    asio::post(lookup->executor, [lookup, failure, addresses = std::move(addresses)]() mutable {
        lookup->failure = failure;
        lookup->addresses = std::move(addresses);
        lookup->done = true;
        for (asio::steady_timer* timer : lookup->waiting)
            timer->cancel();
    });
}

Error unresolved(const std::string& host, int failure) {
    if (failure == EAI_NONAME || failure == EAI_NODATA)
        return Error(ErrorKind::unavailable, fmt::format("the name {} does not resolve to an address", host))
            .hint("check the region and the endpoint for a typing error, and that this machine has a network")
            .repeat(Repeat::harmless);
    return Error(ErrorKind::unavailable,
                 fmt::format("the name {} cannot be resolved now: {}", host, ::gai_strerror(failure)))
        .hint("check that this machine has a network and a working name server")
        .repeat(Repeat::harmless);
}

} // namespace

Task<std::vector<tcp::endpoint>> Resolver::resolve(std::string host, std::uint16_t port, SteadyTime until) {
    boost::system::error_code not_an_address;
    const auto literal = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return std::vector{tcp::endpoint(literal, port)};

    std::shared_ptr<Lookup> lookup = running_[host].lock();
    if (!lookup || lookup->done || !lookup->wanted) {
        lookup = std::make_shared<Lookup>();
        lookup->executor = executor_;
        running_[host] = lookup;
        try {
            std::thread([lookup, host] { ask(lookup, host); }).detach();
        } catch (const std::system_error& error) {
            throw Error(ErrorKind::unavailable,
                        fmt::format("no thread to resolve {}: {}", host, error.what()))
                .repeat(Repeat::harmless);
        }
    }
    Waiting waiting(lookup, until);
    auto wait = waiting.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto [ended] = co_await std::move(wait);
    if (!lookup->done) {
        if (ended) throw Error(ErrorKind::cancelled, fmt::format("cancelled while {} was resolved", host));
        throw Error(ErrorKind::timeout, fmt::format("the name {} was not resolved in time", host))
            .hint("check that this machine has a network and a working name server");
    }
    if (const auto found = running_.find(host); found != running_.end() && found->second.lock() == lookup)
        running_.erase(found);
    if (lookup->failure || lookup->addresses.empty()) throw unresolved(host, lookup->failure);
    std::vector<tcp::endpoint> endpoints;
    for (const asio::ip::address& address : lookup->addresses)
        endpoints.emplace_back(address, port);
    co_return endpoints;
}

} // namespace pyfops

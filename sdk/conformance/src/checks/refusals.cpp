// SPDX-License-Identifier: Apache-2.0
// Failures that the cloud answers with, in its own form.
#include "groups.hpp"

#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

/// The operations of a whole deployment, its invocation and its removal.
std::vector<std::string> operations_of_a_life(Site& site) {
    Bench& bench = site.bench();
    bench.tell(bench.deploy(), {"version"});
    bench.list();
    bench.remove();
    bench.remove_shared();
    return bench.wire.operations();
}

void live(Bench& bench) {
    const Deployment made = bench.deploy();
    require(bench.tell(made, {"version"}) == "1", "the function does not answer");
    require(bench.list().size() == 1, "the list has not exactly one deployment");
    bench.remove();
    bench.remove_shared();
    require(!bench.find(), "the deployment was not removed");
}

void once(Site& site, const Refusal& refusal, int retry_after) {
    const std::vector<std::string> operations = operations_of_a_life(site);
    site.cloud.faults(site.refusals(operations, refusal, 1, retry_after));
    Bench& bench = site.bench();
    live(bench);
    // What an account needs once (a registration, say) the first life has done.
    const std::vector<std::string> now = bench.wire.operations();
    const auto refused = static_cast<std::size_t>(
        std::count_if(operations.begin(), operations.end(), [&now](const std::string& operation) {
            return std::find(now.begin(), now.end(), operation) != now.end();
        }));
    require(bench.observer.all<RetryScheduled>().size() >= refused,
            "not every operation was repeated through send_with_retry");
    if (retry_after < 0) return;
    const auto waits = std::count_if(bench.clock.sleeps.begin(), bench.clock.sleeps.end(),
                                     [&](auto wait) { return wait >= std::chrono::seconds(retry_after); });
    require(static_cast<std::size_t>(waits) >= refused,
            "Retry-After was honoured " + std::to_string(waits) + " times of " + std::to_string(refused));
}

void throttled_once(Site& site) {
    once(site, site.quirks.throttled, 7);
}
void server_error_once(Site& site) {
    once(site, site.quirks.server_error, -1);
}

/// Every verb fails as that kind while the cloud answers so, and is repeated at most `attempts` times.
void always(Site& site, const Refusal& refusal, ErrorKind kind, std::size_t attempts) {
    const Deployment made = site.bench().deploy();
    site.cloud.faults(site.refusals({"*"}, refusal, 0));
    const auto check = [&](const std::string& verb, auto call) {
        Bench& bench = site.bench();
        require_failure(failure_of([&] { call(bench); }), kind, verb);
        for (const std::string& operation : bench.wire.operations())
            require(bench.wire.count(operation) <= attempts, verb + " asks " + operation + " " +
                                                                 std::to_string(bench.wire.count(operation)) +
                                                                 " times");
    };
    check("deploy", [](Bench& bench) { bench.deploy({.version = "2"}); });
    check("find", [](Bench& bench) { bench.find(); });
    check("list", [](Bench& bench) { bench.list(); });
    check("remove", [](Bench& bench) { bench.remove(); });
    check("invoke", [&](Bench& bench) { bench.invoke(made, 1); });
    // The writes alone: whoever may read may not write.
    site.cloud.faults(site.refusals({site.quirks.create}, refusal, 0));
    check("a creation", [](Bench& bench) { bench.deploy({.function = "refused"}); });
    site.cloud.faults();
    require(site.bench().find().has_value(), "the deployment is gone after all");
}

void throttled_always(Site& site) {
    always(site, site.quirks.throttled, ErrorKind::throttled, 10);
}
void server_error_always(Site& site) {
    always(site, site.quirks.server_error, ErrorKind::unavailable, 10);
}
void unauthenticated(Site& site) {
    always(site, site.quirks.unauthenticated, ErrorKind::unauthenticated, 2);
}
void forbidden(Site& site) {
    always(site, site.quirks.forbidden, ErrorKind::forbidden, 2);
}

void not_found(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    bench.remove();
    Bench& next = site.bench();
    require(!next.find(), "find sees what is not there");
    require_failure(failure_of([&] { next.invoke(made, 1); }), ErrorKind::not_found,
                    "invoking what is not there");
    require_failure(failure_of([&] { next.configure(made, site.quirks.more_memory_mb, std::nullopt); }),
                    ErrorKind::not_found, "configuring what is not there");
    if (site.applies("instance.logs")) {
        const auto logs = failure_of([&] { next.logs(made, SystemTime()); });
        require(!logs || logs->kind() == ErrorKind::not_found,
                std::string("the logs of what is not there: ") + (logs ? logs->what() : ""));
    }
    next.remove();
}

void no_credentials(Site& site) {
    Bench& bench = site.bench_without_credentials();
    std::vector<std::string> asked;
    bench.wire.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
        throw Error(ErrorKind::unavailable, "cannot connect to " + request.url.authority())
            .repeat(Repeat::harmless);
    };
    const auto account = failure_of([&] { bench.account(); });
    require_failure(account, ErrorKind::unauthenticated, "asking for the account without credentials");
    require(!account->hint().empty(), "without credentials there is no hint what to do");
    require_failure(failure_of([&] { bench.deploy(); }), ErrorKind::unauthenticated,
                    "deploying without credentials");
    const Account whose = site.bench().account();
    require(!whose.id.empty() && !whose.source.empty(), "the account has no id or no source");
}

} // namespace

Checks refusals() {
    return {
        {"throttled.once", "every operation is repeated after a throttling answer, Retry-After honoured",
         &throttled_once},
        {"throttled.always", "lasting throttling ends as 'throttled' after few attempts", &throttled_always},
        {"server-error.once", "every operation is repeated after a server error", &server_error_once},
        {"server-error.always", "a lasting server error ends as 'unavailable' after few attempts",
         &server_error_always},
        {"unauthenticated", "refused credentials end as 'unauthenticated' and are not tried for long",
         &unauthenticated},
        {"forbidden", "a missing right ends as 'forbidden' and is not tried for long", &forbidden},
        {"not-found", "what is not there is not found, and removing it is a success", &not_found},
        {"no-credentials", "without credentials nothing is done, and a hint says what to do",
         &no_credentials},
    };
}

} // namespace pyfops::conformance

// SPDX-License-Identifier: Apache-2.0
// Runs that are stopped, and runs that meet.
#include "groups.hpp"

#include "site.hpp"

namespace pyfops::conformance {
namespace {

void cancelled_anywhere(Site& site) {
    for (std::size_t k = 1;; ++k) {
        require(k < 60, "there is no end of requests");
        clear(site);
        Bench& bench = site.bench();
        std::string stopped;
        bench.wire.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
            if (bench.wire.count() == k) {
                stopped = request.operation;
                bench.engine().cancel();
            }
            return std::nullopt;
        };
        bench.wire.after = {};
        const auto failure = failure_of([&] { bench.deploy(); });
        if (stopped.empty()) return; // k is beyond the last request
        // The last request may be through when the signal comes: then the deployment is whole.
        if (failure)
            require_failure(failure, ErrorKind::cancelled, "a deployment that is cancelled in " + stopped);
        require(bench.wire.count() <= k + 1,
                "after its cancellation in " + stopped +
                    " a deployment goes on: " + std::to_string(bench.wire.count() - k) + " more requests");
        Bench& next = site.bench();
        const Deployment made = next.deploy();
        require(next.tell(made, {"version"}) == "1",
                "after a cancellation in " + stopped + " the next run does not end with a working function");
        require(next.list().size() == 1,
                "after a cancellation in " + stopped + " the list has not exactly one deployment");
    }
}

void cancelled_waiting(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    bench.tell(made, {"version"});
    bench.wire.before = [&](const HttpRequest&) -> std::optional<HttpResponse> {
        bench.engine().cancel();
        return std::nullopt;
    };
    const SteadyTime start = real_clock().steady_now();
    require_failure(failure_of([&] {
                        bench.tell(made, {"sleep", 8});
                    }),
                    ErrorKind::cancelled, "a cancelled invocation");
    require(real_clock().steady_now() - start < std::chrono::seconds(4),
            "a cancelled invocation waits for its answer");
}

void require_all_well(const std::vector<std::optional<Error>>& failures) {
    for (const auto& failure : failures)
        if (failure) unmet(std::string("one of two runs at once fails: ") + failure->what());
}

void two_at_once(Site& site, const std::vector<Wanted>& both) {
    Bench& bench = site.bench();
    require_all_well(bench.deploy_at_once(both));
    const std::optional<Deployment> found = site.bench().find();
    require(found.has_value(), "after two runs at once there is no deployment");
    const json::value version = bench.tell(*found, {"version"});
    require(version == both.front().version.c_str() || version == both.back().version.c_str(),
            "after two runs at once neither code answers");
    require(site.bench().list().size() == 1, "two runs at once make two deployments");
    Bench& next = site.bench();
    const Deployment last = next.deploy(both.back());
    require(next.tell(last, {"version"}) == both.back().version.c_str(),
            "after two runs at once a third does not repair what they left");
    next.wire.clear();
    next.deploy(both.back());
    require_equal(next.wire.writes(), {}, "after two runs at once and a third, a fourth writes");
}

void create_at_once(Site& site) {
    two_at_once(site, {Wanted{}, Wanted{}});
}

void update_at_once(Site& site) {
    site.bench().deploy();
    two_at_once(site, {Wanted{.version = "2"}, Wanted{.version = "3"}});
}

void many_at_once(Site& site) {
    std::vector<Wanted> all;
    for (const char* name : {"a", "b", "c", "d"})
        all.push_back({.function = name});
    Bench& bench = site.bench();
    require_all_well(bench.deploy_at_once(all));
    require(site.bench().list().size() == all.size(), "four functions deployed at once are not four");
}

} // namespace

Checks interruptions() {
    return {
        {"cancelled.deploying",
         "a deployment cancelled in any request ends at once, and the next run repairs it",
         &cancelled_anywhere},
        {"cancelled.invoking", "a cancelled invocation does not wait for its answer", &cancelled_waiting},
        {"at-once.creating", "two runs that create the same deployment at once both end well",
         &create_at_once},
        {"at-once.updating", "two runs that update one deployment at once both end well, with one's code",
         &update_at_once},
        {"at-once.sharing", "first deployments at once share what they share", &many_at_once},
    };
}

} // namespace pyfops::conformance

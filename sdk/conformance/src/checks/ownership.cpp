// SPDX-License-Identifier: Apache-2.0
// Resources of our name that are not ours.
#include "groups.hpp"

#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

void hide(std::string& text, const Quirks& quirks) {
    for (const auto& [from, to] : quirks.hidden_mark)
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
}

bool listed(Bench& bench) {
    const std::vector<Deployment> all = bench.list();
    return std::any_of(all.begin(), all.end(),
                       [&](const Deployment& one) { return one.identity == bench.identity(); });
}

/// Every verb leaves what has our name alone.
void untouched(Bench& bench, const Deployment& theirs, const std::string& what) {
    bench.wire.clear();
    const auto refused = [&](const std::string& verb, auto call) {
        require_failure(failure_of(call), ErrorKind::conflict, verb + " over " + what);
        require_equal(bench.wire.writes(), {}, verb + " over " + what + " writes");
    };
    const auto failure = failure_of([&] { bench.deploy({.version = "2"}); });
    refused("deploy", [&] { bench.deploy({.version = "2"}); });
    require(failure && !failure->hint().empty(), "a taken name comes without a hint what to do");
    refused("remove", [&] { bench.remove(); });
    require(!bench.find(), "find takes " + what + " for ours");
    require(!listed(bench), "list takes " + what + " for ours");
    require_equal(bench.wire.writes(), {}, "looking at " + what + " writes");
    require(!theirs.link.empty(), "their deployment has no link");
}

/// Whose deployment has our name: of another project, where names of two projects can meet.
FdIdentity somebody(Site& site) {
    const Quirks& quirks = site.quirks;
    if (quirks.projects_apart)
        return {site.project, "conform", quirks.provider, quirks.region, Realm::local, "256"};
    return {"somebody", "conform", quirks.provider, quirks.region, Realm::local, "auto"};
}

void another_deployment(Site& site) {
    Bench& owner = site.bench();
    const Deployment theirs = owner.deploy({.owner = somebody(site)});
    Bench& bench = site.bench();
    untouched(bench, theirs, "another deployment");
    require(owner.tell(theirs, {"version"}) == "1", "their deployment does not answer any more");
}

void unmarked(Site& site) {
    Bench& owner = site.bench();
    const Deployment theirs = owner.deploy();
    Bench& bench = site.bench();
    const Quirks& quirks = site.quirks;
    // Seen without its mark, it is a resource that somebody else made by hand.
    const auto unseen = [&](const HttpRequest&, HttpResponse& response) { hide(response.body, quirks); };
    const auto check = [&](const std::string& verb, auto call) {
        bench.wire.clear();
        bench.wire.after = unseen;
        require_failure(failure_of(call), ErrorKind::conflict, verb + " over a resource without a mark");
        require_equal(bench.wire.writes(), {}, verb + " over a resource without a mark writes");
    };
    check("deploy", [&] { bench.deploy({.version = "2"}); });
    check("remove", [&] { bench.remove(); });
    require(!bench.find(), "find takes a resource without a mark for ours");
    require(bench.list().empty(), "list takes a resource without a mark for ours");
    require(owner.tell(theirs, {"version"}) == "1", "their resource does not answer any more");
}

/// How the cloud says that it is not there: which operation, and its answer.
std::pair<std::string, HttpResponse> absence(Site& site) {
    Bench& bench = site.bench();
    bench.deploy(); // what is shared is there
    bench.remove();
    std::optional<std::pair<std::string, HttpResponse>> absent;
    bench.wire.after = [&](const HttpRequest& request, HttpResponse& response) {
        if (response.status == 404 && !absent) absent.emplace(request.operation, response);
    };
    bench.find();
    require(absent.has_value(), "looking for what is not there is not answered with 404");
    return *absent;
}

/// Somebody makes it between our looking and our creating.
void taken_meanwhile(Site& site) {
    const auto absent = absence(site);
    Bench& owner = site.bench();
    const Deployment theirs = owner.deploy({.owner = somebody(site)});
    Bench& bench = site.bench();
    bool looked = false;
    bench.wire.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (looked || request.operation != absent.first) return std::nullopt;
        looked = true;
        return absent.second;
    };
    require_failure(failure_of([&] { bench.deploy({.version = "2"}); }), ErrorKind::conflict,
                    "a creation whose name was taken meanwhile");
    require(looked, "deploy does not look before it creates");
    require(owner.tell(theirs, {"version"}) == "1", "what was made meanwhile was overwritten");
    require(!listed(site.bench()), "what was made meanwhile was taken over");
}

/// The same, by another run of ours: then it is the deployment that was wanted.
void made_meanwhile(Site& site) {
    const auto absent = absence(site);
    site.bench().deploy();
    Bench& bench = site.bench();
    bool looked = false;
    bench.wire.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (looked || request.operation != absent.first) return std::nullopt;
        looked = true;
        return absent.second;
    };
    const Deployment made = bench.deploy({.version = "2"});
    require(bench.tell(made, {"version"}) == "2", "another run's older code answers");
    require(bench.list().size() == 1, "the list has not exactly one deployment");
}

} // namespace

Checks ownership() {
    return {
        {"ours.another-deployment", "a resource of that name with another deployment's mark is not touched",
         &another_deployment},
        {"ours.unmarked", "a resource of that name without a mark is not touched", &unmarked},
        {"ours.taken-meanwhile", "a name that somebody takes between looking and creating is not overwritten",
         &taken_meanwhile},
        {"ours.made-meanwhile", "what another run makes between looking and creating is updated",
         &made_meanwhile},
    };
}

} // namespace pyfops::conformance

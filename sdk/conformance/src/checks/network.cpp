// SPDX-License-Identifier: Apache-2.0
// What happens between here and the cloud.
#include "groups.hpp"

#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

/// Does `harm` to the k-th answer of a deployment's whole life, for every k; then all must be well again.
void for_every_answer(Site& site, const std::string& what,
                      const std::function<void(const HttpRequest&, HttpResponse&)>& harm) {
    for (std::size_t k = 1;; ++k) {
        require(k < 60, "there is no end of requests");
        clear(site);
        Bench& bench = site.bench();
        std::size_t seen = 0;
        std::string harmed;
        bench.wire.after = [&](const HttpRequest& request, HttpResponse& response) {
            if (++seen != k) return;
            harmed = request.operation;
            harm(request, response);
        };
        const auto failure = failure_of([&] {
            const Deployment made = bench.deploy();
            bench.invoke(made, "event");
            bench.find();
            bench.list();
        });
        require_orderly(failure, "after " + what + " to " + harmed + " it");
        if (harmed.empty()) return;
        Bench& next = site.bench();
        const Deployment made = next.deploy();
        require(next.tell(made, {"version"}) == "1",
                "after " + what + " to " + harmed + " the next run does not repair it");
    }
}

void connection_cut(Site& site) {
    for_every_answer(site, "a cut answer",
                     [](const HttpRequest& request, HttpResponse&) { cut_answer(request); });
}

void text_cut(Site& site) {
    // A proxy that lets half of it through and calls it good.
    for_every_answer(site, "half an answer", [](const HttpRequest&, HttpResponse& response) {
        response.body.resize(response.body.size() / 2);
    });
}

void portal(Site& site) {
    for_every_answer(site, "a page of HTML as the answer", [](const HttpRequest&, HttpResponse& response) {
        response =
            HttpResponse{200, {}, "<!DOCTYPE html><title>Welcome to the guest network</title>", response.url};
        response.headers.set("Content-Type", "text/html");
    });
}

void redirect(Site& site) {
    const Deployment made = site.bench().deploy();
    const std::string elsewhere = "127.0.0.1:9";
    const auto check = [&](int status, const std::string& verb, auto call) {
        Bench& bench = site.bench();
        bench.wire.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
            HttpResponse answer;
            answer.status = request.url.authority() == elsewhere ? 200 : status;
            answer.headers.set("Location", "http://" + elsewhere + request.url.target);
            return answer;
        };
        const auto failure = failure_of([&] { call(bench); });
        require(failure.has_value(), verb + " goes well although the cloud was never reached");
        require(failure->kind() != ErrorKind::internal && failure->kind() != ErrorKind::plugin,
                verb + " fails as a defect after a redirect: " + failure->what());
        for (const Exchange& exchange : bench.wire.exchanges())
            require(exchange.request.url.authority() != elsewhere,
                    exchange.request.operation + " follows a redirect to another host");
        require(bench.wire.count() <= 10, verb + " repeats what is redirected");
    };
    for (const int status : {302, 307}) {
        check(status, "deploy", [](Bench& bench) { bench.deploy({.version = "2"}); });
        check(status, "list", [](Bench& bench) { bench.list(); });
        check(status, "invoke", [&](Bench& bench) { bench.invoke(made, 1); });
    }
}

void own_hosts(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    bench.tell(made, {"version"});
    if (site.applies("instance.logs")) bench.logs(made, SystemTime());
    bench.list();
    bench.remove();
    bench.remove_shared();
    for (const Exchange& exchange : bench.wire.exchanges())
        require(exchange.request.url.host == "127.0.0.1" || exchange.request.url.host == "localhost",
                exchange.request.operation + " is sent to " + exchange.request.url.host);
}

/// A machine whose clock is wrong: either it does not matter, or the person is told.
void clock_off(Site& site, Milliseconds offset) {
    Bench& bench = site.bench();
    bench.clock.offset = offset;
    const auto failure = failure_of([&] {
        const Deployment made = bench.deploy();
        require(bench.tell(made, {"version"}) == "1", "the function does not answer");
    });
    if (!failure) return;
    if (site.quirks.corrects_clock)
        unmet(std::string("a deployment with a wrong clock fails: ") + failure->what());
    require_failure(failure, ErrorKind::unauthenticated, "a deployment with a wrong clock");
    require((failure->message() + failure->hint()).find("clock") != std::string::npos,
            "nobody is told that the clock is wrong: " + std::string(failure->what()));
}

void clock_ahead(Site& site) {
    clock_off(site, std::chrono::minutes(10));
}
void clock_behind(Site& site) {
    clock_off(site, -std::chrono::minutes(10));
}

} // namespace

Checks network() {
    return {
        {"network.cut", "an answer whose connection is cut in the middle does no lasting harm",
         &connection_cut},
        {"network.half", "half an answer that looks whole is not believed", &text_cut},
        {"network.portal", "a page of HTML with status 200 is not believed", &portal},
        {"network.redirect", "a redirect to another host is not followed and gets no credentials", &redirect},
        {"network.hosts", "with the local cloud's environment every request goes to it", &own_hosts},
        {"clock.ahead", "a clock that is 10 minutes ahead is corrected, or told to the person", &clock_ahead},
        {"clock.behind", "a clock that is 10 minutes behind is corrected, or told to the person",
         &clock_behind},
    };
}

} // namespace pyfops::conformance

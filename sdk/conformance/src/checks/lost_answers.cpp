// SPDX-License-Identifier: Apache-2.0
// What was done although nobody was told of it.
#include "groups.hpp"

#include "site.hpp"

#include <functional>

namespace pyfops::conformance {
namespace {

using Step = std::function<void(Bench&)>;

/// Loses the answer to the k-th write of `step` for every k, and lets `check` look at what came of it.
void for_every_write(Site& site, const Step& prepare, const Step& step, const Step& check) {
    for (std::size_t k = 1;; ++k) {
        require(k < 40, "there is no end of write calls");
        clear(site);
        prepare(site.bench());
        Bench& bench = site.bench();
        std::size_t seen = 0;
        std::string lost;
        bench.wire.after = [&](const HttpRequest& request, HttpResponse&) {
            if (!bench.wire.is_write(request) || ++seen != k) return;
            lost = request.operation;
            lose_answer(request);
        };
        const auto failure = failure_of([&] { step(bench); });
        require_orderly(failure, "after the answer to " + lost + " was lost it");
        if (lost.empty()) {
            require(k > 1, "there was no write call whose answer could be lost");
            return;
        }
        try {
            check(site.bench());
        } catch (const Unmet& reason) {
            unmet("after the answer to " + lost + " was lost: " + reason.reason);
        } catch (const Error& trouble) {
            unmet("after the answer to " + lost + " was lost: " + trouble.what());
        }
    }
}

/// Whatever find says now, the next deployment ends with the one that is wanted.
void converges(Bench& bench, const std::string& version) {
    const Deployment now = bench.deploy({.version = version});
    require(bench.tell(now, {"version"}) == version.c_str(), "another code answers");
    const std::optional<Deployment> found = bench.find();
    require(found && found->link == now.link && found->mark.content_hash == now.mark.content_hash,
            "find tells another deployment");
    require(bench.list().size() == 1, "the list has not exactly one deployment");
    bench.wire.clear();
    bench.deploy({.version = version});
    require_equal(bench.wire.writes(), {}, "deploying once more writes");
}

void creation(Site& site) {
    for_every_write(
        site, [](Bench&) {}, [](Bench& bench) { bench.deploy(); },
        [](Bench& bench) {
            if (const auto found = bench.find())
                require(found->identity == bench.identity(), "find tells another identity");
            converges(bench, "1");
        });
}

void update(Site& site) {
    for_every_write(
        site, [](Bench& bench) { bench.deploy(); }, [](Bench& bench) { bench.deploy({.version = "2"}); },
        [](Bench& bench) {
            require(bench.find().has_value(), "find does not see the deployment");
            converges(bench, "2");
        });
}

void removal(Site& site) {
    const std::set<std::string> before = site.cloud.documents();
    for_every_write(
        site, [](Bench& bench) { bench.deploy(); },
        [](Bench& bench) {
            bench.remove();
            bench.remove_shared();
        },
        [&](Bench& bench) {
            bench.remove();
            bench.remove_shared();
            require(!bench.find() && bench.list().empty(), "something is still there");
            require_equal(site.left_behind(before), {}, "what is left in the account");
        });
}

} // namespace

Checks lost_answers() {
    return {
        {"lost.creation", "a creation converges when the answer to any of its writes is lost", &creation},
        {"lost.update", "an update converges when the answer to any of its writes is lost", &update},
        {"lost.removal", "a removal converges when the answer to any of its writes is lost", &removal},
    };
}

} // namespace pyfops::conformance

// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include "site.hpp"

namespace pyfops::conformance {
namespace {

void idempotent(Site& site) {
    Bench& bench = site.bench();
    bench.deploy();
    bench.remove();
    require(!bench.find(), "find still sees what was removed");
    Bench& next = site.bench();
    next.remove();
    require_equal(next.wire.writes(), {}, "removing what is gone writes");
    next.remove_shared();
    next.wire.clear();
    next.remove_shared();
    require_equal(next.wire.writes(), {}, "removing shared resources that are gone writes");
    const Deployment again = next.deploy();
    require(again.action == DeployAction::created, "deploying after a removal does not say 'created'");
    require(next.tell(again, {"version"}) == "1", "a deployment after a removal does not answer");
}

void leaves_nothing(Site& site) {
    const std::set<std::string> before = site.cloud.documents();
    Bench& bench = site.bench();
    const Deployment made = bench.deploy({.secrets = {{"CONFORM_SECRET", "conformance-secret-77aa"}}});
    bench.deploy({.function = "conform2"});
    bench.tell(made, {"print", {"a line in the log"}});
    require(site.cloud.documents().size() > before.size(),
            "the local stand-in keeps nothing: whether all is removed cannot be seen");
    bench.remove();
    bench.remove({.function = "conform2"});
    Bench& last = site.bench();
    require(last.list().empty(), "list still sees what was removed");
    last.remove_shared();
    require_equal(site.left_behind(before), {}, "what is left in the account");
}

} // namespace

Checks removing() {
    return {
        {"remove.idempotent", "removing what is gone is a success without a write call", &idempotent},
        {"remove.leaves-nothing", "nothing of a project is left after its last deployment is removed",
         &leaves_nothing},
    };
}

} // namespace pyfops::conformance

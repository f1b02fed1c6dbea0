// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include "site.hpp"

namespace pyfops::conformance {
namespace {

void require_no_code(const Wire& wire, const Quirks& quirks) {
    for (const Exchange& exchange : wire.exchanges())
        require(!matches(exchange.request.operation, quirks.code),
                exchange.request.operation + " sends the code again");
}

void memory(Site& site) {
    const Quirks& quirks = site.quirks;
    const Deployment made = site.bench().deploy();
    Bench& bench = site.bench();
    const Deployment changed = bench.configure(made, quirks.more_memory_mb, std::nullopt);
    require_no_code(bench.wire, quirks);
    require_equal(bench.wire.writes(), quirks.changed_memory, "the write calls of new memory");
    require(changed.memory_mb == quirks.more_memory_mb,
            "configure answers with " + std::to_string(changed.memory_mb) + " MB");
    require(changed.link == made.link, "another memory size has another link: " + changed.link);
    require(integer_or(bench.tell(changed, {"context"}), "memory_mb") == quirks.more_memory_mb,
            "the new memory is not in force");
    bench.wire.clear();
    bench.configure(changed, quirks.more_memory_mb, std::nullopt);
    require_equal(bench.wire.writes(), {}, "configuring the same memory writes");
    const std::optional<Deployment> found = site.bench().find();
    require(found && found->memory_mb == quirks.more_memory_mb, "find tells another memory");
}

void timeout(Site& site) {
    const Deployment made = site.bench().deploy();
    Bench& bench = site.bench();
    const Deployment changed = bench.configure(made, std::nullopt, 40);
    require_no_code(bench.wire, site.quirks);
    require_equal(bench.wire.writes(), site.quirks.changed_timeout, "the write calls of a new timeout");
    require(changed.timeout_seconds == 40,
            "configure answers with " + std::to_string(changed.timeout_seconds) + " s");
    require(changed.memory_mb == made.memory_mb, "a new timeout changes the memory");
    const auto left = integer_or(bench.tell(changed, {"context"}), "remaining_ms");
    require(left > 21'000 && left <= 40'000,
            "the new timeout is not in force: " + std::to_string(left) + " ms");
}

void redeployed(Site& site) {
    const Quirks& quirks = site.quirks;
    const Deployment made = site.bench().deploy();
    Bench& bench = site.bench();
    const Deployment changed = bench.deploy({.memory_mb = quirks.more_memory_mb, .timeout_seconds = 40});
    require_no_code(bench.wire, quirks);
    require(changed.action == DeployAction::updated, "new memory and timeout do not say 'updated'");
    require(changed.memory_mb == quirks.more_memory_mb && changed.timeout_seconds == 40,
            "deploy answers with other memory or timeout");
    require(integer_or(bench.tell(changed, {"context"}), "memory_mb") == quirks.more_memory_mb,
            "the new memory is not in force");
    require(changed.link == made.link, "another memory size has another link: " + changed.link);
}

} // namespace

Checks configuring() {
    return {
        {"configure.memory", "memory changes without new code, is read back and in force", &memory},
        {"configure.timeout", "the timeout changes without new code, is read back and in force", &timeout},
        {"configure.deployed", "a deployment whose memory and timeout alone changed sends no code",
         &redeployed},
    };
}

} // namespace pyfops::conformance

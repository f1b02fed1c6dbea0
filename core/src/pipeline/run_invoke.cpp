// SPDX-License-Identifier: Apache-2.0
// One call of a deployed function: within the budget, and what it costs.
#include "pipeline/run.hpp"

#include "pipeline/stage_call.hpp"
#include "tune/price.hpp"

#include <fmt/format.h>

#include <utility>

namespace pyfops {

std::optional<double> Run::price(const Unit& unit, int memory_mb, double duration_ms) const {
    const ProviderInfo& offer = unit.offer();
    const auto agreed = agreed_price(*unit.settings);
    const PriceInfo* price =
        agreed ? &*agreed : price_in(offer, unit.target.identity.region, unit.target.architecture);
    if (!price) return std::nullopt;
    return price_of_call(*price, offer.memory, memory_mb, duration_ms);
}

std::optional<double> Run::cost_of(const Unit& unit, int memory_mb, const Invocation& invocation) const {
    const auto& duration = invocation.billed_ms ? invocation.billed_ms : invocation.duration_ms;
    return duration ? price(unit, memory_mb, *duration) : std::nullopt;
}

Task<Invocation> Run::invoke(const Unit& unit, const Deployment& deployment, const TestCase& test,
                             bool probe) {
    const Budget& budget = request_.budget;
    if (budget.max_invocations && invocations_ >= *budget.max_invocations)
        throw Error(ErrorKind::limit_exceeded,
                    fmt::format("the budget of {} invocation{} is used up", *budget.max_invocations,
                                *budget.max_invocations == 1 ? "" : "s"))
            .hint("raise max_invocations, or take fewer deployments with --only");
    if (budget.max_cost_usd && spent_usd_ >= *budget.max_cost_usd)
        throw Error(ErrorKind::limit_exceeded,
                    fmt::format("the budget of {} USD is used up", *budget.max_cost_usd))
            .hint("raise max_cost, or take fewer deployments with --only");
    ++invocations_;
    StageContext stage = context(unit);
    const InvokeRequest request{deployment, test.input, probe && !deployment.probe_key.empty(), true,
                                *unit.settings};
    auto invoking = unit.provider->tester().invoke(request, stage);
    auto guarded =
        stage_call(host_, stage.deadline, fmt::format("calling {} with '{}'", unit.name(), test.name),
                   std::move(invoking));
    Invocation invocation = co_await std::move(guarded);
    spent_usd_ += cost_of(unit, deployment.memory_mb, invocation).value_or(0);
    co_return invocation;
}

} // namespace pyfops

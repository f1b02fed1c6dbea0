// SPDX-License-Identifier: Apache-2.0
#include "pipeline/unit_bench.hpp"

#include "pipeline/stage_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pyfops {

bool shows_small_memory(const Invocation& invocation) {
    if (!invocation.error) return false;
    switch (invocation.error->cause) {
    case FunctionError::Cause::out_of_memory:
    case FunctionError::Cause::timed_out:
    case FunctionError::Cause::exited: // where a platform tells no more of a kill
        return true;
    case FunctionError::Cause::raised:
    case FunctionError::Cause::not_loaded:
        return invocation.error->type == "MemoryError";
    case FunctionError::Cause::bad_answer:
        break;
    }
    return false;
}

Task<std::optional<std::string>> UnitBench::resize(int memory_mb) {
    if (deployment_.memory_mb == memory_mb) co_return std::nullopt;
    StageContext context{run_.host(), deadline_, unit_.subject()};
    context.progress(Stage::tune, fmt::format("{} MB", memory_mb));
    const ConfigureRequest request{deployment_, memory_mb, std::nullopt, *unit_.settings};
    auto configuring = unit_.provider->deployer().configure(request, context);
    auto guarded =
        stage_call(run_.host(), context.deadline, fmt::format("giving {} {} MB", unit_.name(), memory_mb),
                   std::move(configuring));
    std::optional<Error> refusal;
    std::optional<Deployment> now;
    try {
        now = co_await std::move(guarded);
    } catch (const Error& failure) {
        const bool refused =
            failure.kind() == ErrorKind::limit_exceeded || failure.kind() == ErrorKind::invalid_input;
        if (!refused) throw;
        refusal = failure;
    }
    if (refusal)
        co_return refusal->provider_message().empty() ? refusal->message() : refusal->provider_message();
    now->action = deployment_.action;
    now->times = deployment_.times;
    if (now->probe_key.empty()) now->probe_key = deployment_.probe_key;
    deployment_ = std::move(*now);
    if (deployment_.memory_mb != memory_mb)
        throw Error(ErrorKind::conflict, fmt::format("the provider was asked for {} MB and still has {} MB",
                                                     memory_mb, deployment_.memory_mb))
            .hint("give it a fixed 'memory': this provider ignores the change");
    co_return std::nullopt;
}

namespace {

/// Adds a call's mean to that of the others.
struct Mean {
    double sum = 0, weight = 0;
    bool complete = true;
    void add(std::optional<double> value, double of_weight) {
        complete = complete && value;
        sum += value.value_or(0) * of_weight;
        weight += of_weight;
    }
    std::optional<double> value() const {
        return complete && weight > 0 ? std::optional(sum / weight) : std::nullopt;
    }
};

std::optional<double> peak_of(const Invocation& invocation) {
    std::optional<double> peak;
    if (invocation.memory_used_mb) peak = *invocation.memory_used_mb;
    if (invocation.peak_rss_kb)
        peak = std::max(peak.value_or(0), static_cast<double>(*invocation.peak_rss_kb) / 1024);
    return peak;
}

bool of_the_platform(const Error& failure) {
    return failure.kind() == ErrorKind::throttled || failure.kind() == ErrorKind::unavailable;
}

} // namespace

Task<Round> UnitBench::round() {
    Round round;
    Mean duration;
    for (const TestCase& test : unit_.tests()) {
        run_.context(unit_).progress(Stage::tune, fmt::format("{} MB, {}", deployment_.memory_mb, test.name));
        ++round.calls;
        std::optional<Invocation> answer;
        try {
            auto calling = run_.invoke(unit_, deployment_, test, true);
            answer = co_await std::move(calling);
        } catch (const Error& failure) {
            if (!of_the_platform(failure)) throw;
            round.failure = failure;
        }
        if (round.failure) {
            round.verdict = Probe::Verdict::unknown;
            round.reason = round.failure->what();
            co_return round;
        }
        if (const auto peak = peak_of(*answer)) round.peak_mb = std::max(round.peak_mb.value_or(0), *peak);
        duration.add(answer->duration_ms, test.weight);
        const std::string differs = compare(test, *answer);
        if (differs.empty()) continue;
        round.reason = fmt::format("'{}': {}", test.name, differs);
        const bool small = shows_small_memory(*answer) || differs == too_slow(test, *answer);
        round.verdict = small ? Probe::Verdict::too_small : Probe::Verdict::wrong;
        round.certain = answer->error && answer->error->cause == FunctionError::Cause::out_of_memory;
        co_return round;
    }
    round.duration_ms = duration.value();
    const auto& most = settings_.max_duration;
    if (most && round.duration_ms && *round.duration_ms > static_cast<double>(most->count())) {
        round.verdict = Probe::Verdict::too_small;
        round.reason = fmt::format("a call takes {:.0f} ms, more than the {} ms of max_duration",
                                   *round.duration_ms, most->count());
    }
    co_return round;
}

} // namespace pyfops

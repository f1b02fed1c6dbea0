// SPDX-License-Identifier: Apache-2.0
#include "tune/tuner.hpp"

#include "tune/curve.hpp"
#include "tune/memory_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace pyfops {

namespace {

/// A platform that fails so often at one size gives no verdict; each failure was repeated below already.
constexpr int most_hiccups = 3;
/// Goes that decide about a result which may be chance.
constexpr int goes_in_doubt = 3;

} // namespace

std::vector<int> tuning_grid(const MemoryRule& rule, int deployed_mb) {
    std::set<int> sizes(rule.sizes.begin(), rule.sizes.end());
    if (rule.sizes.empty()) {
        for (int size = rule.minimum; size < rule.maximum; size += std::max(rule.tuning_step, 1))
            sizes.insert(size);
        sizes.insert(rule.maximum);
    }
    sizes.insert(deployed_mb);
    return {sizes.begin(), sizes.end()};
}

Tuner::Tuner(TuneBench& bench, const MemoryRule& rule, int deployed_mb, TuneSettings settings,
             TuneReport& report, std::function<void(const Probe&)> on_probe)
    : bench_(bench),
      rule_(rule),
      deployed_mb_(deployed_mb),
      settings_(std::move(settings)),
      report_(report),
      on_probe_(std::move(on_probe)) {}

Task<void> Tuner::search() {
    auto finding = find_minimum();
    co_await std::move(finding);
    if (settings_.exact && rule_.sizes.empty()) {
        auto refining = refine();
        co_await std::move(refining);
    }
    report_.chosen_mb = *report_.minimum_mb;
    if (settings_.objective != Objective::minimum) {
        auto measuring = measure();
        co_await std::move(measuring);
    }
    auto settling = bench_.resize(report_.chosen_mb);
    if (const auto refusal = co_await std::move(settling))
        throw Error(ErrorKind::conflict, fmt::format("the cloud gave {} MB before and refuses it now: {}",
                                                     report_.chosen_mb, *refusal))
            .hint("tune again");
}

Task<void> Tuner::find_minimum() {
    MemorySearch search(tuning_grid(rule_, deployed_mb_));
    auto searching = search_among(search);
    co_await std::move(searching);
    if (report_.minimum_mb) co_return;
    throw Error(ErrorKind::limit_exceeded,
                fmt::format("the cloud gives none of its memory sizes: {}", report_.probes.back().reason))
        .hint("ask the provider for a larger quota");
}

/// The last bracket of the grid, at the provider's own step.
Task<void> Tuner::refine() {
    std::vector<int> sizes;
    const int step = std::max(rule_.step, 1);
    const int from = below_ > 0 ? below_ + step : rule_.minimum;
    for (int size = from; size < *report_.minimum_mb; size += step)
        sizes.push_back(size);
    sizes.push_back(*report_.minimum_mb);
    MemorySearch search(std::move(sizes));
    search.passed(*report_.minimum_mb, std::nullopt);
    auto searching = search_among(search);
    co_await std::move(searching);
}

Task<void> Tuner::search_among(MemorySearch& search) {
    while (const std::optional<int> size = search.next()) {
        auto probing = probe(*size);
        const Probe tried = co_await std::move(probing);
        const bool passed_before = report_.minimum_mb.has_value();
        switch (tried.verdict) {
        case Probe::Verdict::passed:
            search.passed(*size, tried.peak_mb);
            report_.minimum_mb = search.smallest();
            break;
        case Probe::Verdict::refused:
            // Above the quota when nothing has passed; else below what this function may have.
            if (!passed_before) {
                search.refused(*size);
                break;
            }
            [[fallthrough]];
        case Probe::Verdict::wrong:
        case Probe::Verdict::too_small:
            if (!passed_before) nothing_passes(tried);
            search.failed(*size);
            below_ = std::max(below_, *size);
            if (tried.verdict == Probe::Verdict::wrong)
                doubt(fmt::format("at {} MB it does not run out of memory, it answers otherwise: {}", *size,
                                  tried.reason));
            break;
        case Probe::Verdict::unknown:
            if (!passed_before) throw Error(*hiccup_).context(fmt::format("trying {} MB", *size));
            doubt(
                fmt::format("the cloud gave no verdict at {} MB: the minimum may be smaller than {} MB ({})",
                            *size, *report_.minimum_mb, tried.reason));
            co_return;
        }
    }
}

void Tuner::nothing_passes(const Probe& probe) const {
    Error failure(ErrorKind::function_failed,
                  fmt::format("it does not pass at {} MB, the largest size there is: {}", probe.memory_mb,
                              probe.reason));
    failure.hint(probe.verdict == Probe::Verdict::wrong
                     ? "repair the function or its tests: more memory does not help"
                     : "raise 'timeout' or 'max_duration', or let the function do with less");
    throw failure;
}

Task<Probe> Tuner::probe(int memory_mb) {
    Probe probe;
    probe.memory_mb = memory_mb;
    auto resizing = bench_.resize(memory_mb);
    if (const auto refusal = co_await std::move(resizing)) {
        probe.verdict = Probe::Verdict::refused;
        probe.reason = *refusal;
    } else {
        auto judging = judge(probe);
        co_await std::move(judging);
        if (probe.doubtful)
            doubt(fmt::format("at {} MB it passed and did not pass: {}", memory_mb, probe.reason));
    }
    co_return keep(std::move(probe));
}

const Probe& Tuner::keep(Probe probe) {
    if (probe.duration_ms) probe.price_usd = bench_.price(probe.memory_mb, *probe.duration_ms);
    report_.probes.push_back(std::move(probe));
    on_probe_(report_.probes.back());
    return report_.probes.back();
}

/// The majority of the goes at a size. A single one is enough when it passes or when memory ran out; anything
/// else may be chance.
Task<void> Tuner::judge(Probe& probe) {
    int goes = settings_.repeat, passed = 0, failed = 0, hiccups = 0;
    while (passed * 2 <= goes && failed * 2 < goes) {
        auto going = bench_.round();
        const Round round = co_await std::move(going);
        probe.calls += round.calls;
        if (round.peak_mb) probe.peak_mb = std::max(probe.peak_mb.value_or(0), *round.peak_mb);
        if (round.verdict == Probe::Verdict::unknown) {
            hiccup_ = round.failure;
            probe.reason = round.reason;
            if (++hiccups < most_hiccups) continue;
            probe.verdict = Probe::Verdict::unknown;
            co_return;
        }
        if (round.verdict == Probe::Verdict::passed) {
            ++passed;
            probe.duration_ms = round.duration_ms;
            continue;
        }
        ++failed;
        probe.reason = round.reason;
        probe.verdict = round.verdict;
        if (!round.certain) goes = std::max(goes, goes_in_doubt);
    }
    probe.doubtful = passed > 0 && failed > 0;
    if (passed * 2 > goes) probe.verdict = Probe::Verdict::passed;
    if (passed * 2 > goes && failed == 0) probe.reason.clear();
}

/// Duration and price at a few sizes from the minimum up, each twice the one before it.
Task<void> Tuner::measure() {
    const std::vector<int> grid = tuning_grid(rule_, deployed_mb_);
    std::set<int> sizes{*report_.minimum_mb};
    for (double size = 2.0 * *report_.minimum_mb; static_cast<int>(sizes.size()) < settings_.sizes;
         size *= 2) {
        const auto at = std::lower_bound(grid.begin(), grid.end(), size);
        if (at == grid.end()) break;
        sizes.insert(*at);
    }
    bool priced = true;
    for (const int size : sizes) {
        auto resizing = bench_.resize(size);
        if (co_await std::move(resizing)) break; // the quota ends here
        // The first go is cold: what it takes says little about those that follow.
        for (int go = 0; go < 2; ++go) {
            Probe judged;
            judged.memory_mb = size;
            auto judging = judge(judged);
            co_await std::move(judging);
            if (go == 0 && judged.verdict == Probe::Verdict::passed) continue;
            const Probe& probe = keep(std::move(judged));
            if (probe.verdict != Probe::Verdict::passed || !probe.duration_ms) break;
            priced = priced && probe.price_usd;
            report_.curve.push_back({size, *probe.duration_ms, probe.price_usd.value_or(0), false});
        }
    }
    if (report_.curve.empty()) {
        doubt("no size could be measured again: the smallest one is taken");
        co_return;
    }
    Objective objective = settings_.objective;
    if (!priced && objective != Objective::speed) {
        doubt(fmt::format("prices are not known here: the smallest size is taken instead of the one for '{}'",
                          to_string(objective)));
        objective = Objective::minimum;
    }
    if (priced) mark_pareto(report_.curve);
    const auto most = static_cast<double>(settings_.max_duration.value_or(Milliseconds(0)).count());
    report_.chosen_mb = report_.curve[choose(report_.curve, objective, most)].memory_mb;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
// The whole search against functions whose need is known, on clouds that fail now and then.
#include "tune/tuner.hpp"

#include "tune/curve.hpp"

#include "support/run_task.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

using namespace pyfops;

namespace {

using Verdict = Probe::Verdict;

/// A function that needs so much memory, on a cloud as the test wants it.
struct Bench final : TuneBench {
    double need = 100;
    std::optional<double> peak = 90;
    int quota = 1 << 30;
    int size = 0;
    int goes = 0;                             ///< at that size
    std::vector<int> sizes;                   ///< asked for, in order
    std::function<std::optional<Round>()> on; ///< what comes instead of the truth
    std::function<double(int)> duration = [](int) { return 10.0; };

    Task<std::optional<std::string>> resize(int memory_mb) override {
        if (memory_mb > quota) co_return "over the quota";
        if (size != memory_mb) {
            sizes.push_back(memory_mb);
            goes = 0;
        }
        size = memory_mb;
        co_return std::nullopt;
    }
    Task<Round> round() override {
        if (on)
            if (auto instead = on()) co_return std::move(*instead);
        Round round;
        round.calls = 1;
        round.peak_mb = peak;
        round.duration_ms = duration(size);
        if (size < need) {
            round.verdict = Verdict::too_small;
            round.certain = true;
            round.reason = "out of memory";
        }
        co_return round;
    }
    std::optional<double> price(int memory_mb, double duration_ms) const override {
        return memory_mb * duration_ms * 1e-9;
    }
};

Round hiccup() {
    Round round;
    round.verdict = Verdict::unknown;
    round.reason = "503";
    round.failure = Error(ErrorKind::unavailable, "503");
    return round;
}

Round late() {
    Round round;
    round.verdict = Verdict::too_small;
    round.reason = "timed out";
    return round;
}

Round otherwise() {
    Round round;
    round.verdict = Verdict::wrong;
    round.reason = "expected 1, got 2";
    return round;
}

MemoryRule rule(int from, int to, int step = 1) {
    MemoryRule rule;
    rule.minimum = from;
    rule.maximum = to;
    rule.step = step;
    return rule;
}

MemoryRule list(std::vector<int> sizes) {
    MemoryRule rule;
    rule.minimum = sizes.front();
    rule.maximum = sizes.back();
    rule.sizes = std::move(sizes);
    return rule;
}

Task<bool> searched(Tuner& tuner) {
    auto searching = tuner.search();
    co_await std::move(searching);
    co_return true;
}

void search(Tuner& tuner) {
    static boost::asio::io_context context(1);
    run_task(context, searched(tuner));
}

TuneReport tune(Bench& bench, const MemoryRule& rule, const TuneSettings& settings = {}) {
    TuneReport report;
    Tuner tuner(bench, rule, rule.minimum, settings, report, [](const Probe&) {});
    search(tuner);
    return report;
}

Error failure_of(Bench& bench, const MemoryRule& rule, TuneReport& report) {
    Tuner tuner(bench, rule, rule.minimum, {}, report, [](const Probe&) {});
    try {
        search(tuner);
    } catch (const Error& failure) {
        return failure;
    }
    FAIL("nothing was thrown");
    return Error(ErrorKind::internal, "");
}

} // namespace

TEST_CASE("ten thousand functions a grid, five calls in a hundred fail by chance") {
    const unsigned seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    const std::vector<std::pair<MemoryRule, int>> grids{
        {rule(128, 10'240), 3},
        {rule(128, 32'768, 64), 3},
        {list({128, 256, 512, 1024, 2048, 4096, 8192, 16'384, 32'768}), 3},
        {list({512, 2048, 4096}), 2},
        {list({1024, 2048, 4096}), 2}};
    for (const auto& [rule, median] : grids) {
        const std::vector<int> grid = tuning_grid(rule, rule.minimum);
        const int most = std::bit_width(grid.size() - 1) + 3;
        std::uniform_real_distribution<double> exponent(std::log2(10),
                                                        std::log2(std::min(4096, grid.back())));
        std::uniform_real_distribution<double> factor(0.9, 1.35), plus(0, 60), chance(0, 1);
        std::vector<std::size_t> probes;
        while (probes.size() < 10'000) {
            Bench bench;
            const double peak = std::exp2(exponent(random));
            bench.peak = peak;
            bench.need = peak * factor(random) + plus(random);
            if (bench.need > grid.back()) continue;
            bench.on = [&]() -> std::optional<Round> {
                return chance(random) < 0.05 ? std::optional(hiccup()) : std::nullopt;
            };
            TuneReport report;
            Tuner tuner(bench, rule, rule.minimum, {}, report, [](const Probe&) {});
            // Three failures in a row (1 in 8,000) leave a size without a verdict, and that is said.
            bool first = true;
            try {
                search(tuner);
                first = false;
            } catch (const Error& failure) {
                REQUIRE(failure.kind() == ErrorKind::unavailable);
                REQUIRE(report.probes.size() == 1);
            }
            if (first) continue;
            const bool complete = report.probes.back().verdict != Verdict::unknown;
            const int answer = *std::lower_bound(grid.begin(), grid.end(), bench.need);
            CAPTURE(peak);
            CAPTURE(bench.need);
            if (complete) REQUIRE(report.minimum_mb == answer);
            if (!complete) REQUIRE(report.doubts.size() == 1);
            REQUIRE(*report.minimum_mb >= bench.need);
            REQUIRE(bench.size == report.chosen_mb);
            REQUIRE(static_cast<int>(report.probes.size()) <= most);
            probes.push_back(report.probes.size());
        }
        std::nth_element(probes.begin(), probes.begin() + 5000, probes.end());
        CAPTURE(grid.size());
        CHECK(probes[5000] <= static_cast<std::size_t>(median));
    }
}

TEST_CASE("one timeout is chance, two of three are too small") {
    Bench bench;
    int calls = 0;
    SUBCASE("one") {
        bench.on = [&]() -> std::optional<Round> {
            return ++calls == 1 ? std::optional(late()) : std::nullopt;
        };
        const TuneReport report = tune(bench, list({128, 256, 512}));
        CHECK(report.minimum_mb == 128);
        CHECK(report.probes.front().doubtful);
        REQUIRE(report.doubts.size() == 1);
        CHECK(report.doubts.front() == "at 512 MB it passed and did not pass: timed out");
    }
    SUBCASE("two") {
        bench.on = [&]() -> std::optional<Round> {
            return bench.size == 128 && ++calls != 2 ? std::optional(late()) : std::nullopt;
        };
        const TuneReport report = tune(bench, list({128, 256, 512}));
        CHECK(report.minimum_mb == 256);
        CHECK(calls == 3);
    }
}

TEST_CASE("an answer that is wrong at the largest size is the function's fault") {
    Bench bench;
    bench.on = [] { return otherwise(); };
    TuneReport report;
    const Error failure = failure_of(bench, list({128, 256}), report);
    CHECK(failure.kind() == ErrorKind::function_failed);
    CHECK(failure.message() == "it does not pass at 256 MB, the largest size there is: expected 1, got 2");
    CHECK(failure.hint().find("more memory does not help") != std::string::npos);
    CHECK(report.probes.size() == 1);
    CHECK(!report.minimum_mb);
}

TEST_CASE("an answer that is wrong at a small size alone is a doubt") {
    Bench bench;
    bench.on = [&]() -> std::optional<Round> {
        return bench.size == 128 ? std::optional(otherwise()) : std::nullopt;
    };
    const TuneReport report = tune(bench, list({128, 256, 512}));
    CHECK(report.minimum_mb == 256);
    REQUIRE(report.doubts.size() == 1);
    CHECK(report.doubts.front().find("answers otherwise: expected 1, got 2") != std::string::npos);
}

TEST_CASE("a platform that fails every time gives no verdict") {
    Bench bench;
    SUBCASE("at the first size its failure stops the search") {
        bench.on = [] { return hiccup(); };
        TuneReport report;
        const Error failure = failure_of(bench, list({128, 256}), report);
        CHECK(failure.kind() == ErrorKind::unavailable);
        CHECK(report.probes.front().verdict == Verdict::unknown);
    }
    SUBCASE("later the search ends at what passed") {
        bench.on = [&]() -> std::optional<Round> {
            return bench.size < 512 ? std::optional(hiccup()) : std::nullopt;
        };
        const TuneReport report = tune(bench, list({128, 256, 512}));
        CHECK(report.minimum_mb == 512);
        CHECK(report.chosen_mb == 512);
        CHECK(bench.size == 512);
        REQUIRE(report.doubts.size() == 1);
        CHECK(report.doubts.front().find("may be smaller than 512 MB") != std::string::npos);
    }
}

TEST_CASE("a quota below the largest size is not the function's fault") {
    Bench bench;
    bench.quota = 3008;
    bench.need = 700;
    bench.peak = 600;
    const TuneReport report = tune(bench, rule(128, 10'240));
    CHECK(report.minimum_mb == 704);
    CHECK(report.probes.front().verdict == Verdict::refused);
    CHECK(report.probes.front().memory_mb == 10'240);

    bench.quota = 0;
    TuneReport nothing;
    const Error failure = failure_of(bench, rule(128, 10'240), nothing);
    CHECK(failure.kind() == ErrorKind::limit_exceeded);
    CHECK(failure.message().find("over the quota") != std::string::npos);
}

TEST_CASE("a plan with a size of its own: the one that is deployed counts too") {
    Bench bench;
    bench.quota = 512;
    TuneReport report;
    const MemoryRule rule = list({1024, 2048, 4096});
    Tuner tuner(bench, rule, 256, {}, report, [](const Probe&) {});
    search(tuner);
    CHECK(report.minimum_mb == 256);
    CHECK(report.probes.size() == 3);
}

TEST_CASE("exact: the last bracket to the provider's own step") {
    Bench bench;
    bench.need = 333;
    bench.peak = 300;
    TuneSettings settings;
    settings.exact = true;
    CHECK(tune(bench, rule(128, 10'240), settings).minimum_mb == 333);
    // Where there is a list there is nothing between its sizes.
    CHECK(tune(bench, list({128, 256, 512}), settings).minimum_mb == 512);
    bench.need = 20;
    CHECK(tune(bench, rule(128, 10'240), settings).minimum_mb == 128);
}

TEST_CASE("repeats: the majority of an odd number of goes") {
    Bench bench;
    TuneSettings settings;
    settings.repeat = 5;
    int at_small = 0;
    bench.need = 0;
    bench.on = [&]() -> std::optional<Round> {
        if (bench.size > 128) return std::nullopt;
        ++at_small;
        return at_small % 2 == 0 ? std::optional(late()) : std::nullopt;
    };
    const TuneReport report = tune(bench, list({128, 256}), settings);
    CHECK(report.minimum_mb == 128);
    CHECK(at_small == 5);
    CHECK(report.doubts.size() == 1);
}

TEST_CASE("objectives: measured from the minimum up, and the chosen size is deployed") {
    Bench bench;
    bench.need = 128;
    // Twice the memory halves the time up to 1024 MB, then nothing is gained.
    bench.duration = [](int size) { return 100'000.0 / std::min(size, 1024); };
    TuneSettings settings;
    const auto chosen = [&](Objective objective) {
        settings.objective = objective;
        const TuneReport report = tune(bench, rule(128, 10'240), settings);
        CHECK(report.minimum_mb == 128);
        CHECK(report.curve.size() == 5); // 128, 256, 512, 1024, 2048
        CHECK(bench.size == report.chosen_mb);
        return report.chosen_mb;
    };
    CHECK(chosen(Objective::speed) == 1024);
    CHECK(chosen(Objective::balanced) == 1024);
    bench.duration = [](int) { return 100.0; };
    CHECK(chosen(Objective::cost) == 128);
}

TEST_CASE("the first go at a size is cold and does not count for the curve") {
    Bench bench;
    bench.need = 128;
    bench.duration = [&](int) { return bench.goes++ == 0 ? 5000.0 : 10.0; };
    TuneSettings settings;
    settings.objective = Objective::speed;
    const TuneReport report = tune(bench, list({128, 256}), settings);
    for (const CurvePoint& point : report.curve)
        CHECK(point.duration_ms == 10);
}

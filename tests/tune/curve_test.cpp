// SPDX-License-Identifier: Apache-2.0
#include "tune/curve.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace pyfops;

namespace {

std::vector<CurvePoint> points() {
    return {{128, 900, 4, false}, {256, 400, 3, false}, {512, 390, 5, false}, {1024, 200, 6, false}};
}

bool beaten(const CurvePoint& point, const std::vector<CurvePoint>& all) {
    for (const CurvePoint& other : all)
        if (other.duration_ms <= point.duration_ms && other.price_usd <= point.price_usd &&
            (other.duration_ms < point.duration_ms || other.price_usd < point.price_usd))
            return true;
    return false;
}

} // namespace

TEST_CASE("Pareto points are those that brute force finds") {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> some(1, 9);
    for (int round = 0; round < 5'000; ++round) {
        std::vector<CurvePoint> all(static_cast<std::size_t>(some(random)));
        for (CurvePoint& point : all)
            point = {some(random) * 64, static_cast<double>(some(random)), static_cast<double>(some(random)),
                     false};
        mark_pareto(all);
        for (const CurvePoint& point : all)
            REQUIRE(point.pareto == !beaten(point, all));
    }
}

TEST_CASE("each objective takes its size") {
    const auto all = points();
    CHECK(all[choose(all, Objective::minimum)].memory_mb == 128);
    CHECK(all[choose(all, Objective::cost)].memory_mb == 256);
    CHECK(all[choose(all, Objective::speed)].memory_mb == 1024);
    // 128: 1 + 0.67; 256: 0.44 + 0.5; 512: 0.43 + 0.83; 1024: 0.22 + 1
    CHECK(all[choose(all, Objective::balanced)].memory_mb == 256);
}

TEST_CASE("a bound on the duration leaves out what is slower unless everything is") {
    const auto all = points();
    CHECK(all[choose(all, Objective::minimum, 395)].memory_mb == 512);
    CHECK(all[choose(all, Objective::cost, 395)].memory_mb == 512);
    CHECK(all[choose(all, Objective::minimum, 100)].memory_mb == 128);
}

TEST_CASE("among equals the smaller size is taken") {
    const std::vector<CurvePoint> all{{512, 10, 1, false}, {256, 10, 1, false}};
    for (const Objective objective :
         {Objective::minimum, Objective::cost, Objective::speed, Objective::balanced})
        CHECK(all[choose(all, objective)].memory_mb == 256);
}

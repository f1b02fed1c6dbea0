// SPDX-License-Identifier: Apache-2.0
#include "tune/curve.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace pyfops {

void mark_pareto(std::vector<CurvePoint>& points) {
    // From the shortest duration up, a point counts when it is cheaper than all before it.
    std::vector<CurvePoint*> order;
    for (CurvePoint& point : points)
        order.push_back(&point);
    std::sort(order.begin(), order.end(), [](const CurvePoint* a, const CurvePoint* b) {
        return std::tie(a->duration_ms, a->price_usd) < std::tie(b->duration_ms, b->price_usd);
    });
    const CurvePoint* last = nullptr;
    for (CurvePoint* point : order) {
        const bool twin =
            last && point->duration_ms == last->duration_ms && point->price_usd == last->price_usd;
        point->pareto = !last || twin || point->price_usd < last->price_usd;
        if (point->pareto) last = point;
    }
}

namespace {

double badness(const CurvePoint& point, Objective objective, double longest, double dearest) {
    switch (objective) {
    case Objective::minimum:
        return point.memory_mb;
    case Objective::cost:
        return point.price_usd;
    case Objective::speed:
        return point.duration_ms;
    case Objective::balanced:
        break;
    }
    return (longest > 0 ? point.duration_ms / longest : 0) + (dearest > 0 ? point.price_usd / dearest : 0);
}

} // namespace

std::size_t choose(const std::vector<CurvePoint>& points, Objective objective, double most_duration_ms) {
    double longest = 0, dearest = 0;
    bool bounded = false;
    for (const CurvePoint& point : points) {
        longest = std::max(longest, point.duration_ms);
        dearest = std::max(dearest, point.price_usd);
        bounded = bounded || (most_duration_ms > 0 && point.duration_ms <= most_duration_ms);
    }
    std::size_t best = 0;
    std::tuple<double, int> least{std::numeric_limits<double>::infinity(), 0};
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (bounded && points[i].duration_ms > most_duration_ms) continue;
        const std::tuple candidate{badness(points[i], objective, longest, dearest), points[i].memory_mb};
        if (candidate < least) {
            least = candidate;
            best = i;
        }
    }
    return best;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
// The search alone, against functions whose need is known.
#include "tune/memory_search.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace pyfops;

namespace {

std::vector<int> steps(int from, int to, int step) {
    std::vector<int> sizes;
    for (int size = from; size <= to; size += step)
        sizes.push_back(size);
    return sizes;
}

struct Grid {
    std::string name;
    std::vector<int> sizes;
    double median; ///< of probes, at most
};

/// The shapes of the providers' grids.
std::vector<Grid> grids() {
    return {
        {"64 MB steps to 10240", steps(128, 10'240, 64), 3},
        {"64 MB steps to 32768", steps(128, 32'768, 64), 3},
        {"powers of two", {128, 256, 512, 1024, 2048, 4096, 8192, 16'384, 32'768}, 3},
        {"three sizes", {512, 2048, 4096}, 2},
        {"three others", {1024, 2048, 4096}, 2},
        {"one size", {1536}, 1},
    };
}

int budget(const Grid& grid) {
    return std::bit_width(grid.sizes.size() - 1) + 3;
}

/// Smallest size for a need, or 0.
int answer(const Grid& grid, double need) {
    const auto found =
        std::find_if(grid.sizes.begin(), grid.sizes.end(), [&](int size) { return size >= need; });
    return found == grid.sizes.end() ? 0 : *found;
}

struct Found {
    int size = 0;
    int probes = 0;
};

Found search(const Grid& grid, double need, std::optional<double> peak, int most = 1 << 30) {
    MemorySearch search(grid.sizes);
    int rounds = 0;
    while (const auto size = search.next()) {
        REQUIRE(++rounds < 100);
        if (*size > most) {
            search.refused(*size);
        } else if (*size >= need) {
            search.passed(*size, peak);
        } else {
            search.failed(*size);
        }
    }
    return {search.smallest().value_or(0), search.probes()};
}

} // namespace

TEST_CASE("ten thousand functions a grid: the smallest size in few probes") {
    const unsigned seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (const Grid& grid : grids()) {
        CAPTURE(grid.name);
        // Peaks of 10 MB to 4 GB, each power of two as likely as the other.
        std::uniform_real_distribution<double> exponent(std::log2(10),
                                                        std::log2(std::min(4096, grid.sizes.back())));
        std::uniform_real_distribution<double> factor(0.9, 1.35), plus(0, 60);
        std::vector<int> probes;
        int most = 0;
        while (probes.size() < 10'000) {
            const double peak = std::exp2(exponent(random));
            const double need = peak * factor(random) + plus(random);
            if (need > grid.sizes.back()) continue;
            const Found found = search(grid, need, peak);
            CAPTURE(peak);
            CAPTURE(need);
            REQUIRE(found.size == answer(grid, need));
            probes.push_back(found.probes);
            most = std::max(most, found.probes);
        }
        std::nth_element(probes.begin(), probes.begin() + 5000, probes.end());
        MESSAGE(grid.name << ": median " << probes[5000] << ", most " << most << " of " << budget(grid));
        CHECK(probes[5000] <= grid.median);
        CHECK(most <= budget(grid));
    }
}

TEST_CASE("whatever peak was measured the answer is right and in time") {
    std::mt19937 random(15);
    for (const Grid& grid : grids())
        for (int i = 0; i < 20'000; ++i) {
            const double need = std::exp2(std::uniform_real_distribution<double>(0, 15.5)(random));
            const double peak = std::exp2(std::uniform_real_distribution<double>(0, 16)(random));
            const Found found = search(grid, need, i % 10 == 0 ? std::nullopt : std::optional(peak));
            CAPTURE(grid.name);
            CAPTURE(peak);
            CAPTURE(need);
            REQUIRE(found.size == answer(grid, need));
            REQUIRE(found.probes <= budget(grid));
        }
}

TEST_CASE("sizes that an account does not get are never the answer") {
    std::mt19937 random(3008);
    for (const Grid& grid : grids())
        for (int i = 0; i < 5'000; ++i) {
            const double need = std::exp2(std::uniform_real_distribution<double>(0, 15.5)(random));
            const int most =
                static_cast<int>(std::exp2(std::uniform_real_distribution<double>(6, 16)(random)));
            const Found found = search(grid, need, need / 1.1, most);
            const int wanted = answer(grid, need);
            CAPTURE(grid.name);
            CAPTURE(most);
            CAPTURE(need);
            REQUIRE(found.size == (wanted <= most ? wanted : 0));
            REQUIRE(found.probes <= budget(grid));
        }
}

TEST_CASE("a function that does not pass at the largest size is not tried at others") {
    for (const Grid& grid : grids()) {
        const Found found = search(grid, 1e9, std::nullopt);
        CHECK(found.size == 0);
        CHECK(found.probes == 1);
    }
}

// SPDX-License-Identifier: Apache-2.0
// Cases worked out by hand from the prices that the providers publish.
#include "tune/price.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

const doctest::Approx operator""_usd(long double value) {
    return doctest::Approx(static_cast<double>(value)).epsilon(1e-9);
}

} // namespace

TEST_CASE("AWS: milliseconds and memory alone") {
    const PriceInfo price{"", "x86_64", 2e-7, 1.66667e-5, 0, 1, 0, ""};
    // 0.125 GB x 0.1 s x 0.0000166667 + 0.0000002
    CHECK(price_of_call(price, {}, 128, 100) == 4.0833375e-7_usd);
    CHECK(price_of_call(price, {}, 128, 99.2) == 4.0833375e-7_usd); // up to 100 ms
    // 1.75 GB x 1.001 s
    CHECK(price_of_call(price, {}, 1792, 1000.4) == 2.939589e-5_usd);
}

TEST_CASE("Google: tenths of a second of memory and processors") {
    MemoryRule rule;
    rule.cpu = {{128, 0.083}, {256, 0.167}, {2048, 1}};
    const PriceInfo price{"europe-west1", "x86_64", 4e-7, 2.5e-6, 2.4e-5, 100, 0, ""};
    // 0.3 s x (0.25 GB x 0.0000025 + 0.167 x 0.000024) + 0.0000004
    CHECK(price_of_call(price, rule, 256, 201) == 1.7899e-6_usd);
    CHECK(price_of_call(price, rule, 256, 300) == 1.7899e-6_usd);
    CHECK(price_of_call(price, rule, 256, 300.1) == 2.2532e-6_usd); // 0.4 s
}

TEST_CASE("Azure: a second at least and tenths after it") {
    const PriceInfo price{"", "x86_64", 4e-7, 2.6e-5, 0, 100, 1000, ""};
    CHECK(price_of_call(price, {}, 2048, 30) == 5.24e-5_usd);    // 2 GB x 1 s
    CHECK(price_of_call(price, {}, 512, 1001) == 1.47e-5_usd);   // 0.5 GB x 1.1 s
    CHECK(price_of_call(price, {}, 4096, 2000) == 2.084e-4_usd); // 4 GB x 2 s
}

TEST_CASE("Alibaba: compute units of processor and memory and request") {
    MemoryRule rule;
    rule.cpu = {{128, 0.05}, {3072, 1.5}};
    // A CU costs 0.00002: a vCPU second is one, a GB second 0.15, a request 0.0075.
    const PriceInfo price{"", "x86_64", 1.5e-7, 3e-6, 2e-5, 1, 0, ""};
    CHECK(price_of_call(price, rule, 128, 1000) == 1.525e-6_usd); // 0.05 vCPU, 0.125 GB
    CHECK(price_of_call(price, rule, 3072, 500) == 1.965e-5_usd); // 1.5 vCPU, 3 GB, half a second
}

TEST_CASE("IBM: processor and memory seconds and calls at the prices that the project gives") {
    MemoryRule rule;
    rule.cpu = {{1024, 0.25}, {2048, 0.5}, {4096, 1}};
    CHECK_FALSE(agreed_price({}));
    CHECK_FALSE(agreed_price({{"prices", nullptr}}));
    const auto price = agreed_price({{"prices",
                                      {{"per_request", 5e-7},
                                       {"per_gb_second", 3.56e-6},
                                       {"per_vcpu_second", 3.431e-5},
                                       {"rounding_ms", 100}}}});
    REQUIRE(price);
    // 6 s x (2 GB x 0.00000356 + 0.5 x 0.00003431) + 0.0000005
    CHECK(price_of_call(*price, rule, 2048, 6000) == 1.4615e-4_usd);
    CHECK(price_of_call(*price, rule, 2048, 5901) == 1.4615e-4_usd); // in tenths of a second
    CHECK(agreed_price({{"prices", {{"per_request", 1}}}})->rounding_ms == 1);
}

TEST_CASE("processors between two sizes are in proportion") {
    MemoryRule rule;
    CHECK(vcpus_of(rule, 512) == 0);
    rule.cpu = {{1024, 0.5}, {2048, 1}, {4096, 4}};
    CHECK(vcpus_of(rule, 128) == 0.5);
    CHECK(vcpus_of(rule, 1024) == 0.5);
    CHECK(vcpus_of(rule, 1536) == 0.75);
    CHECK(vcpus_of(rule, 3072) == 2.5);
    CHECK(vcpus_of(rule, 8192) == 4);
}

TEST_CASE("the region's own price comes before the general one") {
    ProviderInfo provider;
    provider.prices = {{"", "x86_64", 1, 0, 0, 1, 0, ""},
                       {"", "arm64", 2, 0, 0, 1, 0, ""},
                       {"far", "x86_64", 3, 0, 0, 1, 0, ""}};
    CHECK(price_in(provider, "near", "x86_64")->per_request == 1);
    CHECK(price_in(provider, "near", "arm64")->per_request == 2);
    CHECK(price_in(provider, "far", "x86_64")->per_request == 3);
    CHECK(price_in(provider, "far", "riscv") == nullptr);
}

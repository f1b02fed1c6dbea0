// SPDX-License-Identifier: Apache-2.0
// `prices:` of a provider, where its own are not known or others were agreed on.
#include "config/parts.hpp"

namespace pyfops::config {

const std::vector<std::string> price_keys{"per_request", "per_gb_second", "per_vcpu_second", "rounding_ms",
                                          "minimum_ms"};

void check_prices(const Cursor& cursor) {
    if (!cursor.is_mapping()) return;
    cursor.only(price_keys);
    for (const char* key : {"per_request", "per_gb_second", "per_vcpu_second"})
        if (const auto price = cursor.member(key)) {
            const auto usd = price->number("a number of USD");
            if (usd && *usd < 0) price->error("out-of-range", price->name() + " must not be less than 0 USD");
        }
    if (const auto rounding = cursor.member("rounding_ms")) rounding->integer(1, 60'000, "ms");
    if (const auto minimum = cursor.member("minimum_ms")) minimum->integer(0, 3'600'000, "ms");
}

} // namespace pyfops::config

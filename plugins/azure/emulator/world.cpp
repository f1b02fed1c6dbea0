// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace pyfops::azure_emulator {

std::int64_t World::now_ms() const {
    return std::chrono::duration_cast<Milliseconds>(host_.clock.system_now().time_since_epoch()).count();
}

std::string World::now_text() const {
    return to_iso8601(host_.clock.system_now());
}

std::int64_t World::setting(const std::string& name, std::int64_t otherwise) const {
    const auto value = host_.setting ? host_.setting(name) : std::nullopt;
    if (!value || !value->is_number()) return otherwise;
    boost::system::error_code failure;
    const auto number = value->to_number<std::int64_t>(failure);
    return failure ? otherwise : number;
}

std::string World::failure() const {
    const auto words = host_.setting ? host_.setting("states.fail") : std::nullopt;
    return words && words->is_string() ? std::string(words->as_string()) : std::string();
}

std::size_t World::page(std::size_t most) const {
    const auto wanted = setting("pages.size", 0);
    return wanted > 0 ? std::min(most, static_cast<std::size_t>(wanted)) : most;
}

std::string World::key(std::size_t bytes) const {
    return base64(random_bytes(bytes));
}

std::string region_code(const std::string& location) {
    std::string code = lower_case(location);
    std::erase(code, ' ');
    return code;
}

bool is_region(const std::string& code) {
    static constexpr std::array<std::string_view, 36> all{
        "eastus",           "eastus2",          "westus",         "westus2",
        "westus3",          "centralus",        "northcentralus", "southcentralus",
        "westcentralus",    "canadacentral",    "canadaeast",     "brazilsouth",
        "northeurope",      "westeurope",       "francecentral",  "germanywestcentral",
        "italynorth",       "norwayeast",       "polandcentral",  "spaincentral",
        "swedencentral",    "switzerlandnorth", "uksouth",        "ukwest",
        "southafricanorth", "uaenorth",         "israelcentral",  "centralindia",
        "southindia",       "eastasia",         "southeastasia",  "japaneast",
        "japanwest",        "koreacentral",     "australiaeast",  "australiasoutheast"};
    return std::find(all.begin(), all.end(), code) != all.end();
}

} // namespace pyfops::azure_emulator

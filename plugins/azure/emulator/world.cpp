// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>

namespace pyfops::azure_emulator {

std::string World::now_text() const {
    return to_iso8601(now());
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

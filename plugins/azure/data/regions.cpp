// SPDX-License-Identifier: Apache-2.0
// Regions of the public cloud that are known to offer Flex Consumption. Azure publishes no list that could be
// read here: this one is general knowledge of 2026 and not proven. 'az functionapp
// list-flexconsumption-locations' tells what a subscription may use today.
#include "data/regions.hpp"

namespace pyfops::azure {

const std::vector<RegionInfo>& regions() {
    static const std::vector<RegionInfo> all{
        {"eastus", "East US"},
        {"eastus2", "East US 2"},
        {"westus", "West US"},
        {"westus2", "West US 2"},
        {"westus3", "West US 3"},
        {"centralus", "Central US"},
        {"northcentralus", "North Central US"},
        {"southcentralus", "South Central US"},
        {"westcentralus", "West Central US"},
        {"canadacentral", "Canada Central"},
        {"canadaeast", "Canada East"},
        {"brazilsouth", "Brazil South"},
        {"northeurope", "North Europe"},
        {"westeurope", "West Europe"},
        {"francecentral", "France Central"},
        {"germanywestcentral", "Germany West Central"},
        {"italynorth", "Italy North"},
        {"norwayeast", "Norway East"},
        {"polandcentral", "Poland Central"},
        {"spaincentral", "Spain Central"},
        {"swedencentral", "Sweden Central"},
        {"switzerlandnorth", "Switzerland North"},
        {"uksouth", "UK South"},
        {"ukwest", "UK West"},
        {"southafricanorth", "South Africa North"},
        {"uaenorth", "UAE North"},
        {"israelcentral", "Israel Central"},
        {"centralindia", "Central India"},
        {"southindia", "South India"},
        {"eastasia", "East Asia"},
        {"southeastasia", "Southeast Asia"},
        {"japaneast", "Japan East"},
        {"japanwest", "Japan West"},
        {"koreacentral", "Korea Central"},
        {"australiaeast", "Australia East"},
        {"australiasoutheast", "Australia Southeast"},
    };
    return all;
}

} // namespace pyfops::azure

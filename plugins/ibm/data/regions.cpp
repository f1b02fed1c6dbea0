// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

namespace pyfops::ibm {

// IBM Cloud Docs, Code Engine, regions, June 2026.
std::vector<RegionInfo> regions() {
    return {{"au-syd", "Sydney", false},         {"br-sao", "Sao Paulo", false}, {"ca-tor", "Toronto", false},
            {"eu-de", "Frankfurt", false},       {"eu-es", "Madrid", false},     {"eu-gb", "London", false},
            {"in-che", "Chennai", false},        {"jp-osa", "Osaka", false},     {"jp-tok", "Tokyo", false},
            {"us-east", "Washington DC", false}, {"us-south", "Dallas", false}};
}

} // namespace pyfops::ibm

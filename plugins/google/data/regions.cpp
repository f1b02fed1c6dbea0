// SPDX-License-Identifier: Apache-2.0
// Regions with Cloud Run functions and their price tiers: pricing.js of firebase-tools 15.34.2 (November
// 2026).
#include "data/regions.hpp"

namespace pyfops::google {

const std::vector<TieredRegion>& tiered_regions() {
    static const std::vector<TieredRegion> all{
        {"africa-south1", "Johannesburg", 1},
        {"asia-east1", "Taiwan", 1},
        {"asia-east2", "Hong Kong", 2},
        {"asia-northeast1", "Tokyo", 1},
        {"asia-northeast2", "Osaka", 1},
        {"asia-northeast3", "Seoul", 2},
        {"asia-south1", "Mumbai", 2},
        {"asia-south2", "Delhi", 2},
        {"asia-southeast1", "Singapore", 2},
        {"asia-southeast2", "Jakarta", 2},
        {"australia-southeast1", "Sydney", 2},
        {"australia-southeast2", "Melbourne", 2},
        {"europe-central2", "Warsaw", 2},
        {"europe-north1", "Finland", 1},
        {"europe-southwest1", "Madrid", 1},
        {"europe-west1", "Belgium", 1},
        {"europe-west2", "London", 2},
        {"europe-west3", "Frankfurt", 2},
        {"europe-west4", "Netherlands", 1},
        {"europe-west6", "Zurich", 2},
        {"europe-west8", "Milan", 1},
        {"europe-west9", "Paris", 1},
        {"europe-west10", "Berlin", 2},
        {"europe-west12", "Turin", 2},
        {"me-central1", "Doha", 2},
        {"me-central2", "Dammam", 2},
        {"me-west1", "Tel Aviv", 1},
        {"northamerica-northeast1", "Montreal", 2},
        {"northamerica-northeast2", "Toronto", 2},
        {"southamerica-east1", "Sao Paulo", 2},
        {"southamerica-west1", "Santiago", 2},
        {"us-central1", "Iowa", 1},
        {"us-east1", "South Carolina", 1},
        {"us-east4", "Northern Virginia", 1},
        {"us-east5", "Columbus", 1},
        {"us-south1", "Dallas", 1},
        {"us-west1", "Oregon", 1},
        {"us-west2", "Los Angeles", 2},
        {"us-west3", "Salt Lake City", 2},
        {"us-west4", "Las Vegas", 2},
    };
    return all;
}

std::vector<RegionInfo> regions() {
    std::vector<RegionInfo> all;
    for (const TieredRegion& one : tiered_regions())
        all.push_back({one.code, one.location});
    return all;
}

} // namespace pyfops::google

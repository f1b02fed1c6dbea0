// SPDX-License-Identifier: Apache-2.0
// Regions that have Lambda: endpoints.json of botocore 1.43.67 (August 2026). Opt-in regions are those that
// AWS opened after 20 March 2019.
#include "data/regions.hpp"

#include "cloud.hpp"

#include <algorithm>

namespace pyfops::aws {

const std::vector<RegionInfo>& regions() {
    static const std::vector<RegionInfo> all{
        {"us-east-1", "N. Virginia"},
        {"us-east-2", "Ohio"},
        {"us-west-1", "N. California"},
        {"us-west-2", "Oregon"},
        {"af-south-1", "Cape Town", true},
        {"ap-east-1", "Hong Kong", true},
        {"ap-east-2", "Taipei", true},
        {"ap-northeast-1", "Tokyo"},
        {"ap-northeast-2", "Seoul"},
        {"ap-northeast-3", "Osaka"},
        {"ap-south-1", "Mumbai"},
        {"ap-south-2", "Hyderabad", true},
        {"ap-southeast-1", "Singapore"},
        {"ap-southeast-2", "Sydney"},
        {"ap-southeast-3", "Jakarta", true},
        {"ap-southeast-4", "Melbourne", true},
        {"ap-southeast-5", "Malaysia", true},
        {"ap-southeast-6", "New Zealand", true},
        {"ap-southeast-7", "Thailand", true},
        {"ca-central-1", "Montreal"},
        {"ca-west-1", "Calgary", true},
        {"eu-central-1", "Frankfurt"},
        {"eu-central-2", "Zurich", true},
        {"eu-north-1", "Stockholm"},
        {"eu-south-1", "Milan", true},
        {"eu-south-2", "Spain", true},
        {"eu-west-1", "Ireland"},
        {"eu-west-2", "London"},
        {"eu-west-3", "Paris"},
        {"il-central-1", "Tel Aviv", true},
        {"me-central-1", "UAE", true},
        {"me-south-1", "Bahrain", true},
        {"mx-central-1", "Mexico", true},
        {"sa-east-1", "Sao Paulo"},
        {"cn-north-1", "Beijing"},
        {"cn-northwest-1", "Ningxia"},
        {"us-gov-east-1", "GovCloud US-East"},
        {"us-gov-west-1", "GovCloud US-West"},
        {"eusc-de-east-1", "Brandenburg"},
    };
    return all;
}

bool is_opt_in(const std::string& region) {
    return std::any_of(regions().begin(), regions().end(),
                       [&region](const RegionInfo& one) { return one.code == region && one.opt_in; });
}

} // namespace pyfops::aws

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pyfops::alibaba {

/// A region that has Function Compute 3.0, and where its services are.
struct Region {
    std::string_view code;
    std::string_view location;
    bool own_fc_host = false; ///< "<code>.fc.aliyuncs.com" instead of "fcv3.<code>.aliyuncs.com"
    bool own_sts_host = true; ///< "sts.<code>.aliyuncs.com", else the central one
};

const std::vector<Region>& regions();
/// nullptr for a region that is not known.
const Region* find_region(std::string_view code);

} // namespace pyfops::alibaba

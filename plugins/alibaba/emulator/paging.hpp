// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <string>
#include <vector>

namespace pyfops::alibaba_emulator {

/// One page of names in their order, by the call's limit and nextToken.
struct NamePage {
    std::vector<std::string> names;
    std::string next_token; ///< "" on the last page
};

/// `limit` and `token`: names of the parameters, which the services spell differently. Throws ApiError for a
/// limit that is not 1 to 100, or a token that is none of ours.
NamePage page_of(const World& world, const Call& call, std::vector<std::string> names,
                 std::string_view limit = "limit", std::string_view token = "nextToken");

} // namespace pyfops::alibaba_emulator

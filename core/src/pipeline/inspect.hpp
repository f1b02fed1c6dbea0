// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/pipeline.hpp"

#include <compare>
#include <string>
#include <vector>

namespace pyfops {

/// One region of one provider.
struct Place {
    std::string provider;
    std::string region;
    auto operator<=>(const Place&) const = default;
};

/// Where deployments of the project are or may be: the project file's places and the record's.
std::vector<Place> places_of(const Project& project, const std::vector<DeploymentRecord>& recorded);

/// What a place holds with the project's mark.
Task<std::vector<Deployment>> list_place(Host& host, Provider& provider, const Project& project, Place place,
                                         Realm realm, Deadline deadline);

} // namespace pyfops

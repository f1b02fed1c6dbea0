// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/pipeline.hpp"

#include <compare>
#include <optional>
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

/// What one place holds with the project's mark, or why it does not say.
struct PlaceListing {
    Place place;
    std::vector<Deployment> found;
    std::optional<Error> failure;
};

/// All places at once; a place that cannot be asked does not keep the others from being asked.
Task<std::vector<PlaceListing>> list_places(Host& host, PluginRegistry& plugins, const RunRequest& request,
                                            std::vector<Place> places);

} // namespace pyfops

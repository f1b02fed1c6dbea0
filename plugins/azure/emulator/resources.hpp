// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::azure_emulator {

/// Microsoft.Resources: the subscription, its resource providers and resource groups, and operations that
/// take their time, whichever provider they are of.
class Resources {
  public:
    explicit Resources(World& world) : world_(world) {}
    ServerResponse handle(const Call& call);

    /// Throws ApiError(404) for another subscription.
    void require_subscription(const Call& call) const;
    /// The group of a request, or ApiError(404).
    json::object require_group(const Call& call) const;
    /// Or ApiError(409).
    void require_registered(std::string_view provider) const;
    /// What empties a group: called with its key before it is gone.
    void on_group_deleted(std::function<void(const std::string&)> clear) {
        clear_.push_back(std::move(clear));
    }
    /// Who knows what is in a group: {id, name, type, location}.
    void on_listing(std::function<void(const std::string&, json::array&)> list) {
        list_.push_back(std::move(list));
    }

    /// An operation that ends `duration_ms` from now; its id.
    std::string start_operation(std::int64_t duration_ms);
    bool has_ended(const std::string& operation) const;
    /// {"status": "InProgress" | "Succeeded"}; ApiError(404) for an unknown one.
    ServerResponse operation_status(const std::string& operation) const;

    /// The same for what makes something in it: ApiError(409) for a group that is being deleted.
    json::object require_lasting_group(const Call& call) const;
    static std::string key_of(const Call& call);
    static std::string group_path(const std::string& name);

  private:
    /// A group whose deletion has ended is none.
    std::optional<json::object> find_group(const std::string& key) const;
    ServerResponse provider(const Call& call);
    ServerResponse put_group(const Call& call);
    ServerResponse delete_group(const Call& call);
    ServerResponse list_resources(const Call& call);
    json::object describe(const json::object& group) const;

    World& world_;
    std::vector<std::function<void(const std::string&)>> clear_;
    std::vector<std::function<void(const std::string&, json::array&)>> list_;
};

/// The tags of a request, checked.
json::object tags_of(const json::object& body);
/// The region of a request, or ApiError(400).
std::string location_of(const json::object& body, std::string_view type);

} // namespace pyfops::azure_emulator

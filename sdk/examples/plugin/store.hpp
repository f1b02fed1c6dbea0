// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pyfops/emulator/world.hpp>
#include <pyfops/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace acme {

/// The functions of the stand-in, by "<region>/<name>", with the states that they go through by themselves:
/// pending, then ready or failed; deleting, then gone. Their logs lie beside them.
class Store {
  public:
    explicit Store(pyfops::EmulatorHost& host) : world_(host) {}

    std::optional<pyfops::json::object> get(const std::string& key);
    std::vector<std::string> keys(const std::string& region);
    /// Keeps what was created or changed; it is pending for a while, and run by new instances.
    pyfops::json::object change(const std::string& key, pyfops::json::object document);
    void remove(const std::string& key);

    void log(const std::string& key, const std::string& text);
    pyfops::json::array lines(const std::string& key, long long since, std::size_t limit) const;

    const pyfops::EmulatorWorld& world() const { return world_; }

  private:
    void save(const std::string& key, const pyfops::json::object& document);
    pyfops::EmulatorWorld world_;
};

} // namespace acme

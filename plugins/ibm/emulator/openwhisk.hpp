// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pyfops::ibm_emulator {

/// As the first segment of a path: no host of the world has this name.
inline constexpr std::string_view openwhisk_host = "openwhisk.pyfops-local";

/// The name of a request's operation below /api/v1 ("UpdateAction"), "" when there is none of that kind here.
std::string openwhisk_operation(const HttpCall& call);

/// The controller of Apache OpenWhisk, version 1 of its API, with one namespace "guest".
class OpenWhisk {
  public:
    explicit OpenWhisk(World& world) : world_(world) {}
    /// "uuid:key"
    std::string key() const;
    Task<ServerResponse> handle(HttpCall call, std::string transaction);

  private:
    /// "[package/]name"
    using Name = std::string;
    struct Run {
        json::object activation; ///< as GetActivation gives it
        std::string id, ran_on;
        bool succeeded = false;
    };

    // openwhisk.cpp
    void authenticate(const HttpCall& call) const;
    ServerResponse packages(const HttpCall& call, const std::string& name);
    json::object limits() const;

    // actions.cpp
    json::object action(const Name& name) const;
    ServerResponse put_action(const HttpCall& call, const Name& name);
    ServerResponse list_actions(const HttpCall& call, const std::string& package) const;
    ServerResponse delete_action(const Name& name);
    json::object describe_action(const json::object& stored, bool code) const;

    // activations.cpp
    Task<ServerResponse> invoke(HttpCall call, Name name);
    Task<Run> run(json::object stored, json::object arguments, std::string id);
    Task<void> run_alone(json::object stored, json::object arguments, std::string id);
    std::shared_ptr<const FunctionImage> image(const json::object& stored);
    ServerResponse activations(const HttpCall& call) const;
    json::object activation(const std::string& id) const;
    void keep(const json::object& activation);

    // web_actions.cpp
    Task<ServerResponse> web(HttpCall call, std::string transaction);

    World& world_;
    std::map<std::string, std::shared_ptr<const FunctionImage>> images_;
};

/// The start and the number of entries of the page that a list asks for. Throws ApiError(400).
struct Window {
    std::size_t skip = 0, limit = 30;
};
Window window_of(const World& world, const HttpCall& call);
bool annotation_is_true(const json::object& action, std::string_view key);

} // namespace pyfops::ibm_emulator

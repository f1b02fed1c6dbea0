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

/// The name of a request's operation below /v2 ("CreateFunction"), "" when there is none of that kind here.
std::string code_engine_operation(const HttpCall& call);
/// "fn.subdomain.region.codeengine.appdomain.cloud"
bool is_endpoint(std::string_view host);

/// Code Engine API, version 2, and the endpoints of its functions.
class CodeEngine {
  public:
    explicit CodeEngine(World& world) : world_(world) {}

    /// Operations of the control plane.
    ServerResponse handle(const HttpCall& call);
    /// A request to a function's endpoint.
    Task<ServerResponse> invoke(ServerRequest request, HttpCall call);

  private:
    /// The path below /v2, taken apart: projects/{id}/{kind}/{name}.
    struct Path {
        std::string project, kind, name;
    };
    static Path path_of(const HttpCall& call);

    // code_engine.cpp
    json::object project(const std::string& id);
    ServerResponse list(const HttpCall& call, const std::string& member, const json::array& all) const;
    json::array documents(const std::string& collection, const std::string& project) const;
    std::string region_of(const HttpCall& call) const;
    std::string href(const json::object& project, const std::string& path) const;
    /// Throws 412 when If-Match names another version, 400 without it.
    void match(const HttpCall& call, const json::object& document) const;
    std::string new_tag() const;

    // projects.cpp
    ServerResponse projects(const HttpCall& call, const Path& path);
    json::object describe_project(const json::object& stored) const;
    std::int64_t project_count(const std::string& region) const;

    // functions.cpp
    ServerResponse functions(const HttpCall& call, const json::object& project, const std::string& name);
    ServerResponse create_function(const HttpCall& call, const json::object& project);
    ServerResponse update_function(const HttpCall& call, const json::object& project,
                                   const std::string& name);
    std::optional<json::object> function(const std::string& project, const std::string& name);
    json::object describe_function(const json::object& project, const json::object& stored) const;
    std::string why_not_runnable(const std::string& project, const json::object& config) const;
    ServerResponse runtimes() const;

    // resources.cpp: config maps and secrets
    ServerResponse resources(const HttpCall& call, const json::object& project, const std::string& kind,
                             const std::string& name);
    json::object describe_resource(const json::object& project, const std::string& kind,
                                   const json::object& stored) const;

    // builds.cpp
    ServerResponse builds(const HttpCall& call, const json::object& project, const std::string& name);
    ServerResponse build_runs(const HttpCall& call, const json::object& project, const std::string& name);
    Task<void> run_build(std::string key);
    void end_build(const std::string& key, const std::string& status, const std::string& reason);
    json::object describe_build(const json::object& project, const json::object& stored,
                                const std::string& kind) const;

    // calls.cpp
    std::shared_ptr<const FunctionImage> image(const json::object& project, const json::object& stored);
    std::map<std::string, std::string> environment(const json::object& project, const json::object& config,
                                                   const std::string& name) const;

    World& world_;
    std::map<std::string, std::shared_ptr<const FunctionImage>> images_; ///< by image id
};

} // namespace pyfops::ibm_emulator

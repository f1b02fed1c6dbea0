// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "logs.hpp"
#include "storage.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace pyfops::azure_emulator {

/// Microsoft.Web: plans and function apps; their deployment hosts; and the apps' own hosts, where functions
/// really run.
class Sites {
  public:
    Sites(World& world, Resources& resources, Storage& storage, Logs& logs);
    ServerResponse handle(const Call& call);
    /// The deployment host of an app (Kudu).
    ServerResponse handle_scm(const Call& call);
    /// The host of an app: a function, by its route.
    Task<ServerResponse> invoke(ServerRequest request, Call call);

  private:
    /// A function of the package, by its function.json.
    struct Function {
        std::string name, route, level;
        std::set<std::string> methods; ///< upper case; empty: all
        json::object config;
    };
    struct Match {
        Function function;
        json::object route_values;
    };

    // plans.cpp
    ServerResponse put_plan(const Call& call);
    ServerResponse get_plans(const Call& call);
    ServerResponse delete_plan(const Call& call);
    json::object describe_plan(const json::object& plan) const;
    bool plan_is_empty(const std::string& key) const;

    // sites.cpp
    ServerResponse put_site(const Call& call);
    ServerResponse patch_site(const Call& call);
    ServerResponse delete_site(const Call& call);
    ServerResponse list_sites(const Call& call);
    ServerResponse check_name(const Call& call) const;
    ServerResponse tags(const Call& call, json::object site);
    json::object describe(const json::object& site) const;
    json::object require_site(const Call& call);
    void require_idle(const json::object& site) const;
    void save(const json::object& site);
    void retire(const json::object& site);
    void remove_site(const json::object& site);
    ServerResponse later(const Call& call, json::object& site, std::int64_t duration_ms);

    // site_checks.cpp
    void check_flex(const json::object& config, const json::object& settings) const;
    void check_settings(const json::object& settings, bool flex) const;
    void apply_site_config(json::object& site, const json::value& properties) const;

    // site_parts.cpp: settings, keys, functions, states
    ServerResponse settings(const Call& call, json::object site);
    ServerResponse keys(const Call& call, const json::object& site);
    ServerResponse functions(const Call& call, const json::object& site);
    ServerResponse change_state(const Call& call, json::object site);
    json::object describe_function(const json::object& site, const Function& function) const;

    // publish.cpp
    ServerResponse publish(const Call& call, json::object site, Bytes archive);
    ServerResponse one_deploy(const Call& call, json::object site);
    ServerResponse deployment_status(const Call& call, const json::object& site) const;
    json::object describe_deployment(const Call& call, const json::object& site,
                                     const json::object& deployment) const;
    json::array log_of(const Call& call, const json::object& deployment) const;
    /// What a deployment under way has come to: 0 to 4.
    int status_of(const json::object& deployment) const;
    /// Puts a package in force when its deployment has ended.
    void settle(json::object& site);
    void load_package(json::object& site, const std::string& sha256);
    std::vector<Function> functions_of(const json::object& site) const;
    bool are_listed(const json::object& site) const;

    // invoke.cpp
    std::optional<Match> find_function(const json::object& site, const std::string& method,
                                       const std::vector<std::string>& segments) const;
    bool may_call(const json::object& site, const Function& function, const Call& call) const;
    std::shared_ptr<const FunctionImage> image_of(const json::object& site);
    ServerResponse admin(const Call& call, const json::object& site);

    World& world_;
    Resources& resources_;
    Storage& storage_;
    Logs& logs_;
    std::map<std::string, std::shared_ptr<const FunctionImage>> images_;
};

inline constexpr const char* plans_collection = "azure/plans";
/// The key of a plan in its collection; `group` in lower case.
std::string plan_key(const std::string& group, const std::string& name);
std::string id_of_plan(const std::string& group, const std::string& name);
bool is_flex(const json::object& site);
const json::object& object_at(const json::object& value, std::string_view key);

} // namespace pyfops::azure_emulator

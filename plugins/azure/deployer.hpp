// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app_settings.hpp"
#include "cloud.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/poll.hpp"
#include "shared.hpp"
#include "web.hpp"

#include <optional>
#include <set>
#include <string>

namespace pyfops::azure {

class AzureDeployer final : public Deployer {
  public:
    explicit AzureDeployer(Cloud& cloud) : cloud_(cloud), shared_(cloud) {}

    Task<Deployment> deploy(const DeployRequest& request, StageContext& context) override;
    Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) override;
    Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) override;
    Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) override;
    Task<void> remove(const RemoveRequest& request, StageContext& context) override;
    Task<void> remove_shared(const ListRequest& request, StageContext& context) override;
    Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) override;

  private:
    /// One deployment on its way: what is wanted, and what was found and done so far.
    struct Work {
        const DeployRequest& request;
        Session session;
        std::string group; ///< path
        std::string app;
        Secret new_probe_key{};
        web::AppSettings settings{}; ///< as the app has them now
        bool wrote = false;
        bool created = false;
        DeployTimes times{};
        SteadyTime upload_ended{};
        std::string published{}; ///< by this run: the deployment's id, or the package's name
    };

    Task<std::optional<web::Site>> look(const Session& session, const std::string& group,
                                        const std::string& app, StageContext& context);
    /// Before something of that name is made. Null: it may be; else what was made since `look`, ours or not.
    Task<std::optional<web::Site>> look_again(const Session& session, const std::string& group,
                                              const std::string& app, StageContext& context);
    Task<web::AppSettings> settings_of(const Session& session, const std::string& group,
                                       const std::string& app, StageContext& context);
    Task<web::Site> create(Work& work, StageContext& context);
    Task<web::Site> update(Work& work, web::Site current, StageContext& context);
    /// A change of the app itself, waited for.
    Task<web::Site> change(Work& work, ApiCall call, StageContext& context);
    /// All tags of the app, where they are others than it has.
    Task<web::Site> write_tags(Work& work, web::Site current, Tags tags, StageContext& context);
    Task<web::Site> unmark_if_replaced(Work& work, web::Site current, StageContext& context);
    Task<void> write_settings(Work& work, web::AppSettings wanted, StageContext& context);
    Task<void> ensure_container(Work& work, const StorageAccount& account, StageContext& context);

    /// The package goes up and is in force (publish.cpp).
    Task<void> publish(Work& work, const web::Site& site, StageContext& context);
    Task<void> publish_flex(Work& work, const web::Site& site, StageContext& context);
    Task<void> publish_classic(Work& work, const web::Site& site, StageContext& context);
    /// Packages of the classic plan, but for the one that the app runs.
    Task<void> remove_blobs(Work& work, std::set<std::string> names, StageContext& context);
    /// Adds to the tags which packages may be in the container from now on.
    static void remember_blobs(Tags& tags, const Work& work);
    Task<sdk::Polled<bool>> ask_deployment(const Session& session, const std::string& host,
                                           const std::string& id, StageContext& context);
    Task<Error> deployment_failure(const Session& session, const std::string& host, const std::string& id,
                                   StageContext& context);
    /// Whether what this run published is still what Azure has: two runs may meet at one app.
    Task<bool> is_in_force(Work& work, const web::Site& site, StageContext& context);
    Task<void> wait_for_function(Work& work, StageContext& context);
    Task<sdk::Polled<bool>> ask_function(Work& work, const std::string& folder, StageContext& context);

    /// An app of several functions keeps the others: this one is disabled and forgotten.
    Task<void> remove_function(const Session& session, const std::string& group, web::Site site,
                               const std::string& function, StageContext& context);
    Task<void> remove_packages(const Session& session, const std::string& group, const std::string& project,
                               const std::string& app, StageContext& context);
    Task<void> remove_plan(const Session& session, const std::string& group, const RemoveRequest& request,
                           const std::string& app, StageContext& context);

    Cloud& cloud_;
    SharedResources shared_;
};

/// Of a package of the classic plan in its container.
std::string blob_name(const Package& package);

/// A site with its settings as a deployment.
Deployment to_deployment(const Session& session, const web::Site& site, const web::AppSettings& settings,
                         const OwnershipMark& mark, const FdIdentity& identity);

/// Throws conflict unless the app is the deployment's, or one of the project that holds several: nobody else
/// may touch it.
void require_ours(const web::Site& site, const FdIdentity& identity, Holds holds);

} // namespace pyfops::azure

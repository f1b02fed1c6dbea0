// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "lambda.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/poll.hpp"
#include "shared.hpp"

#include <optional>

namespace pyfops::aws {

/// Where the entry file is, as Lambda names handlers.
inline constexpr const char* entry_handler = "_pyfops_aws.handler";

class AwsDeployer final : public Deployer {
  public:
    AwsDeployer(Cloud& cloud, const ProviderInfo& info) : cloud_(cloud), info_(info), shared_(cloud) {}

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
        std::string name;
        std::string code_sha256;
        Secret new_probe_key{}; ///< for a function that has none yet
        bool has_url = false;   ///< by the tag
        bool wrote = false;
        bool created = false;
        DeployTimes times;
        SteadyTime upload_ended;
    };

    Task<std::optional<lambda::Function>> look(const Session& session, const std::string& name,
                                               StageContext& context);
    Task<std::optional<lambda::Function>> create(Work& work, StageContext& context);
    Task<Outcome> try_create(Work& work, const lambda::Configuration& configuration,
                             const lambda::CodeSource& code, StageContext& context);
    Task<lambda::Function> update(Work& work, lambda::Function current, StageContext& context);
    Task<lambda::Function> update_tags(Work& work, lambda::Function current, StageContext& context);
    Task<lambda::Function> wait_ready(const Session& session, std::string name, StageContext& context);
    Task<sdk::Polled<lambda::Function>> ask_state(const Session& session, const std::string& name,
                                                  StageContext& context);
    /// A write to a function that may be busy: waits for its state and repeats.
    Task<void> write(const Session& session, std::string name, ApiCall call, StageContext& context);
    Task<lambda::CodeSource> code_source(Work& work, StageContext& context);
    Task<std::string> ensure_url(Work& work, StageContext& context);
    Task<void> remove_url(Work& work, StageContext& context);
    std::map<std::string, std::string> environment_of(const Work& work,
                                                      const lambda::Function* current) const;
    lambda::ConfigurationChange difference(const Work& work, const lambda::Function& current) const;

    Cloud& cloud_;
    const ProviderInfo& info_;
    SharedResources shared_;
};

} // namespace pyfops::aws

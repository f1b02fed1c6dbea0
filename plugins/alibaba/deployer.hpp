// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "fc.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/poll.hpp"
#include "shared.hpp"

#include <optional>

namespace pyfops::alibaba {

/// Where the entry file is, as Function Compute names handlers.
inline constexpr const char* entry_handler = "_pyfops_alibaba.handler";

class AlibabaDeployer final : public Deployer {
  public:
    AlibabaDeployer(Cloud& cloud, const ProviderInfo& info) : cloud_(cloud), info_(info), shared_(cloud) {}

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
        std::string checksum;
        Secret new_probe_key{}; ///< for a function that has none yet
        bool wrote = false;
        bool created = false;
        DeployTimes times;
        SteadyTime upload_ended;
    };

    /// The function with its tags.
    Task<std::optional<fc::Function>> look(const Session& session, std::string name, StageContext& context);
    Task<std::map<std::string, fc::Tags>> tags_of_all(const Session& session, std::vector<std::string> arns,
                                                      StageContext& context);
    Task<std::optional<fc::Function>> create(Work& work, StageContext& context);
    Task<fc::Function> update(Work& work, fc::Function current, StageContext& context);
    Task<void> update_tags(Work& work, fc::Function& current, StageContext& context);
    Task<fc::Function> wait_ready(const Session& session, std::string name, StageContext& context);
    Task<sdk::Polled<fc::Function>> ask_state(const Session& session, const std::string& name,
                                              StageContext& context);
    /// A write to a function that somebody else may be writing to: waits for its state and repeats.
    Task<void> write(const Session& session, std::string name, ApiCall call, StageContext& context);
    Task<fc::CodeSource> code_source(Work& work, StageContext& context);
    /// Does not fit into a request: goes through a bucket.
    bool is_large(const Bytes& archive) const { return archive.size() > info_.limits.inline_zip_bytes; }
    fc::Configuration wanted(const Work& work, const fc::Function* current) const;

    // triggers.cpp
    /// The URL of the trigger, made or changed as the settings say; "" without one.
    Task<std::string> ensure_trigger(Work& work, StageContext& context);
    Task<std::string> url_of_trigger(const Session& session, std::string name, StageContext& context);
    Task<void> remove_triggers(const Session& session, std::string name, StageContext& context);

    Cloud& cloud_;
    const ProviderInfo& info_;
    SharedResources shared_;
};

/// Ours, and the deployment that is wanted; else nobody may touch it: throws conflict.
OwnershipMark require_mark(const fc::Function& function, const FdIdentity& identity);

} // namespace pyfops::alibaba

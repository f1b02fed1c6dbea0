// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "code_engine.hpp"
#include "code_engine_builds.hpp"
#include "code_engine_cloud.hpp"
#include "code_engine_projects.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/poll.hpp"

#include <optional>

namespace pyfops::ibm {

class CodeEngineDeployer final : public Deployer {
  public:
    explicit CodeEngineDeployer(CodeEngineCloud& cloud) : cloud_(cloud), projects_(cloud), builds_(cloud) {}

    Task<Deployment> deploy(const DeployRequest& request, StageContext& context) override;
    Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) override;
    Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) override;
    Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) override;
    Task<void> remove(const RemoveRequest& request, StageContext& context) override;
    Task<void> remove_shared(const ListRequest& request, StageContext& context) override;
    Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) override;

  private:
    using Function = code_engine::Function;
    /// One deployment on its way: what is wanted, and what was found and done so far.
    struct Work {
        const DeployRequest& request;
        Session session;
        std::string name;
        Secret probe_key{};
        bool wrote = false;
        bool created = false;
        DeployTimes times;
        SteadyTime upload_ended{};
    };

    Task<std::optional<Function>> look(const Session& session, std::string name, StageContext& context);
    /// One that is not `fresh` must be there: throws not_found when it was on its way out.
    Task<Function> wait_ready(const Session& session, std::string name, bool fresh, StageContext& context);
    Task<sdk::Polled<Function>> ask_ready(const Session& session, const std::string& name, bool fresh,
                                          StageContext& context);
    Task<void> wait_gone(const Session& session, std::string name, StageContext& context);
    Task<sdk::Polled<bool>> ask_gone(const Session& session, const std::string& name, StageContext& context);
    Task<std::optional<Function>> create(Work& work, const code_engine::Configuration& wanted,
                                         StageContext& context);
    /// A patch of whatever the function is by then; what somebody else changes meanwhile is read again.
    /// Throws not_found when it goes meanwhile.
    Task<Function> update(const Session& session, Function current,
                          std::function<code_engine::Configuration(const Function&)> change, bool& wrote,
                          StageContext& context);
    /// The refusal of a function, told as that of its runtime when the region does not offer that one.
    Task<Error> explained(const Session& session, Error refusal, std::string runtime, StageContext& context);
    Task<std::optional<Function>> bring_up_to(Work& work, Function current,
                                              const code_engine::Configuration& wanted,
                                              StageContext& context);
    Task<code_engine::Configuration> configuration(Work& work, const Function* current,
                                                   StageContext& context);
    Task<void> code(Work& work, const Function* current, code_engine::Configuration& wanted,
                    StageContext& context);
    Task<void> secrets(Work& work, StageContext& context);
    Task<std::optional<code_engine::StoredSecret>> read_secret(const Session& session, std::string function,
                                                               StageContext& context);
    Task<void> remove_secret(const Session& session, std::string function, const FdIdentity& identity,
                             StageContext& context);

    CodeEngineCloud& cloud_;
    CodeEngineProjects projects_;
    CodeEngineBuilds builds_;
};

} // namespace pyfops::ibm

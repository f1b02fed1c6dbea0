// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "functions.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sdk/poll.hpp"

#include <optional>

namespace pyfops::google {

/// The entry file, and the function in it that the runtime calls.
inline constexpr const char* entry_file = "_pyfops_google.py";
inline constexpr const char* entry_point = "main";

class GoogleDeployer final : public Deployer {
  public:
    explicit GoogleDeployer(Cloud& cloud) : cloud_(cloud) {}

    Task<Deployment> deploy(const DeployRequest& request, StageContext& context) override;
    Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) override;
    Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) override;
    Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) override;
    Task<void> remove(const RemoveRequest& request, StageContext& context) override;
    Task<void> remove_shared(const ListRequest& request, StageContext& context) override;
    Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) override;

  private:
    using MaybeFunction = std::optional<functions::Function>;

    /// One deployment on its way: what is wanted, and what was done so far.
    struct Work {
        const DeployRequest& request;
        Session session;
        std::string name;
        Secret new_probe_key{}; ///< for a function that has none yet
        bool wrote = false;
        bool created = false;
        DeployTimes times{};
        SteadyTime upload_ended{};
    };

    Task<MaybeFunction> look(const Session& session, const std::string& name, StageContext& context);
    /// As `look`, when nothing is under way on the function any more.
    Task<MaybeFunction> settled(const Session& session, std::string name, StageContext& context);
    Task<sdk::Polled<MaybeFunction>> ask_state(const Session& session, const std::string& name,
                                               StageContext& context);
    /// Sends a write and waits until its operation has ended well. One that finds the function busy waits and
    /// repeats.
    Task<void> perform(const Session& session, std::string name, ApiCall call, StageContext& context);
    Task<void> finish(const Session& session, functions::Operation operation, const std::string& name,
                      const std::string& call, StageContext& context);
    Task<sdk::Polled<functions::Operation>>
    ask_operation(const Session& session, const std::string& operation, StageContext& context);

    Task<json::object> upload(Work& work, StageContext& context);
    Task<void> create(Work& work, StageContext& context);
    Task<functions::Function> update(Work& work, functions::Function current, StageContext& context);
    Task<functions::Function> require(Work& work, StageContext& context);
    /// Adds everybody to those who may call, or takes them out.
    Task<bool> set_access(const Session& session, std::string service, bool open, StageContext& context);

    functions::Change everything(const Work& work, const functions::Function* current) const;
    functions::Texts environment_of(const Work& work, const functions::Function* current) const;
    functions::Change difference(const Work& work, const functions::Function& current) const;

    Cloud& cloud_;
};

} // namespace pyfops::google

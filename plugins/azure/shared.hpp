// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "pyfops/sdk/once.hpp"
#include "pyfops/sdk/poll.hpp"

#include <string>

namespace pyfops::azure {

/// A storage account and its key.
struct StorageAccount {
    std::string name;
    Secret key;
};

/// What the deployments of a project share: the resource group and, in each region, the storage account. Made
/// when first needed, once over all tasks; several processes may do so at the same time.
class SharedResources {
  public:
    explicit SharedResources(Cloud& cloud) : cloud_(cloud) {}

    /// Path of the resource group, the configured or the project's; nothing is made.
    static std::string group_path(const Session& session, const std::string& project);
    static std::string storage_account(const Session& session, const std::string& project);

    /// Registers the resource providers, makes group and account where they are not there.
    Task<StorageAccount> prepare(const Session& session, std::string project, StageContext& context);
    /// The key of an account that is there already.
    Task<StorageAccount> account(const Session& session, std::string project, StageContext& context);

    /// The account of the session's region, and the group once nothing is in it.
    Task<void> remove(const Session& session, std::string project, StageContext& context);

  private:
    Task<StorageAccount> make(Session session, std::string project, StageContext& context);
    Task<bool> register_provider(Session session, std::string name, StageContext& context);
    Task<bool> make_group(Session session, std::string project, StageContext& context);
    Task<void> ensure_provider(const Session& session, std::string name, StageContext& context);
    Task<void> ensure_group(const Session& session, const std::string& project, StageContext& context);
    /// A group that is being deleted takes nothing new.
    Task<void> wait_for_end(const Session& session, const std::string& group, StageContext& context);
    Task<sdk::Polled<bool>> ask_gone(const Session& session, const std::string& group, StageContext& context);
    Task<void> ensure_account(const Session& session, const std::string& project, StageContext& context);
    Task<sdk::Polled<bool>> ask_account(const Session& session, const std::string& group,
                                        const std::string& name, StageContext& context);
    Task<sdk::Polled<bool>> ask_registered(const Session& session, const std::string& name,
                                           StageContext& context);

    Cloud& cloud_;
    sdk::Once<bool> providers_;
    sdk::Once<bool> groups_;
    sdk::Once<StorageAccount> accounts_;
};

} // namespace pyfops::azure

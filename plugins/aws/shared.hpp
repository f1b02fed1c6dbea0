// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "lambda.hpp"
#include "pyfops/sdk/poll.hpp"

#include <string>

namespace pyfops::aws {

/// What the deployments of a project share: the execution role and the bucket. Made when first needed, once
/// over all tasks; several processes may do so at the same time.
class SharedResources {
  public:
    explicit SharedResources(Cloud& cloud) : cloud_(cloud) {}

    /// ARN of the role of the project, created if absent. Throws conflict for a role of that name without our
    /// mark.
    Task<std::string> role(const Session& session, std::string project, StageContext& context);
    /// Uploads and says where. The bucket is the configured one, else one of ours, created if absent.
    Task<lambda::CodeSource> upload(const Session& session, const std::string& project,
                                    const FdIdentity& identity, Bytes archive, StageContext& context);
    /// Lambda has its own copy: the object is not needed any more. Never fails.
    Task<void> discard(const Session& session, const lambda::CodeSource& code, StageContext& context);

    Task<void> remove_role(const Session& session, std::string project, StageContext& context);
    Task<void> remove_bucket(const Session& session, std::string project, StageContext& context);

  private:
    Task<std::string> make_role(Session session, std::string project, StageContext& context);
    Task<sdk::Polled<Outcome>> look_for_role(const Session& session, const std::string& name,
                                             StageContext& context);
    Task<std::string> make_bucket(Session session, std::string project, StageContext& context);

    Cloud& cloud_;
    sdk::Once<std::string> roles_;
    sdk::Once<std::string> buckets_;
};

} // namespace pyfops::aws

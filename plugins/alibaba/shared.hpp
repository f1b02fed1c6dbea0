// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "fc.hpp"

#include <string>

namespace pyfops::alibaba {

/// What the deployments of a project share in a region: the bucket for packages that are too large for a
/// request. Made when first needed, once over all tasks; several processes may do so at the same time.
class SharedResources {
  public:
    explicit SharedResources(Cloud& cloud) : cloud_(cloud) {}

    /// Uploads and says where. The bucket is the configured one, else one of ours, created if absent. Throws
    /// conflict for a bucket of that name without our mark.
    Task<fc::CodeSource> upload(const Session& session, const std::string& project,
                                const FdIdentity& identity, Bytes archive, StageContext& context);
    /// Function Compute has its own copy: the object is not needed any more. Never fails.
    Task<void> discard(const Session& session, const fc::CodeSource& code, StageContext& context);
    /// The object of a run that was stopped before it discarded it. Never fails.
    Task<void> discard_leftover(const Session& session, const std::string& project,
                                const FdIdentity& identity, const Bytes& archive, StageContext& context);
    /// All objects of a deployment in the configured bucket; one of ours goes as a whole. Never fails.
    Task<void> discard_all(const Session& session, const FdIdentity& identity, StageContext& context);
    Task<void> remove_bucket(const Session& session, std::string project, StageContext& context);

  private:
    Task<std::string> make_bucket(Session session, std::string project, StageContext& context);
    Task<void> remove_objects(const Session& session, std::string bucket, std::string prefix,
                              StageContext& context);
    /// `remove_objects`, with a warning in the place of a failure.
    Task<void> tidy(const Session& session, std::string bucket, std::string prefix, StageContext& context);

    Cloud& cloud_;
    sdk::Once<std::string> buckets_;
};

} // namespace pyfops::alibaba

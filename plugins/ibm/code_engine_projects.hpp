// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "code_engine.hpp"
#include "code_engine_cloud.hpp"
#include "pyfops/sdk/once.hpp"
#include "pyfops/sdk/poll.hpp"

#include <optional>
#include <string>

namespace pyfops::ibm {

/// The Code Engine project that holds the functions of a project in a region: the one that is named in the
/// settings, or one of ours, made when first needed, once over all tasks.
class CodeEngineProjects {
  public:
    explicit CodeEngineProjects(CodeEngineCloud& cloud) : cloud_(cloud) {}

    /// The session inside the project, which is created if absent and active when this returns. Throws
    /// not_found for a configured one that does not exist.
    Task<Session> ensure(Session session, std::string project, StageContext& context);
    /// The session inside the project, or nullopt when there is none.
    Task<std::optional<Session>> find(Session session, std::string project, StageContext& context);
    /// Deletes what `ensure` made, unless functions are in it.
    Task<void> remove(Session session, std::string project, StageContext& context);

  private:
    Task<std::optional<code_engine::Project>> look(Session session, std::string name, StageContext& context);
    Task<std::string> make(Session session, std::string name, std::string project, StageContext& context);
    Task<std::string> wait_active(Session session, std::string id, StageContext& context);
    Task<sdk::Polled<std::string>> ask_active(const Session& session, const std::string& id,
                                              StageContext& context);
    Task<sdk::Polled<bool>> ask_gone(const Session& session, const std::string& id, StageContext& context);

    CodeEngineCloud& cloud_;
    sdk::Once<std::string> made_; ///< ids of projects
};

} // namespace pyfops::ibm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "code_engine.hpp"
#include "code_engine_cloud.hpp"
#include "pyfops/sdk/once.hpp"
#include "pyfops/sdk/poll.hpp"

#include <string>

namespace pyfops::ibm {

/// Code bundles that Code Engine builds from a git repository: for code that is too large to be sent.
class CodeEngineBuilds {
  public:
    explicit CodeEngineBuilds(CodeEngineCloud& cloud) : cloud_(cloud) {}

    /// Builds the image in the project of the session, unless that was done in this run already. Throws
    /// what the build failed of.
    Task<void> ensure(Session session, BuildSettings build, std::string image, std::string runtime,
                      StageContext& context);

  private:
    Task<bool> run(Session session, BuildSettings build, std::string image, std::string runtime,
                   StageContext& context);
    Task<void> registry_secret(const Session& session, const BuildSettings& build, const std::string& image,
                               StageContext& context);
    Task<sdk::Polled<code_engine::BuildRun>> ask(const Session& session, const std::string& name,
                                                 StageContext& context);

    CodeEngineCloud& cloud_;
    sdk::Once<bool> built_;
};

} // namespace pyfops::ibm

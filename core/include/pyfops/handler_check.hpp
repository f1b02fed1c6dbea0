// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/export.hpp"
#include "pyfops/function.hpp"
#include "pyfops/package.hpp"
#include "pyfops/source_tree.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pyfops {

/// Why a handler would not run on any cloud. `code` is stable and listed in docs/packaging.md.
struct HandlerProblem {
    std::string code;
    std::string summary;  ///< one line, no full stop
    std::string hint;     ///< what to do; may be empty
    std::string file;     ///< of the code base; may be empty
    int line = 0;         ///< 0: the file as a whole
    bool warning = false; ///< it may be well on the cloud: the check runs without network and secrets
};

struct HandlerCheckOptions {
    /// Modules that the provider's runtime brings along ("boto3"): missing here they are no problem.
    std::vector<std::string> provided_modules;
};

/// Looks for the module, parses it, then imports it in the sandbox without network, as the cloud will at a
/// cold start. Imports with the interpreter of `function.python` when there is one, else with the host's;
/// native dependencies that it cannot load leave it at the static part, with a Notice. The references must
/// outlive the task. Throws internal when the sandbox cannot run, cancelled, timeout.
PYFOPS_EXPORT Task<std::vector<HandlerProblem>>
check_handler(const SourceTree& code, std::shared_ptr<const DependencySet> dependencies,
              const FunctionSpec& function, StageContext& context, HandlerCheckOptions options = {});

} // namespace pyfops

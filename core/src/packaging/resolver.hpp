// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/tools.hpp"
#include "pyfops/package.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::packaging {

/// What to resolve. Never builds anything: building runs strangers' code, and is done in the sandbox.
struct ResolveRequest {
    std::filesystem::path requirements;
    PythonPlatform platform;
    std::filesystem::path local_wheels; ///< wheels that were built here; may be empty or not there
    /// Versions without a wheel that the runtime can load, by name.
    std::map<std::string, std::vector<std::string>> excluded;
    std::filesystem::path scratch;    ///< a folder for a file of its own
    std::vector<std::string> extra{}; ///< requirements beside those of the file
};

struct Pin {
    std::string name; ///< normalised
    std::string version;
};

struct Unresolved {
    enum class Why {
        no_wheel,   ///< `name` exists perhaps, but has no wheel for the platform
        conflict,   ///< the requirements exclude each other, or no version is left
        unreachable ///< no index answered
    };
    Why why = Why::conflict;
    std::string name;    ///< normalised; may be empty for a conflict
    std::string version; ///< when the resolver named one
    std::string detail;  ///< the resolver's words, without secrets
};

struct Resolution {
    std::vector<Pin> pins;
    std::optional<Unresolved> failure;
};

Task<Resolution> resolve_with_uv(PythonTools& tools, ResolveRequest request, StageContext& context);
Task<Resolution> resolve_with_pip(PythonTools& tools, ResolveRequest request, StageContext& context);

/// The files to resolve: the requirements file, and one in `scratch` for what is wanted beside it.
std::vector<std::filesystem::path> requirement_files(const ResolveRequest& request);

/// "name!=1.0,!=1.1" a line, for what was excluded; "" when nothing was.
std::string exclusions(const ResolveRequest& request);

} // namespace pyfops::packaging

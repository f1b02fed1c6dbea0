// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packaging/cache.hpp"
#include "pyfops/context.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::packaging {

/// What the user's pip is set to, in the words of uv and of pip. Lives in memory only: what holds credentials
/// is Secret.
struct IndexSettings {
    struct Environment {
        std::map<std::string, std::string> plain;
        std::map<std::string, Secret> secret;
        void set(const std::string& name, const std::string& value);
        void add_to(std::map<std::string, std::string>& environment) const;
    };
    Environment uv, pip;
    bool no_index = false;
    std::vector<Secret> passwords; ///< known to redact()
};

/// The Python environment of pyfOps itself: pip and uv at pinned versions, below the cache directory. Made
/// once, on first use; safe among processes.
class PythonTools {
  public:
    explicit PythonTools(CachePaths cache) : cache_(std::move(cache)) {}

    /// Makes the environment when it is not there. Throws unavailable when the tools cannot be had.
    Task<std::filesystem::path> folder(StageContext& context);
    /// Runs uv, or pip's Python, with the user's index settings and nothing else of the environment.
    /// `local_wheels`: a folder to look into as well; may be empty.
    Task<ProcessResult> uv(std::vector<std::string> arguments, std::filesystem::path local_wheels,
                           std::filesystem::path directory, StageContext& context);
    Task<ProcessResult> pip(std::vector<std::string> arguments, std::filesystem::path directory,
                            StageContext& context);
    /// Asks index.py. Throws internal when it fails.
    Task<json::value> ask(json::object request, std::filesystem::path directory, StageContext& context);

  private:
    Task<void> install(std::filesystem::path folder, StageContext& context);
    Task<void> read_settings(StageContext& context);
    Task<ProcessResult> run_helper(json::object request, std::filesystem::path directory,
                                   std::map<std::string, std::string> environment, StageContext& context);
    std::map<std::string, std::string> pip_environment(const StageContext& context) const;

    CachePaths cache_;
    std::filesystem::path folder_;
    std::optional<IndexSettings> settings_;
};

} // namespace pyfops::packaging

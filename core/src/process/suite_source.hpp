// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/error.hpp"
#include "pyfops/process.hpp"
#include "pyfops/runtimes.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::process {

/// How a Debian suite becomes an archive of files here: from the mirror, through the proxy and with the
/// settings that this machine's apt has. None of that is kept: `work` is removed, and the files of apt are
/// not unpacked.
class SuiteSource {
  public:
    SuiteSource(const System& system, std::filesystem::path work);

    /// Reads apt's settings. Throws not_found when mmdebstrap is not installed.
    Task<void> ask_apt(StageContext& context);
    std::map<std::string, std::string> environment() const { return environment_; }
    std::vector<std::string> make_command(std::string_view suite, const std::filesystem::path& archive) const;
    std::vector<std::string> unpack_command(const std::filesystem::path& archive,
                                            const std::filesystem::path& into) const;

  private:
    Task<std::string> output_of(std::vector<std::string> command, StageContext& context) const;

    std::filesystem::path work_;
    std::map<std::string, std::string> environment_;
    std::string mirror_; ///< empty: mmdebstrap knows one
    std::vector<std::string> settings_;
};

/// What failed, in apt's own words.
Error why_not_made(const RuntimeSuite& suite, const ProcessResult& failed);

} // namespace pyfops::process

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::packaging {

/// One dependency that the user wrote.
struct Requirement {
    std::string name; ///< normalised
    std::string text; ///< "requests[socks]>=2 ; python_version > '3'"
    std::string file; ///< label of the file it stands in
    std::size_t line = 0;

    /// "requirements.txt:3: requests>=2"
    std::string place() const;
};

/// A requirements file with everything that it includes.
struct Requirements {
    std::vector<Requirement> all;
    std::string hash; ///< SHA-256 (hex) of what counts in it: comments, blank lines and line ends do not
    /// The first requirement of that name, or nullptr.
    const Requirement* find(std::string_view normalised_name) const;
};

/// Reads and checks. What cannot go into a package reproducibly (editable, paths, version control, direct
/// links) is refused with file and line. Throws Error(invalid_input). Blocking.
Requirements read_requirements(const std::filesystem::path& file, const std::string& label);

/// The same with further requirements behind those of the file, which may be empty (no file). A provider's
/// are told apart in messages by the label.
Requirements read_requirements(const std::filesystem::path& file, const std::string& label,
                               const std::vector<std::string>& extra);

} // namespace pyfops::packaging

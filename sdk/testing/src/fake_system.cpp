// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_system.hpp"

#include "pyfops/error.hpp"

namespace pyfops::testing {

std::optional<std::string> FakeSystem::variable(std::string_view name) const {
    const auto found = environment.find(std::string(name));
    if (found == environment.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string> FakeSystem::read_file(const std::filesystem::path& path,
                                                 std::size_t max_bytes) const {
    const auto found = files.find(path);
    if (found == files.end()) return std::nullopt;
    if (found->second.size() > max_bytes)
        throw Error(ErrorKind::invalid_input, path.string() + " is larger than expected");
    return found->second;
}

} // namespace pyfops::testing

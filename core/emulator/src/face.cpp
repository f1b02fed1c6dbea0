// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/face.hpp"

namespace pyfops {

EmulatorFace::~EmulatorFace() = default;
std::string EmulatorFace::client_settings() const {
    return {};
}
std::vector<std::string> EmulatorFace::domains() const {
    return {};
}
InstancePool::~InstancePool() = default;

} // namespace pyfops

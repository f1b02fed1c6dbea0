// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/face.hpp"

namespace pyfops {

EmulatorFace::~EmulatorFace() = default;
InstancePool::~InstancePool() = default;

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace pyfops::ibm_emulator {

/// A zip of files as they are, for what came to the emulator in another form: the instance pool takes zips.
std::string stored_zip(const std::map<std::string, std::string>& files);

} // namespace pyfops::ibm_emulator

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <string>
#include <vector>

namespace pyfops::ibm {

/// IBM Cloud Code Engine: what the provider says of itself.
const ProviderInfo& catalog();
/// Apache OpenWhisk as it comes; regions are whatever a project calls them.
const ProviderInfo& openwhisk_catalog();
/// The one of the two that `api` chooses.
const ProviderInfo& offer(const json::object& settings);

std::vector<RegionInfo> regions();
std::vector<SettingInfo> setting_infos();
std::vector<std::string> credential_sources();

/// Code Engine ties processor and memory together: there are three pairs.
struct Size {
    int memory_mb;
    const char* cpu;    ///< scale_cpu_limit
    const char* memory; ///< scale_memory_limit
};
const std::vector<Size>& sizes();
/// Throws invalid_input for a memory size that is not offered.
const Size& size_of(int memory_mb);
/// MB of a quantity as Code Engine writes it ("4G", "512M", "0.5G"); 0 for what cannot be read.
int megabytes(const std::string& quantity);

/// What Code Engine takes as source text in a request, base64 included. Its documentation says 100 KB; the
/// smaller reading is kept.
inline constexpr std::size_t inline_bytes = 100'000;

} // namespace pyfops::ibm

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/plugin.hpp"
#include "provider.hpp"
#include "pyfops/version.hpp"

PYFOPS_PLUGIN(pyfops::azure::AzureProvider, "azure", PYFOPS_VERSION)

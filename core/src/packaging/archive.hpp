// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

namespace pyfops::packaging {

/// The archive of code and dependencies. Blocking. Throws conflict and limit_exceeded as
/// PackageBuilder::build.
Package build_archive(const BuildRequest& request);

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pyfops::cli {

class Session;

/// `pyfops emulate --runtimes`: makes the interpreters of these versions ("3.13,3.9"; empty: every one) and
/// shows them.
int run_runtimes(Session& session, const std::string& versions);

} // namespace pyfops::cli

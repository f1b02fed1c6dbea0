// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pyfops::afcl {

/// Providers have three spellings: the database and the scheduler write "Google" and "Microsoft", the engine
/// writes "GOOGLE" and "AZURE", and ours are "google" and "azure". Each of these takes any of them; of a
/// provider that AFCL does not know the name stays as it is.
std::string database_name(std::string_view provider);
std::string engine_name(std::string_view provider);
/// In the `deployment` field of a workflow, which the engine reads without case: "Google", "Azure".
std::string workflow_name(std::string_view provider);
/// Lower case.
std::string provider_id(std::string_view provider);
bool known_provider(std::string_view provider);

} // namespace pyfops::afcl

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::cli {

/// The start of a result document: {"schema": "pyfops.<name>/1"}. The schemas are documented in docs/cli.md;
/// a member is never removed or renamed under one number.
json::object document(std::string_view name);

/// An error with its places, the provider's words and the hint on lines of their own.
std::string render(const Error& error, bool colour);
/// {"kind", "message", "where", "hint", "provider"}; absent parts are null or empty.
json::object to_json(const Error& error);
json::value to_json(const std::optional<Error>& error);

/// All findings and a closing count; "" when there are none.
std::string render(const std::vector<Finding>& findings, bool colour);
json::array to_json(const std::vector<Finding>& findings);

/// {"function", "provider", "region", "realm", "slot"}
json::object to_json(const FdIdentity& identity);
/// One line: what pretty_json writes, in the same spelling and order, without its white space.
std::string compact_json(const json::value& value);
json::array strings(const std::vector<std::string>& values);
/// "python3.11" of "3.11.2": the minor version.
std::string minor_version(std::string_view version);

/// "aws/eu-central-1", and "[256]" where the memory was listed.
std::string place_of(const FdIdentity& identity);

/// Failures with the names of what failed; one that several share is told once, without the part that differs
/// ("deploying 'a' on ...").
std::string render_failures(const std::vector<std::pair<std::string, Error>>& named, bool colour);

/// One "note:" line for each different text, with how many deployments it concerns when it is several.
std::string render_notices(const std::vector<std::pair<std::string, std::string>>& named, bool colour);

} // namespace pyfops::cli

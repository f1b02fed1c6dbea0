// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <string>
#include <string_view>

namespace pyfops {

/// Whether what is called so is better not shown: "X-Amz-Security-Token", "client_secret", "AccessKeyId".
PYFOPS_EXPORT bool sensitive_name(std::string_view name);

/// redact(), "***" for the whole text when a secret is in it percent- or base64-encoded, and for the values
/// of telling names inside it ("...?sig=...", "AccountKey=...").
PYFOPS_EXPORT std::string scrub(std::string_view text);

/// "a=1&b=2" with the values of sensitive names and known secrets replaced.
PYFOPS_EXPORT std::string scrub_query(std::string_view query);

/// A JSON, XML, form or other text body.
PYFOPS_EXPORT std::string scrub_body(std::string_view body, std::string_view content_type);

} // namespace pyfops

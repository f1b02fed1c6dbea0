// SPDX-License-Identifier: Apache-2.0
// Microsoft.Storage, as far as function apps need it, and blobs by shared access signature. No I/O.
#pragma once

#include "api_call.hpp"
#include "marks.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"

#include <string>

namespace pyfops::azure::storage {

/// `group` is a path, as resources::group_path gives it.
ApiCall get_account(const std::string& group, const std::string& name);
/// Empty: Azure says nothing of it.
std::string provisioning_state(const json::value& account);
ApiCall put_account(const std::string& group, const std::string& name, const std::string& region,
                    const Tags& tags);
ApiCall delete_account(const std::string& group, const std::string& name);
ApiCall list_keys(const std::string& group, const std::string& name);
/// Throws unavailable when the answer holds none.
Secret read_key(const json::value& answer);
ApiCall get_container(const std::string& group, const std::string& account, const std::string& container);
ApiCall put_container(const std::string& group, const std::string& account, const std::string& container);
ApiCall delete_container(const std::string& group, const std::string& account, const std::string& container);

/// What an app needs to reach its account.
Secret connection_string(const std::string& account, const Secret& key, const std::string& suffix);
std::string blob_host(const std::string& account, const std::string& suffix);
/// "/container/blob?sv=..." with the right to do `permissions` ("r", "cw", "d") until `expires`.
std::string signed_target(const std::string& account, const Secret& key, const std::string& container,
                          const std::string& blob, const std::string& permissions, SystemTime expires);
ApiCall put_blob(const std::string& host, const std::string& target, Bytes content);
ApiCall delete_blob(const std::string& host, const std::string& target);

} // namespace pyfops::azure::storage

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

namespace pyfops::store {

/// As pyfops::open_store.
PYFOPS_EXPORT std::unique_ptr<Store> open(const DatabaseUrl& url, Log& log, SessionOptions options);

} // namespace pyfops::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/session.hpp"

namespace pyfops::store {

/// As pyfops::open_store; `hook` is called before each statement of the store.
PYFOPS_EXPORT std::unique_ptr<Store> open(const DatabaseUrl& url, Log& log, StatementHook hook);

} // namespace pyfops::store

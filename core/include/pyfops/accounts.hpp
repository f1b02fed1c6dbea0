// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/error.hpp"
#include "pyfops/export.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// Whose account a provider's credentials lead to. The pointers must outlive the task.
struct AccountQuestion {
    Provider* provider = nullptr;
    const json::object* settings = nullptr; ///< `providers.<id>` of the project
    std::string region;
};

/// One of the two.
struct AccountAnswer {
    std::optional<Account> account;
    std::optional<Error> failure; ///< unauthenticated: no credentials were found; the hint says where
};

/// Asks all at once; the answers are in the questions' order.
PYFOPS_EXPORT Task<std::vector<AccountAnswer>>
find_accounts(Host& host, std::vector<AccountQuestion> questions, Deadline deadline);

} // namespace pyfops

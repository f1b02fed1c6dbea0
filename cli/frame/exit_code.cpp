// SPDX-License-Identifier: Apache-2.0
#include "frame/exit_code.hpp"

#include <algorithm>

namespace pyfops::cli {

int exit_code(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::invalid_input:
    case ErrorKind::not_found:
    case ErrorKind::plugin:
        return wrong_usage;
    case ErrorKind::unauthenticated:
    case ErrorKind::forbidden:
        return no_credentials;
    case ErrorKind::storage:
        return database_failed;
    case ErrorKind::cancelled:
        return interrupted;
    case ErrorKind::conflict:
    case ErrorKind::limit_exceeded:
    case ErrorKind::throttled:
    case ErrorKind::unavailable:
    case ErrorKind::timeout:
    case ErrorKind::function_failed:
    case ErrorKind::internal:
        return something_failed;
    }
    return something_failed;
}

int exit_code(const std::vector<ErrorKind>& failures, std::size_t succeeded) noexcept {
    if (failures.empty()) return all_well;
    const auto is = [](int code) { return [code](ErrorKind kind) { return exit_code(kind) == code; }; };
    if (std::any_of(failures.begin(), failures.end(), is(interrupted))) return interrupted;
    if (std::any_of(failures.begin(), failures.end(), is(database_failed))) return database_failed;
    if (succeeded == 0 && std::all_of(failures.begin(), failures.end(), is(no_credentials)))
        return no_credentials;
    return something_failed;
}

} // namespace pyfops::cli

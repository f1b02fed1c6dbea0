// SPDX-License-Identifier: Apache-2.0
// The words in which checks are written.
#pragma once

#include "pyfops/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops::conformance {

/// A demand that is not met.
struct Unmet {
    std::string reason;
};

[[noreturn]] void unmet(std::string reason);
void require(bool holds, const std::string& otherwise);
/// The failure of a call; none: it went well.
template <class Call>
std::optional<Error> failure_of(Call&& call) {
    try {
        call();
    } catch (const Error& failure) {
        return failure;
    }
    return std::nullopt;
}

/// That a call failed in that way, with words of its own.
void require_failure(const std::optional<Error>& failure, ErrorKind kind, const std::string& of);
/// That a failure, if there was one, is what an unlucky network does and no defect of the plugin.
void require_orderly(const std::optional<Error>& failure, const std::string& of);
void require_equal(const std::vector<std::string>& found, const std::vector<std::string>& wanted,
                   const std::string& of);
std::string joined(const std::vector<std::string>& words);

} // namespace pyfops::conformance

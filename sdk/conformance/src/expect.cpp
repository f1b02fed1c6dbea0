// SPDX-License-Identifier: Apache-2.0
#include "expect.hpp"

namespace pyfops::conformance {

void unmet(std::string reason) {
    throw Unmet{std::move(reason)};
}

void require(bool holds, const std::string& otherwise) {
    if (!holds) unmet(otherwise);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text.empty() ? "nothing" : text;
}

void require_failure(const std::optional<Error>& failure, ErrorKind kind, const std::string& of) {
    const std::string wanted(to_string(kind));
    if (!failure) unmet(of + " goes well and should fail as '" + wanted + "'");
    if (failure->kind() != kind)
        unmet(of + " fails as '" + std::string(to_string(failure->kind())) + "', not '" + wanted +
              "': " + failure->what());
    require(!failure->message().empty(), of + " fails without a message");
}

void require_orderly(const std::optional<Error>& failure, const std::string& of) {
    if (!failure) return;
    const ErrorKind kind = failure->kind();
    if (kind != ErrorKind::unavailable && kind != ErrorKind::timeout)
        unmet(of + " fails as '" + std::string(to_string(kind)) + "': " + failure->what());
}

void require_equal(const std::vector<std::string>& found, const std::vector<std::string>& wanted,
                   const std::string& of) {
    if (found != wanted) unmet(of + ": " + joined(found) + "; wanted: " + joined(wanted));
}

} // namespace pyfops::conformance

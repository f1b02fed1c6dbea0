// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"

#include <string>
#include <vector>

namespace pyfops::aws_emulator {

/// What is wrong with a request, collected; told in one ValidationException as the service does.
class Violations {
  public:
    void add(std::string_view value, std::string_view member, std::string_view constraint);
    /// Adds one when `value` does not wholly match.
    void pattern(const std::string& value, std::string_view member, std::string_view shown,
                 const std::string& expression);
    void check() const; ///< throws when there is any

  private:
    std::vector<std::string> found_;
};

/// Checks the members of a CreateFunction or UpdateFunctionConfiguration request and copies them, with the
/// defaults of `create`, into the configuration that is stored. Throws ApiError.
void apply_configuration(const json::object& body, json::object& configuration, bool create);
/// At most 50, none empty.
void check_tags(const json::object& tags);

[[noreturn]] void invalid_parameter(const std::string& message);

} // namespace pyfops::aws_emulator

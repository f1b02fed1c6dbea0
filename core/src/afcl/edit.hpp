// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "afcl/workflow.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::afcl {

/// Bytes of a text that become others.
struct Edit {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string text;
};

std::string with_edits(const std::string& text, std::vector<Edit> edits);

/// A place that cannot be edited, and why.
struct Refusal {
    config::Span place;
    std::string what;
    std::string hint;
};

/// The value of the property `resource`, "" when it is empty; nullopt when the function has none.
std::optional<std::string> resource_of(const WorkflowFunction& function);
/// "python:" of "python:arn:..."; "" when there is none.
std::string language_prefix(std::string_view resource);

/// The edits that give a function this resource and deployment; what is right already needs none. Throws
/// Refusal.
std::vector<Edit> edits_for(const Workflow& workflow, const WorkflowFunction& function,
                            const std::string& resource, const std::string& deployment);

} // namespace pyfops::afcl

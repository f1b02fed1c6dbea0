// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/source_text.hpp"
#include "config/yaml_node.hpp"

#include "pyfops/diagnostics.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pyfops::afcl {

/// `function:` somewhere in a workflow.
struct WorkflowFunction {
    const config::YamlNode* members = nullptr;
    bool shared = false; ///< it stands inside something that an alias repeats
};

/// A workflow and where everything in it was written.
class Workflow {
  public:
    /// What cannot be read, is no workflow, or is written twice is a finding.
    Workflow(std::string text, const std::string& label, Diagnostics& diagnostics);

    bool readable() const noexcept { return root_ != nullptr; }
    const config::SourceText& source() const noexcept { return source_; }
    const config::YamlNode& root() const noexcept { return *root_; }
    /// In the order of the text.
    const std::vector<WorkflowFunction>& functions() const noexcept { return functions_; }
    /// Whether an alias names that value somewhere.
    bool repeated(const config::YamlNode& node) const { return repeated_.contains(&node); }

  private:
    void find_repeated(const config::YamlNode& node, std::set<const config::YamlNode*>& seen);
    void find_functions(const config::YamlNode& node, bool shared, std::set<const config::YamlNode*>& seen);

    config::SourceText source_;
    std::shared_ptr<config::YamlNode> root_;
    std::vector<WorkflowFunction> functions_;
    std::set<const config::YamlNode*> repeated_;
};

/// nullptr when a mapping has no such member.
const config::YamlNode::Member* member_of(const config::YamlNode& mapping, std::string_view name);

} // namespace pyfops::afcl

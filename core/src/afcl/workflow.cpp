// SPDX-License-Identifier: Apache-2.0
#include "afcl/workflow.hpp"

#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <utility>

namespace pyfops::afcl {
namespace {

using config::YamlNode;

// Workflows nest: each construct takes three or four levels.
constexpr config::YamlLimits limits{.max_bytes = 4u << 20, .max_depth = 250, .max_nodes = 400'000};

/// The reader's advice is about project files.
Finding about_workflow(Finding finding) {
    if (finding.code == "empty-file") finding.hint = "name the file of a workflow";
    if (finding.code == "multiple-documents") finding.hint = "write one workflow into a file";
    if (finding.code == "too-large") finding.hint = "split the workflow";
    return finding;
}

bool good_text(const config::SourceText& source, Diagnostics& diagnostics) {
    const std::string& text = source.text();
    if (text.size() > limits.max_bytes) {
        diagnostics.error("too-large", fmt::format("the file is larger than {} KB", limits.max_bytes >> 10),
                          "split the workflow", {source.label()});
    } else if (const auto bad = first_invalid_utf8(text)) {
        diagnostics.error(
            "invalid-utf8",
            fmt::format("the byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(text[*bad])),
            "save the file as UTF-8", source.position({*bad}));
    } else if (const auto control = config::first_unprintable(text)) {
        diagnostics.error("invalid-character", "a control character stands here",
                          "remove it, or write it as an escape in double quotes",
                          source.position({*control}));
    } else {
        return true;
    }
    return false;
}

} // namespace

const YamlNode::Member* member_of(const YamlNode& mapping, std::string_view name) {
    for (const YamlNode::Member& member : mapping.members)
        if (!member.merge && member.name == name) return &member;
    return nullptr;
}

Workflow::Workflow(std::string text, const std::string& label, Diagnostics& diagnostics)
    : source_(std::move(text), label) {
    if (!good_text(source_, diagnostics)) return;
    Diagnostics found;
    const config::YamlTree tree = config::read_yaml(source_, found, limits);
    // For what only shows when aliases are written out: duplicate keys, and too many values.
    if (tree.root && tree.complete) config::to_json(*tree.root, source_, found, limits);
    for (const Finding& finding : found.findings())
        diagnostics.add(about_workflow(finding));
    if (!tree.root || !tree.complete || found.has_errors()) return;
    if (tree.root->kind != YamlNode::Kind::mapping || !member_of(*tree.root, "workflowBody")) {
        diagnostics.error("no-workflow", "this is no AFCL workflow: there is no 'workflowBody' in it",
                          "name the file of a workflow", {source_.label()});
        return;
    }
    root_ = tree.root;
    std::set<const YamlNode*> seen;
    find_repeated(*root_, seen);
    seen.clear();
    find_functions(*root_, false, seen);
}

void Workflow::find_repeated(const YamlNode& node, std::set<const YamlNode*>& seen) {
    if (!seen.insert(&node).second) {
        repeated_.insert(&node);
        return;
    }
    for (const auto& item : node.items)
        find_repeated(*item, seen);
    for (const YamlNode::Member& member : node.members)
        find_repeated(*member.value, seen);
}

void Workflow::find_functions(const YamlNode& node, bool shared, std::set<const YamlNode*>& seen) {
    if (!seen.insert(&node).second) return;
    shared = shared || repeated(node);
    for (const auto& item : node.items) {
        const YamlNode::Member* function = member_of(*item, "function");
        // Data of a workflow may have a member of that name; a construct stands in a list.
        if (function && function->value->kind == YamlNode::Kind::mapping) {
            if (seen.insert(function->value.get()).second)
                functions_.push_back(
                    {function->value.get(), shared || repeated(*item) || repeated(*function->value)});
        } else {
            find_functions(*item, shared, seen);
        }
    }
    for (const YamlNode::Member& member : node.members)
        find_functions(*member.value, shared, seen);
}

} // namespace pyfops::afcl

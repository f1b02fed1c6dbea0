// SPDX-License-Identifier: Apache-2.0
#include "afcl/choose.hpp"
#include "afcl/edit.hpp"
#include "afcl/workflow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pyfops {

using afcl::Candidate;
using afcl::Workflow;
using afcl::WorkflowFunction;
using config::YamlNode;

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view built_in = "build-in:"; // so spelled there: the engine's own functions
constexpr std::size_t longest_link = 255;

class Binder {
  public:
    Binder(const Workflow& workflow, const AfclTables& tables, const BindingChoice& choice,
           Diagnostics& diagnostics)
        : workflow_(workflow),
          all_(afcl::candidates(tables)),
          choice_(choice),
          diagnostics_(diagnostics) {}

    std::vector<Binding> bindings;
    std::vector<afcl::Edit> edits;

    void run() {
        find_prefix();
        for (const WorkflowFunction& function : workflow_.functions())
            try {
                bind(function);
            } catch (const afcl::Refusal& refusal) {
                refuse(refusal);
            }
        if (workflow_.functions().empty())
            diagnostics_.warning("no-functions", "there is no function in this workflow", {},
                                 {workflow_.source().label()});
    }

  private:
    void refuse(const afcl::Refusal& refusal) {
        diagnostics_.error("not-editable", refusal.what, refusal.hint,
                           workflow_.source().position(refusal.place));
    }

    /// A workflow that names the language of its functions gets it with new links too: ours are Python.
    void find_prefix() {
        for (const WorkflowFunction& function : workflow_.functions())
            try {
                if (!afcl::language_prefix(afcl::resource_of(function).value_or("")).empty())
                    prefix_ = "python:";
            } catch (const afcl::Refusal&) { // told when it is bound
            }
    }

    static std::string text_of(const YamlNode& function, std::string_view name) {
        const YamlNode::Member* member = afcl::member_of(function, name);
        return member ? member->value->text : std::string();
    }

    void bind(const WorkflowFunction& function) {
        const YamlNode& members = *function.members;
        const YamlNode::Member* type = afcl::member_of(members, "type");
        if (!type || type->value->text.empty()) {
            const bool merged = std::any_of(members.members.begin(), members.members.end(),
                                            [](const YamlNode::Member& member) { return member.merge; });
            if (merged)
                return refuse({members.span, "members of this function come from elsewhere ('<<')",
                               "write them out in the function"});
            diagnostics_.error("no-type", "this function has no type", "add 'type:' to it",
                               workflow_.source().position(type ? type->key : members.span));
            return;
        }
        const std::string name = type->value->text;
        if (name.starts_with(built_in)) return;
        const SourcePosition position = workflow_.source().position(type->value->span);
        const afcl::Choice chosen = afcl::choose(all_, name, choice_);
        if (!chosen.candidate) {
            const bool tolerated = chosen.absent && choice_.partial;
            diagnostics_.add({tolerated ? Severity::warning : Severity::error,
                              chosen.code,
                              chosen.problem,
                              tolerated ? std::string() : chosen.hint,
                              {},
                              position});
            return;
        }
        const Candidate& candidate = *chosen.candidate;
        if (candidate.link.size() > longest_link ||
            std::any_of(candidate.link.begin(), candidate.link.end(),
                        [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
            diagnostics_.error("bad-link",
                               fmt::format("the recorded link of '{}' is no link", candidate.name),
                               "correct KMS_Arn of that row", position);
            return;
        }
        Binding binding;
        binding.function = text_of(members, "name");
        binding.type = name;
        binding.position = position;
        binding.name = candidate.name;
        binding.provider = candidate.provider;
        binding.region = candidate.region;
        binding.memory_mb = candidate.memory_mb;
        binding.old_resource = afcl::resource_of(function);
        binding.resource = (binding.old_resource && !binding.old_resource->empty()
                                ? afcl::language_prefix(*binding.old_resource)
                                : prefix_) +
                           candidate.link;
        if (afcl::member_of(members, "deployment")) binding.old_deployment = text_of(members, "deployment");
        binding.deployment = candidate.deployment();
        for (afcl::Edit& edit : afcl::edits_for(workflow_, function, binding.resource, binding.deployment))
            edits.push_back(std::move(edit));
        bindings.push_back(std::move(binding));
    }

    const Workflow& workflow_;
    const std::vector<Candidate> all_;
    const BindingChoice& choice_;
    Diagnostics& diagnostics_;
    std::string prefix_;
};

} // namespace

BoundWorkflow bind_workflow(const std::string& text, const std::string& label, const AfclTables& tables,
                            const BindingChoice& choice, Diagnostics& diagnostics) {
    BoundWorkflow result{text, {}};
    const bool marked = text.starts_with(byte_order_mark);
    const Workflow workflow(marked ? text.substr(byte_order_mark.size()) : text, label, diagnostics);
    if (!workflow.readable()) return result;
    Binder binder(workflow, tables, choice, diagnostics);
    binder.run();
    result.bindings = std::move(binder.bindings);
    if (diagnostics.has_errors()) return result;
    result.text = (marked ? std::string(byte_order_mark) : std::string()) +
                  afcl::with_edits(workflow.source().text(), std::move(binder.edits));
    return result;
}

} // namespace pyfops

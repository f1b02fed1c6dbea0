// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.hpp"
#include "config/yaml_node.hpp"
#include "pyfops/secret.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace pyfops::config {
namespace {

/// Ends the reading; the finding has been made.
struct Stop {};

/// Makes JSON out of the tree, aliases and merge keys expanded.
class Converter {
  public:
    Converter(const SourceText& source, Diagnostics& diagnostics, const YamlLimits& limits)
        : source_(source),
          diagnostics_(diagnostics),
          limits_(limits) {}

    json::value convert(const YamlNode& node) {
        count(node, node.text.size());
        switch (node.kind) {
        case YamlNode::Kind::null:
            return nullptr;
        case YamlNode::Kind::scalar:
            return scalar(node);
        case YamlNode::Kind::sequence: {
            check_tag(node, "tag:yaml.org,2002:seq");
            json::array array;
            for (const auto& item : node.items)
                array.push_back(convert(*item));
            return array;
        }
        case YamlNode::Kind::mapping:
            break;
        }
        check_tag(node, "tag:yaml.org,2002:map");
        json::object object;
        std::map<std::string_view, Span> seen;
        for (const YamlNode::Member& member : node.members) {
            count(node, member.name.size());
            const auto [first, fresh] = seen.emplace(member.name, member.key);
            if (!fresh) {
                add(member.key, "duplicate-key", fmt::format("'{}' is written twice", shortened(member.name)),
                    fmt::format("the first is in line {}", source_.position(first->second).line));
            } else if (!member.merge) {
                object.emplace(member.name, convert(*member.value));
            }
        }
        for (const YamlNode::Member& member : node.members)
            if (member.merge) merge(object, member);
        return object;
    }

  private:
    static std::string shortened(std::string_view text) { return excerpt(text, 60); }

    void add(Span span, std::string code, std::string summary, std::string hint) {
        if (++findings_ > limits_.max_findings) throw Stop{};
        diagnostics_.error(std::move(code), std::move(summary), std::move(hint), source_.position(span));
    }

    void count(const YamlNode& node, std::size_t text) {
        text_ += text;
        if (++nodes_ <= limits_.max_nodes && text_ <= limits_.max_text) return;
        add(node.span, "too-large",
            fmt::format("more than {} values once the aliases are written out", limits_.max_nodes),
            "remove aliases that multiply each other");
        throw Stop{};
    }

    void merge(json::object& object, const YamlNode::Member& member) {
        std::vector<const YamlNode*> sources;
        if (member.value->kind == YamlNode::Kind::sequence) {
            for (const auto& item : member.value->items)
                sources.push_back(item.get());
        } else {
            sources.push_back(member.value.get());
        }
        for (const YamlNode* source : sources) {
            if (source->kind != YamlNode::Kind::mapping) {
                add(member.key, "bad-merge", "'<<' takes a mapping or a list of mappings",
                    "name one with '<<: *anchor', or put the key into quotes");
                return;
            }
            json::value merged = convert(*source);
            for (auto& entry : merged.as_object())
                object.emplace(entry.key(), std::move(entry.value()));
        }
    }

    void check_tag(const YamlNode& node, std::string_view own) {
        if (node.tag != "?" && node.tag != "!" && node.tag != own) unknown_tag(node);
    }

    void unknown_tag(const YamlNode& node) {
        add(node.span, "unknown-tag", fmt::format("the tag '{}' is not understood here", shortened(node.tag)),
            "remove the tag");
    }

    json::value scalar(const YamlNode& node) {
        if (node.tag == "!" || node.tag == "tag:yaml.org,2002:str") return json::string(node.text);
        Scalar resolved = resolve_plain(node.text);
        if (!resolved.code.empty()) {
            add(node.span, resolved.code, resolved.problem, "put it into quotes if it is meant as text");
            return nullptr;
        }
        const json::value& value = resolved.value;
        if (node.tag == "?" ||
            (node.tag == "tag:yaml.org,2002:int" && (value.is_int64() || value.is_uint64())) ||
            (node.tag == "tag:yaml.org,2002:float" && value.is_number()) ||
            (node.tag == "tag:yaml.org,2002:bool" && value.is_bool()) ||
            (node.tag == "tag:yaml.org,2002:null" && value.is_null()))
            return std::move(resolved.value);
        unknown_tag(node);
        return nullptr;
    }

    const SourceText& source_;
    Diagnostics& diagnostics_;
    const YamlLimits& limits_;
    std::size_t nodes_ = 0;
    std::size_t text_ = 0;
    std::size_t findings_ = 0;
};

} // namespace

std::optional<json::value> to_json(const YamlNode& root, const SourceText& source, Diagnostics& diagnostics,
                                   const YamlLimits& limits) {
    try {
        return Converter(source, diagnostics, limits).convert(root);
    } catch (const Stop&) {
        return std::nullopt;
    }
}

} // namespace pyfops::config

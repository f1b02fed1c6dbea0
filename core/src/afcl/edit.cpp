// SPDX-License-Identifier: Apache-2.0
#include "afcl/edit.hpp"

#include "afcl/scalar_text.hpp"

#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace pyfops::afcl {
namespace {

using config::Span;
using config::YamlNode;
using Member = YamlNode::Member;

constexpr std::string_view blanks = " \t";
constexpr std::string_view white = " \t\r\n";

const YamlNode* resource_item(const YamlNode& properties) {
    const YamlNode* found = nullptr;
    for (const auto& item : properties.items) {
        const Member* name = member_of(*item, "name");
        if (!name || name->value->text != "resource") continue;
        if (found) throw Refusal{name->key, "the property 'resource' is written twice", "remove one of them"};
        found = item.get();
    }
    return found;
}

class Editor {
  public:
    Editor(const Workflow& workflow, const YamlNode& function)
        : workflow_(workflow),
          text_(workflow.source().text()),
          function_(function),
          type_(*member_of(function, "type")) {
        const std::size_t end = text_.find('\n');
        line_end_ = end != std::string::npos && end > 0 && text_[end - 1] == '\r' ? "\r\n" : "\n";
    }

    std::vector<Edit> make(const std::string& resource, const std::string& deployment) {
        std::vector<std::pair<std::string, std::string>> missing; // key and value, as blocks or in brackets
        if (const Member* field = member_of(function_, "deployment")) {
            replace(function_, *field, deployment);
        } else {
            missing.emplace_back("deployment", deployment);
        }
        if (const Member* properties = member_of(function_, "properties")) {
            set_property(*properties, resource);
        } else {
            missing.emplace_back("properties", resource);
        }
        if (!missing.empty()) add_members(missing);
        return std::move(edits_);
    }

  private:
    // ---- looking ----

    std::size_t line_begin(std::size_t at) const {
        const auto end = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
        return end == std::string::npos ? 0 : end + 1;
    }
    /// Only blanks stand before it on its line.
    bool begins_line(std::size_t at) const {
        const std::size_t begin = line_begin(at);
        return text_.find_first_not_of(blanks, begin) >= at;
    }
    std::size_t end_of_key(const Member& member) const {
        const char first = text_[member.key.offset];
        return first == '"' || first == '\'' ? end_of_quoted(text_, member.key.offset)
                                             : member.key.offset + member.name.size();
    }
    std::string key_text(const Member& member) const {
        return text_.substr(member.key.offset, end_of_key(member) - member.key.offset);
    }
    /// Behind the colon.
    std::size_t after_colon(const Member& member) const {
        const std::size_t colon = text_.find_first_not_of(white, end_of_key(member));
        if (colon == std::string::npos || text_[colon] != ':')
            throw Refusal{member.key, "this key and its value are not written as 'key: value'",
                          "write them on one line"};
        return colon + 1;
    }
    char quote_of(const YamlNode& scalar) const {
        const char first = scalar.kind == YamlNode::Kind::scalar ? text_[scalar.span.offset] : '"';
        return first == '"' || first == '\'' ? first : '\0';
    }
    /// What stands between a key and its value: ": ", or ":" where nothing is wasted.
    std::string colon_of(const Member& member) const {
        const std::size_t begin = after_colon(member);
        return begin < text_.size() && white.find(text_[begin]) == std::string_view::npos ? ":" : ": ";
    }
    /// The white space before a place, back to the bracket, comma or comment before it.
    std::string space_before(std::size_t at) const {
        std::size_t begin = at;
        while (begin > 0 && white.find(text_[begin - 1]) != std::string_view::npos)
            --begin;
        // The end of a comment's line belongs to the comment.
        const std::string space = text_.substr(begin, at - begin);
        const auto last = space.rfind('\n');
        return last == std::string::npos ? space : line_end_ + space.substr(last + 1);
    }
    void refuse_repeated(const YamlNode& node, const Span& place) const {
        if (workflow_.repeated(node))
            throw Refusal{place,
                          "an alias (*name) repeats this, so that a change here would change it elsewhere",
                          "write it out where the alias stands"};
    }

    /// Where a scalar ends; its text must be one that can be cut out.
    std::size_t end_of_scalar(const YamlNode& scalar) const {
        const std::size_t begin = scalar.span.offset;
        switch (text_[begin]) {
        case '"':
        case '\'':
            return end_of_quoted(text_, begin);
        case '|':
        case '>':
            throw Refusal{scalar.span, "this value is written as a block", "write it on one line, in quotes"};
        case '&':
        case '*':
        case '!':
            throw Refusal{scalar.span, "an anchor, an alias or a tag stands here",
                          "write the value without it"};
        default:
            if (std::string_view(text_).substr(begin, scalar.text.size()) == scalar.text)
                return begin + scalar.text.size();
            throw Refusal{scalar.span, "this value is written over several lines", "write it on one line"};
        }
    }

    // ---- changing ----

    void replace(const YamlNode& mapping, const Member& member, const std::string& value) {
        const YamlNode& old = *member.value;
        refuse_repeated(old, member.key);
        if (old.kind == YamlNode::Kind::null) {
            std::size_t begin = after_colon(member);
            const std::size_t next = std::min(text_.find_first_not_of(blanks, begin), text_.size());
            std::size_t end = begin;
            if (next < text_.size() && std::string_view("&!*").find(text_[next]) != std::string_view::npos)
                throw Refusal{member.key, "an anchor, an alias or a tag stands here",
                              "write a value without it"};
            for (const std::string_view word : {"~", "null", "Null", "NULL"})
                if (std::string_view(text_).substr(next, word.size()) == word) end = next + word.size();
            edits_.push_back({begin, end - begin, " " + yaml_scalar(value, '"', mapping.flow)});
            return;
        }
        if (old.kind != YamlNode::Kind::scalar)
            throw Refusal{member.key, fmt::format("'{}' must be text", member.name), "write one text there"};
        const std::size_t end = end_of_scalar(old);
        if (old.text == value) return;
        edits_.push_back(
            {old.span.offset, end - old.span.offset, yaml_scalar(value, quote_of(old), mapping.flow)});
    }

    void set_property(const Member& properties, const std::string& resource) {
        const YamlNode& list = *properties.value;
        refuse_repeated(list, properties.key);
        if (list.kind == YamlNode::Kind::null) {
            const std::size_t begin = after_colon(properties);
            if (text_.find_first_not_of(blanks, begin) < text_.find_first_of("\r\n#", begin))
                throw Refusal{properties.key, "'properties' must be a list", "remove it, or write one"};
            edits_.push_back({begin, 0, " [" + in_brackets(nullptr, resource, "") + "]"});
            return;
        }
        if (list.kind != YamlNode::Kind::sequence)
            throw Refusal{properties.key, "'properties' must be a list", "write '- name: ...' below it"};
        if (const YamlNode* item = resource_item(list)) {
            refuse_repeated(*item, item->span);
            const Member* value = member_of(*item, "value");
            if (!value)
                throw Refusal{item->span, "the property 'resource' has no 'value'", "add 'value:' to it"};
            return replace(*item, *value, resource);
        }
        if (list.flow) {
            add_in_brackets(list, resource);
        } else {
            add_below(properties, list, resource);
        }
    }

    /// An item whose style a new one takes over.
    const YamlNode* model(const YamlNode& list) const {
        for (const auto& item : list.items)
            if (item->kind == YamlNode::Kind::mapping && member_of(*item, "name") &&
                member_of(*item, "value"))
                return item.get();
        return nullptr;
    }

    struct Parts {
        std::string name, value; ///< "name: \"resource\"", "value: \"arn:...\""
    };
    Parts parts(const YamlNode* like, const std::string& resource, bool brackets) const {
        const Member* name = like ? member_of(*like, "name") : nullptr;
        const Member* value = like ? member_of(*like, "value") : nullptr;
        const auto pair = [&](const Member* member, std::string_view key, const std::string& text) {
            if (!member) {
                const char quote = text_[type_.key.offset] == '"' ? '"' : '\0';
                return yaml_scalar_key(key, quote) + colon_of(type_) + yaml_scalar(text, '"', brackets);
            }
            // A plain "resource" is fine beside plain neighbours; yaml_scalar quotes bare words.
            const char quote = quote_of(*member->value);
            const std::string written =
                quote == 0 && text == "resource" ? text : yaml_scalar(text, quote, brackets);
            return key_text(*member) + colon_of(*member) + written;
        };
        return {pair(name, "name", "resource"), pair(value, "value", resource)};
    }
    static std::string yaml_scalar_key(std::string_view key, char quote) {
        return quote == 0 ? std::string(key) : quote + std::string(key) + quote;
    }

    /// {name: "resource", value: "..."}
    std::string in_brackets(const YamlNode* like, const std::string& resource,
                            const std::string& space) const {
        const Parts both = parts(like, resource, true);
        if (!like || !like->flow || like->members.size() < 2) {
            const std::string gap = colon_of(type_) == ":" ? "" : " ";
            return "{" + both.name + "," + (space.empty() ? gap : space) + both.value + "}";
        }
        const std::size_t first = like->members[0].key.offset, second = like->members[1].key.offset;
        const std::string opening = space_before(first), between = space_before(second);
        // As the first member begins a line, so the bracket that closes does.
        const bool lines = opening.find('\n') != std::string::npos;
        const std::string closing = lines ? space_before(like->begin) : opening;
        return "{" + opening + both.name + "," + between + both.value + closing + "}";
    }

    void add_in_brackets(const YamlNode& list, const std::string& resource) {
        if (text_[list.begin] != '[')
            throw Refusal{list.span, "an anchor or a tag stands before this list", "write it without"};
        if (list.items.empty()) {
            edits_.push_back({list.begin + 1, 0, in_brackets(nullptr, resource, "")});
            return;
        }
        const YamlNode& first = *list.items.front();
        const bool brackets = first.kind == YamlNode::Kind::mapping && first.flow;
        const std::size_t at = brackets ? first.begin : first.span.offset;
        std::string space = space_before(at);
        if (space.empty() && colon_of(type_) == ": ") space = " ";
        edits_.push_back({at, 0, in_brackets(model(list), resource, "") + "," + space});
    }

    /// As the first item, right below the key: what stands above the others may be about them.
    void add_below(const Member& properties, const YamlNode& list, const std::string& resource) {
        if (list.items.empty() || text_[list.begin] != '-' || !begins_line(list.begin))
            throw Refusal{properties.key, "this list cannot be added to",
                          "write its '- ' on lines of their own"};
        const std::string indent = text_.substr(line_begin(list.begin), list.begin - line_begin(list.begin));
        const std::size_t below = text_.find('\n', after_colon(properties));
        if (below == std::string::npos || below >= list.begin)
            throw Refusal{properties.key, "this list cannot be added to",
                          "write its '- ' on lines of their own"};
        const YamlNode* like = model(list);
        std::string gap = " ";
        if (like && !like->flow) {
            const std::size_t key = like->members.front().key.offset;
            const std::size_t dash = text_.rfind('-', key - 1);
            const std::string between = text_.substr(dash + 1, key - dash - 1);
            if (between.find_first_not_of(' ') == std::string::npos) gap = between;
        }
        const bool brackets = like && like->flow;
        const Parts both = parts(like, resource, brackets);
        const std::string item =
            brackets ? indent + "-" + gap + "{" + both.name + ", " + both.value + "}" + line_end_
                     : indent + "-" + gap + both.name + line_end_ + indent + " " +
                           std::string(gap.size(), ' ') + both.value + line_end_;
        edits_.push_back({below + 1, 0, item});
    }

    // ---- members that are missing: after the type ----

    void add_members(const std::vector<std::pair<std::string, std::string>>& missing) {
        refuse_repeated(*type_.value, type_.key);
        const std::size_t end = end_of_scalar(*type_.value);
        if (function_.flow) {
            add_members_in_brackets(missing, end);
        } else {
            add_members_below(missing, end);
        }
    }

    char key_quote() const {
        const char first = text_[type_.key.offset];
        return first == '"' || first == '\'' ? first : '\0';
    }

    /// How far the lists of this workflow are indented below their keys.
    std::string list_indent(const YamlNode& mapping) const {
        for (const Member& member : mapping.members) {
            const YamlNode& list = *member.value;
            if (list.kind != YamlNode::Kind::sequence || list.flow || list.items.empty()) continue;
            if (!begins_line(list.begin)) continue;
            const std::size_t dash = list.begin - line_begin(list.begin);
            const std::size_t key = member.key.offset - line_begin(member.key.offset);
            return dash > key ? std::string(dash - key, ' ') : std::string();
        }
        return &mapping == &workflow_.root() ? "  " : list_indent(workflow_.root());
    }

    void add_members_below(const std::vector<std::pair<std::string, std::string>>& missing, std::size_t end) {
        if (!begins_line(type_.key.offset))
            throw Refusal{type_.key, "this function cannot be added to",
                          "write its members on lines of their own"};
        const std::size_t begin = line_begin(type_.key.offset);
        const std::string indent = text_.substr(begin, type_.key.offset - begin);
        const char quote = quote_of(*type_.value);
        const char value_quote = quote == 0 ? '"' : quote;
        std::string added;
        for (const auto& [key, value] : missing) {
            added += indent + yaml_scalar_key(key, key_quote()) + ":";
            if (key == "deployment") {
                added += " " + yaml_scalar(value, quote, false) + line_end_;
                continue;
            }
            const std::string item = indent + list_indent(function_);
            added += line_end_ + item + "- " + yaml_scalar_key("name", key_quote()) + ": " +
                     yaml_scalar("resource", value_quote, false) + line_end_ + item + "  " +
                     yaml_scalar_key("value", key_quote()) + ": " + yaml_scalar(value, value_quote, false) +
                     line_end_;
        }
        const std::size_t next = text_.find('\n', end);
        if (next != std::string::npos) {
            edits_.push_back({next + 1, 0, added});
        } else { // the last line, without an end
            added.resize(added.size() - line_end_.size());
            edits_.push_back({text_.size(), 0, line_end_ + added});
        }
    }

    void add_members_in_brackets(const std::vector<std::pair<std::string, std::string>>& missing,
                                 std::size_t end) {
        const Member& last = function_.members.back();
        const Member& other =
            &type_ == &function_.members.front() && &type_ != &last ? function_.members[1] : type_;
        const bool tight = colon_of(type_) == ":";
        std::string space = space_before(other.key.offset);
        if (space.empty() && !tight) space = " ";
        const std::string colon = tight ? ":" : ": ";
        const auto key = [&](std::string_view name) { return yaml_scalar_key(name, key_quote()) + colon; };
        const auto quoted = [](const std::string& value) { return yaml_scalar(value, '"', true); };
        // One level deeper than the members, by as much as these are deeper than their bracket.
        const auto line = space.rfind('\n');
        std::string deeper;
        if (line != std::string::npos) {
            const std::string indent = space.substr(line + 1);
            const std::size_t bracket_line = line_begin(function_.begin);
            const std::size_t outer = text_.find_first_not_of(blanks, bracket_line) - bracket_line;
            deeper = indent.substr(0, indent.size() > outer ? indent.size() - outer : 0);
        }
        std::string added;
        for (const auto& [name, value] : missing) {
            added += "," + space + key(name);
            if (name == "deployment") {
                added += quoted(value);
            } else if (line == std::string::npos) {
                added += "[{" + key("name") + quoted("resource") + "," + (tight ? "" : " ") + key("value") +
                         quoted(value) + "}]";
            } else {
                const std::string one = space + deeper, two = one + deeper;
                added += "[" + one + "{" + two + key("name") + quoted("resource") + "," + two + key("value") +
                         quoted(value) + one + "}" + space + "]";
            }
        }
        edits_.push_back({end, 0, added});
    }

    const Workflow& workflow_;
    const std::string& text_;
    const YamlNode& function_;
    const Member& type_;
    std::string line_end_;
    std::vector<Edit> edits_;
};

} // namespace

std::string with_edits(const std::string& text, std::vector<Edit> edits) {
    std::stable_sort(edits.begin(), edits.end(),
                     [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
    std::string result;
    std::size_t at = 0;
    for (const Edit& edit : edits) {
        result.append(text, at, edit.offset - at);
        result += edit.text;
        at = edit.offset + edit.length;
    }
    return result.append(text, at);
}

std::optional<std::string> resource_of(const WorkflowFunction& function) {
    const Member* properties = member_of(*function.members, "properties");
    if (!properties || properties->value->kind != YamlNode::Kind::sequence) return std::nullopt;
    const YamlNode* item = resource_item(*properties->value);
    const Member* value = item ? member_of(*item, "value") : nullptr;
    return value ? std::optional(value->value->text) : std::nullopt;
}

std::string language_prefix(std::string_view resource) {
    constexpr std::array languages{"python", "js", "java", "node", "nodejs", "go"};
    const auto colon = resource.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string word = lower_case(resource.substr(0, colon));
    const bool known = std::find(languages.begin(), languages.end(), word) != languages.end();
    return known ? std::string(resource.substr(0, colon + 1)) : std::string();
}

std::vector<Edit> edits_for(const Workflow& workflow, const WorkflowFunction& function,
                            const std::string& resource, const std::string& deployment) {
    const YamlNode& members = *function.members;
    if (function.shared)
        throw Refusal{
            members.span,
            "an alias (*name) repeats this function, so that one link would stand in several places",
            "write the function out where the alias stands"};
    for (const Member& member : members.members)
        if (member.merge)
            throw Refusal{member.key, "members of this function come from elsewhere ('<<')",
                          "write them out in the function"};
    return Editor(workflow, members).make(resource, deployment);
}

} // namespace pyfops::afcl

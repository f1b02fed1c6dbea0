// SPDX-License-Identifier: Apache-2.0
// The only user of yaml-cpp: its events become a tree with places.
#include "config/yaml_node.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace pyfops::config {
namespace {

/// Ends the reading; the finding has been made.
struct Stop {};

/// How much of the source belongs to the scalar that begins at `at`, on its line.
std::size_t extent(std::string_view line, std::string_view value) {
    if (line.empty()) return 1;
    const char first = line.front();
    if (first == '"' || first == '\'') {
        for (std::size_t i = 1; i < line.size(); ++i) {
            if (first == '"' && line[i] == '\\') {
                ++i;
            } else if (line[i] == first) {
                return i + 1;
            }
        }
        return line.size();
    }
    if (first == '|' || first == '>' || first == '&' || first == '!' || first == '*')
        return std::min(line.find_first_of(" \t"), line.size());
    std::size_t same = 0;
    while (same < line.size() && same < value.size() && line[same] == value[same])
        ++same;
    return std::max<std::size_t>(1, same);
}

/// yaml-cpp's words with what a person does about them.
struct Advice {
    std::string_view message;
    std::string_view hint;
};
constexpr std::array<Advice, 10> advice{{
    {"illegal map value", "put a value that holds ': ' into quotes, or check the indentation"},
    {"end of map not found", "check the indentation: this line fits none of the keys above"},
    {"end of sequence not found", "check the indentation: this line fits none of the '- ' above"},
    {"end of map flow not found", "a '}' or a ',' is missing"},
    {"end of sequence flow not found", "a ']' or a ',' is missing"},
    {"illegal EOF in scalar", "a closing quote is missing"},
    {"unknown escape character: ", "in double quotes a '\\' must be written '\\\\'; or use single quotes"},
    {"unknown token", "a value that begins with this character needs quotes"},
    {"the referenced anchor is not defined", "define it with '&name' above, or put the value into quotes"},
    {"illegal block entry", "check the indentation of this '- '"},
}};

/// JSON writes characters beyond U+FFFF as two escapes, YAML as one: each pair becomes "\UXXXXXXXX", two
/// bytes shorter. `moved` lists where, in the new text.
std::string join_surrogates(std::string_view text, std::vector<std::size_t>& moved) {
    std::string result;
    const auto unit = [&](std::size_t at) -> unsigned {
        unsigned code = 0;
        if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
        const char* const end = text.data() + at + 6;
        return std::from_chars(text.data() + at + 2, end, code, 16).ptr == end ? code : 0;
    };
    for (std::size_t at = 0; at < text.size();) {
        const unsigned high = unit(at);
        const unsigned low = high >= 0xd800 && high < 0xdc00 ? unit(at + 6) : 0;
        if (low >= 0xdc00 && low < 0xe000) {
            result += fmt::format("\\U{:08X}", 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            moved.push_back(result.size());
            at += 12;
        } else {
            const std::size_t length = text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
            result += text.substr(at, length);
            at += length;
        }
    }
    return result;
}

/// Makes the tree out of the parser's events.
class Builder : public YAML::EventHandler {
  public:
    Builder(const SourceText& source, std::vector<std::size_t> moved, Diagnostics& diagnostics,
            const YamlLimits& limits)
        : source_(source),
          moved_(std::move(moved)),
          diagnostics_(diagnostics),
          limits_(limits) {}

    std::shared_ptr<YamlNode> root;

    std::size_t offset(const YAML::Mark& mark) const {
        const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
        const auto before = std::upper_bound(moved_.begin(), moved_.end(), at);
        return at + 2 * static_cast<std::size_t>(before - moved_.begin());
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 1) return;
        add({offset(mark), 3}, "multiple-documents", "a second document begins here",
            "a project file holds one document; remove the '---'");
        throw Stop{};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        deliver(leaf(YamlNode::Kind::null, {}, "?", mark, anchor));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        deliver(leaf(YamlNode::Kind::scalar, value, tag, mark, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::shared_ptr<YamlNode>& node = anchors_[anchor];
        if (!node || node->open) {
            add(here(mark, {}), "recursive-alias", "the alias is part of what it names",
                "write the value out");
            throw Stop{};
        }
        check_depth(node->height, mark);
        const Span place = here(mark, {});
        deliver(node, &place);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(YamlNode::Kind::sequence, tag, mark, anchor, style);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(YamlNode::Kind::mapping, tag, mark, anchor, style);
    }
    void OnMapEnd() override { close(); }

    void add(Span span, std::string code, std::string summary, std::string hint) {
        diagnostics_.error(std::move(code), std::move(summary), std::move(hint), source_.position(span));
    }

  private:
    struct Frame {
        std::shared_ptr<YamlNode> node;
        std::optional<YamlNode::Member> key; ///< read, its value not yet
        bool key_is_bad = false;
    };

    Span here(const YAML::Mark& mark, std::string_view value) const {
        const std::size_t at = std::min(offset(mark), source_.text().size());
        const std::string_view line = source_.line_at(at);
        const auto begin = static_cast<std::size_t>(line.data() - source_.text().data());
        return {at, extent(line.substr(std::min(at - begin, line.size())), value)};
    }

    /// A value that was left out is shown at its key or its dash.
    Span place_of_null(const YAML::Mark& mark) const {
        std::size_t at = std::min(offset(mark), source_.text().size());
        const std::string& text = source_.text();
        if (at < text.size() && (text[at] == '~' || text[at] == 'n' || text[at] == 'N'))
            return here(mark, text[at] == '~' ? "~" : std::string_view(text).substr(at, 4));
        if (at < text.size() && text[at] == ':') return {at, 1};
        if (!stack_.empty() && stack_.back().key) return stack_.back().key->key;
        while (at > 0 && std::string_view(" \t\r\n").find(text[at - 1]) != std::string_view::npos)
            --at;
        return {at > 0 ? at - 1 : 0, 1};
    }

    std::shared_ptr<YamlNode> leaf(YamlNode::Kind kind, const std::string& text, const std::string& tag,
                                   const YAML::Mark& mark, YAML::anchor_t anchor) {
        check_depth(1, mark);
        if (kind == YamlNode::Kind::scalar) check_end_of_quotes(mark);
        auto node = std::make_shared<YamlNode>();
        node->kind = kind;
        node->text = text;
        node->tag = tag;
        node->span = kind == YamlNode::Kind::null ? place_of_null(mark) : here(mark, text);
        if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
        return node;
    }

    /// yaml-cpp takes the end of the file for a closing quote.
    void check_end_of_quotes(const YAML::Mark& mark) {
        const std::string_view text = source_.text();
        std::size_t begin = std::min(offset(mark), text.size());
        // Anchor and tag stand before the value.
        while (begin < text.size() && (text[begin] == '&' || text[begin] == '!')) {
            begin = std::min(text.find_first_of(" \t\r\n", begin), text.size());
            begin = std::min(text.find_first_not_of(" \t\r\n", begin), text.size());
        }
        if (begin == text.size() || (text[begin] != '"' && text[begin] != '\'')) return;
        const std::string_view stops = text[begin] == '"' ? "\"\\" : "'";
        for (std::size_t at = begin + 1; at < text.size();) {
            at = std::min(text.find_first_of(stops, at), text.size());
            if (at < text.size() && text[at] == text[begin]) return;
            at += 2;
        }
        add({begin, 1}, "yaml-syntax", "the closing quote is missing", "close the text that begins here");
        throw Stop{};
    }

    void open(YamlNode::Kind kind, const std::string& tag, const YAML::Mark& mark, YAML::anchor_t anchor,
              YAML::EmitterStyle::value style) {
        check_depth(1, mark);
        auto node = std::make_shared<YamlNode>();
        node->kind = kind;
        node->tag = tag;
        node->span = here(mark, {});
        node->begin = node->span.offset;
        node->flow = style == YAML::EmitterStyle::Flow;
        node->open = true;
        if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
        stack_.push_back({std::move(node), std::nullopt, false});
    }

    void close() {
        std::shared_ptr<YamlNode> node = std::move(stack_.back().node);
        stack_.pop_back();
        node->open = false;
        deliver(std::move(node));
    }

    void check_depth(std::size_t height, const YAML::Mark& mark) {
        if (stack_.size() + height <= limits_.max_depth) return;
        add(here(mark, {}), "too-deep", fmt::format("more than {} levels", limits_.max_depth),
            "write it flatter");
        throw Stop{};
    }

    void deliver(std::shared_ptr<YamlNode> node, const Span* alias = nullptr) {
        if (stack_.empty()) {
            root = std::move(node);
            return;
        }
        Frame& frame = stack_.back();
        YamlNode& parent = *frame.node;
        parent.height = std::max(parent.height, node->height + 1);
        if (parent.kind == YamlNode::Kind::sequence) {
            parent.items.push_back(std::move(node));
        } else if (frame.key_is_bad) {
            frame.key_is_bad = false;
        } else if (frame.key) {
            frame.key->value = std::move(node);
            parent.members.push_back(std::move(*frame.key));
            frame.key.reset();
        } else if (node->kind != YamlNode::Kind::scalar) {
            add(alias ? *alias : node->span, "key-not-text", "a key must be text",
                node->kind == YamlNode::Kind::null ? "write the key before the ':'" : "");
            frame.key_is_bad = true;
        } else {
            if (parent.members.empty()) parent.span = alias ? *alias : node->span;
            frame.key = YamlNode::Member{node->text, alias ? *alias : node->span,
                                         node->tag == "?" && node->text == "<<", nullptr};
        }
    }

    const SourceText& source_;
    std::vector<std::size_t> moved_;
    Diagnostics& diagnostics_;
    const YamlLimits& limits_;
    std::vector<Frame> stack_;
    std::map<YAML::anchor_t, std::shared_ptr<YamlNode>> anchors_;
    int documents_ = 0;
};

} // namespace

YamlTree read_yaml(const SourceText& source, Diagnostics& diagnostics, const YamlLimits& limits) {
    const std::string& yaml = source.text();
    std::vector<std::size_t> moved;
    const bool is_json = source.label().ends_with(".json");
    std::istringstream stream(is_json ? join_surrogates(yaml, moved) : yaml);
    Builder builder(source, std::move(moved), diagnostics, limits);
    YamlTree tree;
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder) || !builder.root) {
            diagnostics.error("empty-file", "the file is empty", "run 'pyfops init' to see a complete one",
                              {source.label()});
            return tree;
        }
        tree.root = builder.root;
        tree.complete = true;
        parser.HandleNextDocument(builder);
    } catch (const Stop&) {
        // The finding has been made.
    } catch (const YAML::Exception& failure) {
        const std::size_t offset = builder.offset(failure.mark);
        const std::string_view line = source.line_at(offset);
        const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
        if (const auto tab = indentation.find('\t'); tab != std::string_view::npos) {
            const auto begin = static_cast<std::size_t>(line.data() - yaml.data());
            builder.add({begin + tab}, "tab-indentation", "a tab in the indentation", "indent with spaces");
        } else {
            std::string hint;
            for (const Advice& entry : advice)
                if (failure.msg.starts_with(entry.message)) hint = entry.hint;
            builder.add({offset}, "yaml-syntax", "this is not YAML: " + failure.msg, std::move(hint));
        }
    }
    return tree;
}

} // namespace pyfops::config

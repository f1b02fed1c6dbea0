// SPDX-License-Identifier: Apache-2.0
// The only user of yaml-cpp: its events become a tree with places, the tree becomes JSON.
#include "config/yaml.hpp"

#include "config/scalar.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace pyfops::config {

struct YamlDocument::Node {
    enum class Kind { null, scalar, sequence, mapping };
    struct Member {
        std::string name;
        Span key;
        bool merge = false;
        std::shared_ptr<Node> value;
    };
    Kind kind = Kind::null;
    Span span;
    std::string text; ///< of a scalar
    std::string tag;  ///< "?" plain, "!" quoted, else explicit
    std::vector<Member> members;
    std::vector<std::shared_ptr<Node>> items;
    std::size_t height = 1; ///< levels below and with this one
    bool open = false;      ///< not ended yet
};

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

std::string unescaped(std::string_view step) {
    std::string result;
    for (std::size_t i = 0; i < step.size(); ++i) {
        if (step[i] == '~' && i + 1 < step.size()) {
            result += step[++i] == '1' ? '/' : '~';
        } else {
            result += step[i];
        }
    }
    return result;
}

} // namespace

std::string pointer_to(std::string_view parent, std::string_view key) {
    std::string result(parent);
    result += '/';
    for (const char c : key) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
    }
    return result;
}

/// Makes the tree out of the parser's events.
class YamlDocument::Builder : public YAML::EventHandler {
  public:
    Builder(const SourceText& source, std::vector<std::size_t> moved, Diagnostics& diagnostics,
            const YamlLimits& limits)
        : source_(source),
          moved_(std::move(moved)),
          diagnostics_(diagnostics),
          limits_(limits) {}

    std::shared_ptr<Node> root;

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
        deliver(leaf(Node::Kind::null, {}, "?", mark, anchor));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        deliver(leaf(Node::Kind::scalar, value, tag, mark, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::shared_ptr<Node>& node = anchors_[anchor];
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
                         YAML::EmitterStyle::value) override {
        open(Node::Kind::sequence, tag, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(Node::Kind::mapping, tag, mark, anchor);
    }
    void OnMapEnd() override { close(); }

    void add(Span span, std::string code, std::string summary, std::string hint) {
        diagnostics_.error(std::move(code), std::move(summary), std::move(hint), source_.position(span));
    }

  private:
    struct Frame {
        std::shared_ptr<Node> node;
        std::optional<Node::Member> key; ///< read, its value not yet
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

    std::shared_ptr<Node> leaf(Node::Kind kind, const std::string& text, const std::string& tag,
                               const YAML::Mark& mark, YAML::anchor_t anchor) {
        check_depth(1, mark);
        if (kind == Node::Kind::scalar) check_end_of_quotes(mark);
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->text = text;
        node->tag = tag;
        node->span = kind == Node::Kind::null ? place_of_null(mark) : here(mark, text);
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

    void open(Node::Kind kind, const std::string& tag, const YAML::Mark& mark, YAML::anchor_t anchor) {
        check_depth(1, mark);
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->tag = tag;
        node->span = here(mark, {});
        node->open = true;
        if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
        stack_.push_back({std::move(node), std::nullopt, false});
    }

    void close() {
        std::shared_ptr<Node> node = std::move(stack_.back().node);
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

    void deliver(std::shared_ptr<Node> node, const Span* alias = nullptr) {
        if (stack_.empty()) {
            root = std::move(node);
            return;
        }
        Frame& frame = stack_.back();
        Node& parent = *frame.node;
        parent.height = std::max(parent.height, node->height + 1);
        if (parent.kind == Node::Kind::sequence) {
            parent.items.push_back(std::move(node));
        } else if (frame.key_is_bad) {
            frame.key_is_bad = false;
        } else if (frame.key) {
            frame.key->value = std::move(node);
            parent.members.push_back(std::move(*frame.key));
            frame.key.reset();
        } else if (node->kind != Node::Kind::scalar) {
            add(alias ? *alias : node->span, "key-not-text", "a key must be text",
                node->kind == Node::Kind::null ? "write the key before the ':'" : "");
            frame.key_is_bad = true;
        } else {
            if (parent.members.empty()) parent.span = alias ? *alias : node->span;
            frame.key = Node::Member{node->text, alias ? *alias : node->span,
                                     node->tag == "?" && node->text == "<<", nullptr};
        }
    }

    const SourceText& source_;
    std::vector<std::size_t> moved_;
    Diagnostics& diagnostics_;
    const YamlLimits& limits_;
    std::vector<Frame> stack_;
    std::map<YAML::anchor_t, std::shared_ptr<Node>> anchors_;
    int documents_ = 0;
};

/// Makes JSON out of the tree, aliases and merge keys expanded.
class YamlDocument::Converter {
  public:
    Converter(const SourceText& source, Diagnostics& diagnostics, const YamlLimits& limits)
        : source_(source),
          diagnostics_(diagnostics),
          limits_(limits) {}

    json::value convert(const Node& node) {
        count(node, node.text.size());
        switch (node.kind) {
        case Node::Kind::null:
            return nullptr;
        case Node::Kind::scalar:
            return scalar(node);
        case Node::Kind::sequence: {
            check_tag(node, "tag:yaml.org,2002:seq");
            json::array array;
            for (const auto& item : node.items)
                array.push_back(convert(*item));
            return array;
        }
        case Node::Kind::mapping:
            break;
        }
        check_tag(node, "tag:yaml.org,2002:map");
        json::object object;
        std::map<std::string_view, Span> seen;
        for (const Node::Member& member : node.members) {
            count(node, member.name.size());
            const auto [first, fresh] = seen.emplace(member.name, member.key);
            if (!fresh) {
                add(member.key, "duplicate-key", fmt::format("'{}' is written twice", shortened(member.name)),
                    fmt::format("the first is in line {}", source_.position(first->second).line));
            } else if (!member.merge) {
                object.emplace(member.name, convert(*member.value));
            }
        }
        for (const Node::Member& member : node.members)
            if (member.merge) merge(object, member);
        return object;
    }

  private:
    static std::string shortened(std::string_view text) {
        return std::string(text.substr(0, 60)) + (text.size() > 60 ? "..." : "");
    }

    void add(Span span, std::string code, std::string summary, std::string hint) {
        if (++findings_ > limits_.max_findings) throw Stop{};
        diagnostics_.error(std::move(code), std::move(summary), std::move(hint), source_.position(span));
    }

    void count(const Node& node, std::size_t text) {
        text_ += text;
        if (++nodes_ <= limits_.max_nodes && text_ <= limits_.max_text) return;
        add(node.span, "too-large",
            fmt::format("more than {} values once the aliases are written out", limits_.max_nodes),
            "remove aliases that multiply each other");
        throw Stop{};
    }

    void merge(json::object& object, const Node::Member& member) {
        std::vector<const Node*> sources;
        if (member.value->kind == Node::Kind::sequence) {
            for (const auto& item : member.value->items)
                sources.push_back(item.get());
        } else {
            sources.push_back(member.value.get());
        }
        for (const Node* source : sources) {
            if (source->kind != Node::Kind::mapping) {
                add(member.key, "bad-merge", "'<<' takes a mapping or a list of mappings",
                    "name one with '<<: *anchor', or put the key into quotes");
                return;
            }
            json::value merged = convert(*source);
            for (auto& entry : merged.as_object())
                object.emplace(entry.key(), std::move(entry.value()));
        }
    }

    void check_tag(const Node& node, std::string_view own) {
        if (node.tag != "?" && node.tag != "!" && node.tag != own) unknown_tag(node);
    }

    void unknown_tag(const Node& node) {
        add(node.span, "unknown-tag", fmt::format("the tag '{}' is not understood here", shortened(node.tag)),
            "remove the tag");
    }

    json::value scalar(const Node& node) {
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

YamlDocument::YamlDocument(std::string text, std::string label, Diagnostics& diagnostics, YamlLimits limits)
    : source_(text.starts_with("\xef\xbb\xbf") ? text.substr(3) : std::move(text), std::move(label)) {
    const std::string& yaml = source_.text();
    const auto refuse = [&](Span span, std::string code, std::string summary, std::string hint) {
        diagnostics.error(std::move(code), std::move(summary), std::move(hint), source_.position(span));
    };
    if (yaml.size() > limits.max_bytes) {
        diagnostics.error("too-large", fmt::format("the file is larger than {} KB", limits.max_bytes >> 10),
                          "put large test inputs into files of their own (input_file)", {source_.label()});
    } else if (yaml.starts_with("\xff\xfe") || yaml.starts_with("\xfe\xff")) {
        diagnostics.error("invalid-utf8", "the file is UTF-16", "save it as UTF-8", {source_.label()});
    } else if (const auto bad = first_invalid_utf8(yaml)) {
        refuse({*bad}, "invalid-utf8",
               fmt::format("the byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(yaml[*bad])),
               "save the file as UTF-8");
    } else if (const auto control = first_unprintable(yaml)) {
        refuse({*control}, "invalid-character", "a control character stands here",
               "remove it, or write it as an escape in double quotes");
    } else {
        read(yaml, diagnostics, limits);
    }
}

YamlDocument::~YamlDocument() = default;

void YamlDocument::read(const std::string& yaml, Diagnostics& diagnostics, const YamlLimits& limits) {
    std::vector<std::size_t> moved;
    const bool is_json = source_.label().ends_with(".json");
    std::istringstream stream(is_json ? join_surrogates(yaml, moved) : yaml);
    Builder builder(source_, std::move(moved), diagnostics, limits);
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder) || !builder.root) {
            diagnostics.error("empty-file", "the file is empty", "run 'pyfops init' to see a complete one",
                              {source_.label()});
            return;
        }
        root_ = builder.root;
        complete_ = true;
        parser.HandleNextDocument(builder);
    } catch (const Stop&) {
    } catch (const YAML::Exception& failure) {
        const std::size_t offset = builder.offset(failure.mark);
        const std::string_view line = source_.line_at(offset);
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
    if (!root_) return;
    try {
        value_ = Converter(source_, diagnostics, limits).convert(*root_);
    } catch (const Stop&) {
        complete_ = false;
    }
}

YamlDocument::Found YamlDocument::walk(std::string_view pointer) const {
    Found found{root_.get(), nullptr, true};
    while (found.node && !pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        const std::string step = unescaped(pointer.substr(0, end));
        pointer.remove_prefix(end);
        const Node* next = nullptr;
        const Span* key = nullptr;
        if (found.node->kind == Node::Kind::sequence) {
            std::size_t index = 0;
            const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
            if (parsed.ec == std::errc{} && index < found.node->items.size())
                next = found.node->items[index].get();
        } else {
            // Own members first, then what '<<' brought.
            std::vector<const Node*> sources{found.node};
            constexpr std::size_t enough = 10'000;
            for (std::size_t i = 0; i < sources.size() && i < enough && !next; ++i) {
                for (const Node::Member& member : sources[i]->members) {
                    if (member.merge) {
                        sources.push_back(member.value.get());
                    } else if (member.name == step) {
                        next = member.value.get();
                        key = &member.key;
                        break;
                    }
                }
                for (const auto& item : sources[i]->items)
                    if (i > 0) sources.push_back(item.get());
            }
        }
        if (!next) {
            found.exact = false;
            break;
        }
        found.node = next;
        found.key = key;
    }
    return found;
}

SourcePosition YamlDocument::at(std::string_view pointer) const {
    const Found found = walk(pointer);
    if (!found.node) return {source_.label()};
    // What is missing in a mapping is shown at the mapping's key.
    const bool at_key = !found.exact && found.key && found.node->kind != Node::Kind::scalar;
    return source_.position(at_key ? *found.key : found.node->span);
}

SourcePosition YamlDocument::key_at(std::string_view pointer) const {
    const Found found = walk(pointer);
    if (!found.node) return {source_.label()};
    return source_.position(found.key ? *found.key : found.node->span);
}

void YamlDocument::hide(std::string_view pointer) {
    const Found found = walk(pointer);
    if (!found.node || !found.exact) return;
    source_.hide(found.node->span);
    // Text of several lines goes on below its place.
    std::istringstream lines(found.node->text);
    for (std::string line; std::getline(lines, line);)
        source_.hide(std::move(line));
}

std::string YamlDocument::written(std::string_view pointer) const {
    const Found found = walk(pointer);
    return found.node && found.exact ? found.node->text : std::string();
}

} // namespace pyfops::config

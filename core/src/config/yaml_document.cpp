// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_node.hpp"

#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>
#include <vector>

namespace pyfops::config {
namespace {

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
        const YamlTree tree = read_yaml(source_, diagnostics, limits);
        root_ = tree.root;
        if (!root_) return;
        auto value = to_json(*root_, source_, diagnostics, limits);
        complete_ = tree.complete && value.has_value();
        if (value) value_ = std::move(*value);
    }
}

YamlDocument::~YamlDocument() = default;

YamlDocument::Found YamlDocument::walk(std::string_view pointer) const {
    Found found{root_.get(), nullptr, true};
    while (found.node && !pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        const std::string step = unescaped(pointer.substr(0, end));
        pointer.remove_prefix(end);
        const YamlNode* next = nullptr;
        const Span* key = nullptr;
        if (found.node->kind == YamlNode::Kind::sequence) {
            std::size_t index = 0;
            const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
            if (parsed.ec == std::errc{} && index < found.node->items.size())
                next = found.node->items[index].get();
        } else {
            // Own members first, then what '<<' brought.
            std::vector<const YamlNode*> sources{found.node};
            constexpr std::size_t enough = 10'000;
            for (std::size_t i = 0; i < sources.size() && i < enough && !next; ++i) {
                for (const YamlNode::Member& member : sources[i]->members) {
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
    const bool at_key = !found.exact && found.key && found.node->kind != YamlNode::Kind::scalar;
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

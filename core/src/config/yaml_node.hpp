// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::config {

/// A value as it was written, before aliases are expanded. A tree without cycles; aliases share.
struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };
    struct Member {
        std::string name;
        Span key;
        bool merge = false;
        std::shared_ptr<YamlNode> value;
    };
    Kind kind = Kind::null;
    Span span;
    std::string text; ///< of a scalar
    std::string tag;  ///< "?" plain, "!" quoted, else explicit
    std::vector<Member> members;
    std::vector<std::shared_ptr<YamlNode>> items;
    std::size_t height = 1; ///< levels below and with this one
    bool open = false;      ///< not ended yet
    bool flow = false;      ///< a sequence or mapping in brackets
    std::size_t begin = 0;  ///< of a sequence or mapping: its anchor, tag, bracket, first dash or first key
};

/// Nothing in `root` when the text cannot be read; then the findings say why.
struct YamlTree {
    std::shared_ptr<YamlNode> root;
    bool complete = false; ///< the whole text was read
};
YamlTree read_yaml(const SourceText& source, Diagnostics& diagnostics, const YamlLimits& limits);

/// JSON with aliases and merge keys expanded; nullopt when that costs more than the limits allow.
std::optional<json::value> to_json(const YamlNode& root, const SourceText& source, Diagnostics& diagnostics,
                                   const YamlLimits& limits);

} // namespace pyfops::config

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_pointer.hpp"
#include "config/source_text.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/json.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pyfops::config {

/// What a file may cost, aliases expanded.
struct YamlLimits {
    std::size_t max_bytes = 1u << 20;
    std::size_t max_depth = 64;
    std::size_t max_nodes = 100'000;
    std::size_t max_text = 16u << 20;
    std::size_t max_findings = 200;
};

struct YamlNode;

/// One YAML 1.2 document as JSON, and where everything in it was written. JSON is YAML.
class YamlDocument {
  public:
    /// Findings go to `diagnostics`; what could be read is kept so that more can be found.
    YamlDocument(std::string text, std::string label, Diagnostics& diagnostics, YamlLimits limits = {});
    ~YamlDocument();
    YamlDocument(const YamlDocument&) = delete;
    YamlDocument& operator=(const YamlDocument&) = delete;

    const json::value& value() const noexcept { return value_; }
    /// False when the text could not be read to its end.
    bool complete() const noexcept { return complete_; }
    /// Where the value is, or the nearest thing around it that exists.
    SourcePosition at(std::string_view pointer) const;
    /// Where its key is; the value's place when it has none.
    SourcePosition key_at(std::string_view pointer) const;
    /// A scalar as it was written ("1.10" where the value is 1.1), without quotes.
    std::string written(std::string_view pointer) const;
    /// Findings show asterisks instead of this value from now on.
    void hide(std::string_view pointer);
    void hide_text(std::string text) { source_.hide(std::move(text)); }
    /// A line as findings show it.
    std::string shown_line(std::size_t line) const { return source_.shown_line(line); }

  private:
    struct Found {
        const YamlNode* node = nullptr;
        const Span* key = nullptr;
        bool exact = true;
    };
    Found walk(std::string_view pointer) const;

    SourceText source_;
    std::shared_ptr<YamlNode> root_;
    json::value value_;
    bool complete_ = false;
};

} // namespace pyfops::config

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/json.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::config {

/// Gives findings their place; counts, so that a hostile file cannot make millions.
class Findings {
  public:
    Findings(const YamlDocument& document, Diagnostics& diagnostics)
        : document_(document),
          diagnostics_(diagnostics) {}

    enum class At { value, key };
    void add(Severity severity, const std::string& path, At at, std::string code, std::string summary,
             std::string hint = {});
    const YamlDocument& document() const noexcept { return document_; }

  private:
    const YamlDocument& document_;
    Diagnostics& diagnostics_;
    std::size_t count_ = 0;
};

/// A value in the project file and the way to it. The readers of its type say what is wrong and return
/// nullopt.
class Cursor {
  public:
    Cursor(const json::value& value, std::string path, Findings& findings)
        : value_(&value),
          path_(std::move(path)),
          findings_(&findings) {}

    const json::value& value() const noexcept { return *value_; }
    const std::string& path() const noexcept { return path_; }
    /// The last step of the path, for messages: "timeout".
    std::string name() const;
    /// The text as it was written, for scalars.
    std::string written() const { return findings_->document().written(path_); }

    /// nullopt when this is no mapping or has no such member.
    std::optional<Cursor> member(std::string_view key) const;
    /// As `member`, but its absence is a finding.
    std::optional<Cursor> required(std::string_view key, const std::string& hint) const;
    std::vector<Cursor> items() const;
    std::vector<Cursor> members() const;

    bool is_mapping() const;
    bool is_list() const;
    std::optional<std::string> text() const;
    /// Text that is not empty.
    std::optional<std::string> words() const;
    std::optional<long long> integer(long long least, long long most, const std::string& unit) const;
    std::optional<double> number(std::string_view wanted) const;
    /// One text, or a list of different ones that is not empty.
    std::vector<Cursor> one_or_many(const std::string& duplicate_code) const;
    /// Findings for all members that are not in `allowed`.
    void only(const std::vector<std::string>& allowed) const;

    void error(std::string code, std::string summary, std::string hint = {}) const;
    void error_at_key(std::string code, std::string summary, std::string hint = {}) const;
    void warning(std::string code, std::string summary, std::string hint = {}) const;
    void warning_at_key(std::string code, std::string summary, std::string hint = {}) const;
    void wrong_type(std::string_view wanted, std::string hint = {}) const;

  private:
    const json::value* value_;
    std::string path_;
    Findings* findings_;
};

/// "did you mean 'x'?", or `otherwise`.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates,
                         std::string otherwise = {});
/// "a", "b" and "c" as: a, b, c
std::string listed(const std::vector<std::string>& names, std::size_t most = 8);
/// 'text' for a message, cut when it is long.
std::string in_quotes(std::string_view text);

} // namespace pyfops::config

// SPDX-License-Identifier: Apache-2.0
#include "config/reader.hpp"

#include "pyfops/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace pyfops::config {
namespace {

constexpr std::size_t most_findings = 200;

std::string_view kind_of(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null:
        return "nothing";
    case json::kind::bool_:
        return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
        return "a number";
    case json::kind::double_:
        return "a number with a fraction";
    case json::kind::string:
        return "text";
    case json::kind::array:
        return "a list";
    case json::kind::object:
        return "a mapping";
    }
    return "something else";
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates,
                         std::string otherwise) {
    const std::string best = nearest(name, candidates);
    return best.empty() ? otherwise : "did you mean '" + best + "'?";
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
    std::string result;
    for (std::size_t i = 0; i < names.size() && i < most; ++i)
        result += (i > 0 ? ", " : "") + names[i];
    if (names.size() > most) result += ", ...";
    return result;
}

std::string in_quotes(std::string_view text) {
    return "'" + excerpt(text, 60) + "'";
}

void Findings::add(Severity severity, const std::string& path, At at, std::string code, std::string summary,
                   std::string hint) {
    if (++count_ > most_findings) {
        if (count_ == most_findings + 1)
            diagnostics_.error("too-many-findings",
                               fmt::format("more than {} findings; the rest is not shown", most_findings),
                               "repair these first", {document_.at("").file});
        return;
    }
    diagnostics_.add({severity, std::move(code), std::move(summary), std::move(hint), path,
                      at == At::key ? document_.key_at(path) : document_.at(path)});
}

std::string Cursor::name() const {
    const std::string step = path_.substr(path_.rfind('/') + 1);
    if (path_.empty()) return "the file";
    if (!is_number(step)) return in_quotes(step);
    // An entry of a list is called by the list.
    const std::string list = path_.substr(0, path_.rfind('/'));
    return "an entry of " + in_quotes(list.substr(list.rfind('/') + 1));
}

std::optional<Cursor> Cursor::member(std::string_view key) const {
    const json::value* found = find(*value_, key);
    if (!found) return std::nullopt;
    return Cursor(*found, pointer_to(path_, key), *findings_);
}

std::optional<Cursor> Cursor::required(std::string_view key, const std::string& hint) const {
    auto found = member(key);
    if (!found && value_->is_object())
        error_at_key("missing-key", fmt::format("{} needs '{}'", name(), key), hint);
    return found;
}

std::vector<Cursor> Cursor::items() const {
    std::vector<Cursor> result;
    if (const auto* array = value_->if_array())
        for (std::size_t i = 0; i < array->size(); ++i)
            result.emplace_back((*array)[i], path_ + "/" + std::to_string(i), *findings_);
    return result;
}

std::vector<Cursor> Cursor::members() const {
    std::vector<Cursor> result;
    if (const auto* object = value_->if_object())
        for (const auto& entry : *object)
            result.emplace_back(entry.value(), pointer_to(path_, entry.key()), *findings_);
    return result;
}

bool Cursor::is_mapping() const {
    if (value_->is_object()) return true;
    wrong_type("a mapping (key: value)");
    return false;
}

bool Cursor::is_list() const {
    if (value_->is_array()) return true;
    wrong_type("a list", "begin each entry with '- '");
    return false;
}

std::optional<std::string> Cursor::text() const {
    if (const auto* string = value_->if_string()) return std::string(*string);
    std::string hint;
    if (value_->is_number() || value_->is_bool()) hint = fmt::format("put it into quotes: \"{}\"", written());
    wrong_type("text", std::move(hint));
    return std::nullopt;
}

std::optional<std::string> Cursor::words() const {
    auto result = text();
    if (result && result->empty()) {
        error("bad-value", name() + " must not be empty");
        return std::nullopt;
    }
    return result;
}

std::optional<long long> Cursor::integer(long long least, long long most, const std::string& unit) const {
    if (const auto* string = value_->if_string()) {
        const std::string_view text = *string;
        const std::string_view digits =
            text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
        std::string hint;
        if (!digits.empty())
            hint = fmt::format("write {}{}", digits, is_number(text) ? " without quotes" : " (" + unit + ")");
        wrong_type("a whole number of " + unit, std::move(hint));
        return std::nullopt;
    }
    const auto* number = value_->if_int64();
    if (!number && !value_->is_uint64()) {
        wrong_type("a whole number of " + unit);
        return std::nullopt;
    }
    if (number && *number >= least && *number <= most) return *number;
    error("out-of-range", fmt::format("{} must be {} to {} {}", name(), least, most, unit));
    return std::nullopt;
}

std::optional<double> Cursor::number(std::string_view wanted) const {
    if (value_->is_number()) return value_->to_number<double>();
    wrong_type(wanted);
    return std::nullopt;
}

std::vector<Cursor> Cursor::one_or_many(const std::string& duplicate_code) const {
    std::vector<Cursor> result;
    if (value_->is_string()) {
        if (words()) result.push_back(*this);
        return result;
    }
    if (!value_->is_array()) {
        wrong_type("text or a list of texts");
        return result;
    }
    if (value_->as_array().empty()) error("bad-value", name() + " must not be empty");
    std::set<std::string> seen;
    for (const Cursor& item : items()) {
        const auto text = item.words();
        if (!text) continue;
        if (seen.insert(*text).second) {
            result.push_back(item);
        } else {
            item.error(duplicate_code, in_quotes(*text) + " is listed twice", "remove one");
        }
    }
    return result;
}

void Cursor::only(const std::vector<std::string>& allowed) const {
    const auto* object = value_->if_object();
    if (!object) return;
    for (const auto& entry : *object) {
        const std::string key(entry.key());
        if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
        findings_->add(Severity::error, pointer_to(path_, key), Findings::At::key, "unknown-key",
                       "unknown key " + in_quotes(key),
                       did_you_mean(key, allowed, "known: " + listed(allowed, 20)));
    }
}

void Cursor::error(std::string code, std::string summary, std::string hint) const {
    findings_->add(Severity::error, path_, Findings::At::value, std::move(code), std::move(summary),
                   std::move(hint));
}

void Cursor::error_at_key(std::string code, std::string summary, std::string hint) const {
    findings_->add(Severity::error, path_, Findings::At::key, std::move(code), std::move(summary),
                   std::move(hint));
}

void Cursor::warning(std::string code, std::string summary, std::string hint) const {
    findings_->add(Severity::warning, path_, Findings::At::value, std::move(code), std::move(summary),
                   std::move(hint));
}

void Cursor::warning_at_key(std::string code, std::string summary, std::string hint) const {
    findings_->add(Severity::warning, path_, Findings::At::key, std::move(code), std::move(summary),
                   std::move(hint));
}

void Cursor::wrong_type(std::string_view wanted, std::string hint) const {
    error("wrong-type", fmt::format("{} must be {}, not {}", name(), wanted, kind_of(*value_)),
          std::move(hint));
}

} // namespace pyfops::config

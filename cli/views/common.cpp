// SPDX-License-Identifier: Apache-2.0
#include "views/common.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::cli {

json::object document(std::string_view name) {
    json::object result;
    result["schema"] = fmt::format("pyfops.{}/1", name);
    return result;
}

std::string render(const Error& error, bool colour) {
    std::string where;
    for (auto context = error.contexts().rbegin(); context != error.contexts().rend(); ++context)
        where += *context + ": ";
    std::string text =
        coloured("error:", "1;31", colour) + " " + escape_control(where + error.message(), true) + "\n";
    if (!error.provider_code().empty() || !error.provider_message().empty()) {
        std::string words;
        if (error.http_status()) words += fmt::format("{} ", *error.http_status());
        words += error.provider_code();
        if (!error.provider_code().empty() && !error.provider_message().empty()) words += ": ";
        words += error.provider_message();
        text += "  the provider says: " + escape_control(words) + "\n";
    }
    if (!error.hint().empty())
        text += "  " + coloured("hint:", "36", colour) + " " + escape_control(error.hint()) + "\n";
    return text;
}

std::string compact_json(const json::value& value) {
    std::string text;
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            text += fmt::format("{}{}:{}", text.empty() ? "" : ",", pretty_json(json::value(member.key())),
                                compact_json(member.value()));
        return "{" + text + "}";
    }
    if (const auto* array = value.if_array()) {
        for (const json::value& one : *array)
            text += (text.empty() ? "" : ",") + compact_json(one);
        return "[" + text + "]";
    }
    // One writer of numbers and strings: 2.0 is no 2E0 on one line either.
    return pretty_json(value);
}

json::object to_json(const Error& error) {
    json::object result;
    std::string kind(to_string(error.kind()));
    std::replace(kind.begin(), kind.end(), ' ', '_');
    result["kind"] = kind;
    result["message"] = error.message();
    std::vector<std::string> where(error.contexts().rbegin(), error.contexts().rend());
    result["where"] = strings(where);
    result["hint"] = error.hint();
    if (error.http_status() || !error.provider_code().empty() || !error.provider_message().empty()) {
        json::object provider;
        provider["http_status"] = error.http_status() ? json::value(*error.http_status()) : json::value();
        provider["code"] = error.provider_code();
        provider["message"] = error.provider_message();
        result["provider"] = std::move(provider);
    } else {
        result["provider"] = nullptr;
    }
    return result;
}

json::value to_json(const std::optional<Error>& error) {
    if (!error) return nullptr;
    return to_json(*error);
}

std::string render(const std::vector<Finding>& findings, bool colour) {
    std::string text;
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const Finding& finding : findings) {
        text += pyfops::render(finding, colour);
        errors += finding.severity == Severity::error ? 1 : 0;
        warnings += finding.severity == Severity::warning ? 1 : 0;
    }
    if (errors == 0 && warnings == 0) return text;
    std::string count;
    if (errors > 0) count = counted(errors, "error");
    if (warnings > 0) count += (count.empty() ? "" : ", ") + counted(warnings, "warning");
    return text + count + "\n";
}

json::array to_json(const std::vector<Finding>& findings) {
    json::array result;
    for (const Finding& finding : findings) {
        json::object entry;
        entry["severity"] = finding.severity == Severity::error     ? "error"
                            : finding.severity == Severity::warning ? "warning"
                                                                    : "note";
        entry["code"] = finding.code;
        entry["summary"] = finding.summary;
        entry["hint"] = finding.hint;
        entry["path"] = finding.path;
        entry["file"] = finding.position.file;
        entry["line"] = finding.position.line;
        entry["column"] = finding.position.column;
        result.push_back(std::move(entry));
    }
    return result;
}

json::object to_json(const FdIdentity& identity) {
    json::object result;
    result["function"] = identity.function;
    result["provider"] = identity.provider;
    result["region"] = identity.region;
    result["realm"] = std::string(to_string(identity.realm));
    result["slot"] = identity.slot;
    return result;
}

json::array strings(const std::vector<std::string>& values) {
    json::array result;
    for (const std::string& value : values)
        result.emplace_back(value);
    return result;
}

std::string minor_version(std::string_view version) {
    const std::size_t first = version.find('.');
    if (first == std::string_view::npos) return std::string(version);
    return std::string(version.substr(0, version.find('.', first + 1)));
}

std::string place_of(const FdIdentity& identity) {
    std::string place = identity.provider + "/" + identity.region;
    if (identity.slot != "auto") place += " [" + identity.slot + "]";
    return place;
}

namespace {

/// The error without its outermost place, which names the deployment.
Error without_place(const Error& error) {
    Error result(error.kind(), error.message());
    for (std::size_t i = 0; i + 1 < error.contexts().size(); ++i)
        result.context(error.contexts()[i]);
    if (!error.provider_code().empty() || !error.provider_message().empty())
        result.provider(error.http_status().value_or(0), error.provider_code(), error.provider_message());
    if (!error.hint().empty()) result.hint(error.hint());
    return result;
}

} // namespace

std::string render_failures(const std::vector<std::pair<std::string, Error>>& named, bool colour) {
    struct Group {
        Error inner;
        std::vector<const std::pair<std::string, Error>*> members;
    };
    std::vector<Group> groups;
    for (const auto& entry : named) {
        Error inner = without_place(entry.second);
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return std::string_view(group.inner.what()) == inner.what();
        });
        if (same == groups.end()) {
            groups.push_back({std::move(inner), {&entry}});
        } else {
            same->members.push_back(&entry);
        }
    }
    std::string text;
    for (const Group& group : groups) {
        text += "\n";
        for (const auto* member : group.members)
            text += coloured(escape_control(member->first), "1", colour) + "\n";
        text += render(group.members.size() > 1 ? group.inner : group.members.front()->second, colour);
    }
    return text;
}

std::string render_notices(const std::vector<std::pair<std::string, std::string>>& named, bool colour) {
    std::vector<std::pair<std::string, std::vector<std::string>>> grouped;
    for (const auto& [name, text] : named) {
        const auto same = std::find_if(grouped.begin(), grouped.end(),
                                       [&](const auto& group) { return group.first == text; });
        if (same == grouped.end()) {
            grouped.push_back({text, {name}});
        } else {
            same->second.push_back(name);
        }
    }
    std::string result;
    for (const auto& [text, names] : grouped) {
        result += coloured("note:", "36", colour) + " " + escape_control(text);
        if (names.size() > 1) {
            result += fmt::format(" ({} deployments)", names.size());
        } else if (!names.front().empty()) {
            result += fmt::format(" ({})", names.front());
        }
        result += "\n";
    }
    return result;
}

} // namespace pyfops::cli

// SPDX-License-Identifier: Apache-2.0
#include "config/parts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pyfops::config {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_variable_name(std::string_view name) {
    return !name.empty() && digits.find(name[0]) == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return c == '_' || letters.find(c) != std::string_view::npos ||
                      digits.find(c) != std::string_view::npos;
           });
}

/// A beginning that only keys have, and how many letters and digits follow at least.
struct KeyShape {
    std::string_view begin;
    std::size_t at_least;
};
constexpr std::array<KeyShape, 14> key_shapes{{{"AKIA", 16},
                                               {"ASIA", 16},
                                               {"ghp_", 30},
                                               {"gho_", 30},
                                               {"ghs_", 30},
                                               {"github_pat_", 20},
                                               {"glpat-", 20},
                                               {"xoxb-", 10},
                                               {"xoxp-", 10},
                                               {"sk_live_", 16},
                                               {"sk-", 32},
                                               {"AIza", 35},
                                               {"ya29.", 20},
                                               {"LTAI", 12}}};

bool looks_like_a_key(std::string_view value) {
    if (value.find("-----BEGIN ") != std::string_view::npos &&
        value.find("PRIVATE KEY-----") != std::string_view::npos)
        return true;
    for (const KeyShape& shape : key_shapes) {
        for (auto at = value.find(shape.begin); at != std::string_view::npos;
             at = value.find(shape.begin, at + 1)) {
            const auto is_word = [](char c) {
                return c == '_' || c == '-' || letters.find(c) != std::string_view::npos ||
                       digits.find(c) != std::string_view::npos;
            };
            if (at > 0 && is_word(value[at - 1])) continue;
            const std::string_view rest = value.substr(at + shape.begin.size());
            const auto length =
                static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_word) - rest.begin());
            if (length >= shape.at_least) return true;
        }
    }
    return false;
}

bool is_secret_by_name(std::string_view name) {
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    for (const std::string_view end : {"PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY",
                                       "PRIVATE_KEY", "SECRET_KEY", "ACCESS_KEY"})
        if (upper.ends_with(end)) return true;
    return false;
}

constexpr std::string_view secret_help =
    R"(write {secret: "env:NAME"}, {secret: "file:PATH"} or {secret: "command:..."})";

std::optional<SecretSource> read_secret(const Cursor& cursor, Context& context) {
    cursor.only({"secret"});
    const auto member = cursor.required("secret", std::string(secret_help));
    const auto written = member ? member->words() : std::nullopt;
    if (!written) return std::nullopt;
    const std::size_t colon = written->find(':');
    const std::string kind = written->substr(0, colon);
    SecretSource source;
    if (kind == "env") {
        source.kind = SecretSource::Kind::environment;
    } else if (kind == "file") {
        source.kind = SecretSource::Kind::file;
    } else if (kind == "command") {
        source.kind = SecretSource::Kind::command;
    } else {
        // The text may be the secret itself.
        context.secret_paths.push_back(member->path());
        member->error("secret-form", "a secret names where its value comes from", std::string(secret_help));
        return std::nullopt;
    }
    source.reference = colon == std::string::npos ? "" : written->substr(colon + 1);
    if (source.reference.empty() ||
        (source.kind == SecretSource::Kind::environment && !is_variable_name(source.reference))) {
        member->error("secret-form", "a secret names where its value comes from", std::string(secret_help));
        return std::nullopt;
    }
    return source;
}

} // namespace

std::map<std::string, EnvironmentValue> read_environment(const Cursor& cursor, Context& context) {
    std::map<std::string, EnvironmentValue> environment;
    if (!cursor.is_mapping()) return environment;
    for (const auto& entry : cursor.value().as_object()) {
        const std::string name(entry.key());
        const Cursor member = *cursor.member(name);
        if (!is_variable_name(name)) {
            member.error_at_key("bad-name", in_quotes(name) + " is no variable name",
                                "letters, digits and '_', not beginning with a digit");
            continue;
        }
        if (name.starts_with("PYFOPS_")) {
            member.error_at_key("reserved-name", "names that begin with PYFOPS_ belong to pyfOps",
                                "choose another name");
            continue;
        }
        const json::value& value = member.value();
        if (value.is_object()) {
            if (auto secret = read_secret(member, context)) environment.emplace(name, std::move(*secret));
            continue;
        }
        if (value.is_array() || value.is_null()) {
            member.wrong_type("text, a number, true or false, or {secret: ...}",
                              value.is_null() ? "for an empty value write \"\"" : "");
            continue;
        }
        // Numbers and booleans as they were written: 1.10 stays "1.10".
        const std::string text = member.written();
        if (looks_like_a_key(text) || (is_secret_by_name(name) && !text.empty())) {
            context.secret_paths.push_back(member.path());
            member.warning("secret-in-clear", "the value of " + in_quotes(name) + " looks like a secret",
                           std::string(secret_help));
        }
        environment.emplace(name, text);
    }
    return environment;
}

} // namespace pyfops::config

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/scrub.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace pyfops {

namespace {

constexpr std::string_view hidden = "***";

/// Letters and digits alone, in lower case: one spelling for X-Api-Key, api_key and apiKey.
std::string plain_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z')
            out += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
    }
    return out;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool base64_like(std::string_view text) {
    if (text.size() < 8) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/' || c == '-' || c == '_' || c == '=';
    });
}

bool hides_secret(const std::string& decoded) {
    return redact(decoded) != decoded;
}

bool encodes_secret(std::string_view text) {
    if (contains(text, "%")) {
        try {
            if (hides_secret(percent_decode(text))) return true;
        } catch (const Error&) { // no percent coding
        }
    }
    if (!base64_like(text)) return false;
    const bool url_form = text.find_first_of("-_") != std::string_view::npos || text.back() != '=';
    for (const bool url : {url_form, !url_form}) {
        try {
            const std::string_view stripped = text.substr(0, text.find_last_not_of('=') + 1);
            if (hides_secret(url ? base64url_decode(stripped) : base64_decode(text))) return true;
        } catch (const Error&) { // not base64 either
        }
    }
    return false;
}

/// Links and connection strings inside a text: the values of "name=value" whose name is telling, up to what
/// ends them in a query or in a list with semicolons.
std::string scrub_assignments(std::string_view text) {
    const auto in_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    std::string out;
    for (std::size_t equals; (equals = text.find('=')) != std::string_view::npos;) {
        std::size_t start = equals;
        while (start > 0 && in_name(text[start - 1]))
            --start;
        const std::string_view name = text.substr(start, equals - start);
        // Function keys of a cloud travel as "code".
        const bool in_query = start > 0 && (text[start - 1] == '?' || text[start - 1] == '&');
        const bool telling = sensitive_name(name) || (in_query && plain_name(name) == "code");
        out += text.substr(0, equals + 1);
        text.remove_prefix(equals + 1);
        const std::size_t end = std::min(text.find_first_of("&;,\"' \t\r\n<>"), text.size());
        if (!telling || end == 0) continue;
        out += hidden;
        text.remove_prefix(end);
    }
    return out += text;
}

/// What settings of functions are kept under: {"Variables": {name: value}}, [{"name": ..., "value": ...}].
bool holds_settings(std::string_view name) {
    const std::string plain = plain_name(name);
    return plain == "environment" || plain == "variables" || plain == "appsettings" ||
           plain.ends_with("environmentvariables") || plain.ends_with("envvariables");
}

/// Hides the values alone: what is set stays visible. In a list of named ones that is the member "value".
void hide_settings(json::value& value, bool listed = false) {
    if (auto* object = value.if_object()) {
        const bool named = listed && object->contains("name");
        for (auto& member : *object)
            if (!named || member.key() == "value") hide_settings(member.value());
    } else if (auto* array = value.if_array()) {
        for (json::value& element : *array)
            hide_settings(element, true);
    } else if (!value.is_null() && !value.is_bool()) {
        value = json::string(hidden.data(), hidden.size());
    }
}

void scrub_json(json::value& value) {
    if (auto* object = value.if_object()) {
        // A resource of settings, and a secret, have their values one below.
        const auto* id = object->if_contains("id");
        const auto* name = object->if_contains("name");
        const bool settings =
            (name && name->is_string() && holds_settings(std::string_view(name->as_string()))) ||
            (id && id->is_string() && contains(std::string_view(id->as_string()), "/config/appsettings"));
        const bool secret = object->contains("format");
        for (auto& member : *object) {
            const std::string_view key(member.key().data(), member.key().size());
            const bool structured = member.value().is_object() || member.value().is_array();
            if (sensitive_name(key) && !member.value().is_null() && !member.value().is_bool())
                member.value() = json::string(hidden.data(), hidden.size());
            else if (structured &&
                     (holds_settings(key) || (settings && key == "properties") || (secret && key == "data")))
                hide_settings(member.value());
            else
                scrub_json(member.value());
        }
    } else if (auto* array = value.if_array()) {
        for (json::value& element : *array)
            scrub_json(element);
    } else if (auto* text = value.if_string()) {
        const std::string clean = scrub({text->data(), text->size()});
        if (clean != std::string_view(text->data(), text->size())) text->assign(clean.data(), clean.size());
    }
}

/// <Name>text</Name>: enough for what providers answer; anything odd stays as it is and is redacted
/// afterwards.
std::string scrub_xml(std::string_view xml) {
    std::string out;
    std::size_t at = 0;
    while (at < xml.size()) {
        const std::size_t open = xml.find('<', at);
        const std::size_t close = open == std::string_view::npos ? open : xml.find('>', open);
        if (close == std::string_view::npos) break;
        out.append(xml, at, close + 1 - at);
        at = close + 1;
        const std::string_view tag = xml.substr(open + 1, close - open - 1);
        const std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
        if (tag.empty() || tag.front() == '/' || tag.back() == '/' || !sensitive_name(name)) continue;
        const std::size_t next = xml.find('<', at);
        if (next == std::string_view::npos || next == at) continue;
        out += hidden;
        at = next;
    }
    out.append(xml, at);
    return out;
}

} // namespace

bool sensitive_name(std::string_view name) {
    const std::string plain = plain_name(name);
    // Tokens of paging and of idempotence, and what only speaks about a token.
    for (const std::string_view harmless :
         {"nexttoken", "continuationtoken", "clienttoken", "clientrequesttoken", "pagetoken", "skiptoken",
          "tokentype", "nextpagetoken", "signaturemethod", "signatureversion"})
        if (plain.ends_with(harmless)) return false;
    for (const std::string_view telling :
         {"authorization", "cookie", "token", "secret", "password", "passwd", "passphrase", "signature",
          "credential", "apikey", "accesskey", "accountkey", "privatekey", "functionskey", "masterkey",
          "sharedkey", "assertion", "probekey", "connectionstring"})
        if (contains(plain, telling)) return true;
    return plain == "sig" || plain == "pwd" || plain == "jwt";
}

std::string scrub(std::string_view text) {
    const std::string clean = redact(text);
    return clean == text && encodes_secret(text) ? std::string(hidden) : scrub_assignments(clean);
}

std::string scrub_query(std::string_view query) {
    std::string out;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view field = query.substr(0, end);
        const std::size_t equals = field.find('=');
        const std::string_view name = field.substr(0, equals);
        if (!out.empty()) out += '&';
        out += name;
        if (equals != std::string_view::npos) {
            std::string value(field.substr(equals + 1));
            // Function keys of a cloud travel as "code".
            const bool sensitive = sensitive_name(name) || plain_name(name) == "code";
            out += "=" + (sensitive ? std::string(hidden) : scrub(value));
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return out;
}

std::string scrub_body(std::string_view body, std::string_view content_type) {
    const std::size_t start = std::min(body.find_first_not_of(" \t\r\n"), body.size());
    const char first = start < body.size() ? body[start] : '\0';
    if (first == '{' || first == '[' || first == '"') {
        json::error_code failure;
        json::value value = json::parse({body.data(), body.size()}, failure);
        if (!failure) {
            scrub_json(value);
            return redact(json::serialize(value));
        }
    }
    if (first == '<') return redact(scrub_xml(body));
    if (contains(content_type, "form-urlencoded")) return redact(scrub_query(body));
    return scrub(body);
}

} // namespace pyfops

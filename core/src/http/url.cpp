// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pyfops {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// A URL as a message may show it: without user info, and not endless.
std::string shown(std::string_view text) {
    std::string out(text);
    const auto start = out.find("//");
    const auto from = start == std::string::npos ? 0 : start + 2;
    const auto authority_end = out.find_first_of("/?#", from);
    const auto at = out.rfind('@', authority_end == std::string::npos ? std::string::npos : authority_end);
    if (at != std::string::npos && at >= from) out.replace(from, at - from, "***");
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return excerpt(out, 200);
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error(ErrorKind::invalid_input, fmt::format("'{}' is not a usable URL: {}", shown(text), why))
        .hint("write it as https://host[:port]/path");
}

} // namespace

Url Url::parse(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) refuse(text, "it is not an absolute URL, or has a character that must be percent-encoded");
    const boost::urls::url_view& view = *parsed;
    Url url;
    url.scheme = lower_case(std::string_view(view.scheme()));
    if (url.scheme != "http" && url.scheme != "https") refuse(text, "only http and https are spoken");
    if (view.has_userinfo()) refuse(text, "a user name or password does not belong into it");
    if (!view.has_authority() || view.encoded_host().empty()) refuse(text, "it names no host");
    if (view.host_type() == boost::urls::host_type::ipvfuture) refuse(text, "it names no host");
    url.host = lower_case(std::string(view.host_address()));
    if (url.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:") != std::string::npos)
        refuse(text, "its host name has a character that host names do not have");
    const std::string_view port(view.port());
    if (!port.empty()) {
        const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (failure != std::errc() || url.port == 0) refuse(text, "its port is not in 1..65535");
    }
    const std::string_view path(view.encoded_path().data(), view.encoded_path().size());
    // Boost 1.81 takes what follows a broken port for a path.
    if (!path.empty() && path.front() != '/') refuse(text, "its port is not a number");
    url.target = path.empty() ? "/" : std::string(path);
    if (view.has_query()) {
        url.target += '?';
        url.target.append(view.encoded_query().data(), view.encoded_query().size());
    }
    return url;
}

std::string Url::authority() const {
    std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port && port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
    return out;
}

std::string Url::str() const {
    return scheme + "://" + authority() + target;
}

std::string_view Url::path() const noexcept {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Url::query() const noexcept {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string percent_encode(std::string_view text, std::string_view keep) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (unreserved(c) || keep.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
        if (high < 0 || low < 0)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("broken percent escape at byte {} of a URL part", at));
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return out;
}

void HttpHeaders::set(std::string name, std::string value, bool sensitive) {
    erase(name);
    add(std::move(name), std::move(value), sensitive);
}

void HttpHeaders::add(std::string name, std::string value, bool sensitive) {
    fields_.push_back({std::move(name), std::move(value), sensitive});
}

void HttpHeaders::erase(std::string_view name) {
    std::erase_if(fields_, [&](const HttpHeader& field) { return equal_name(field.name, name); });
}

const std::string* HttpHeaders::find(std::string_view name) const noexcept {
    for (const HttpHeader& field : fields_)
        if (equal_name(field.name, name)) return &field.value;
    return nullptr;
}

std::string HttpHeaders::get(std::string_view name) const {
    const std::string* value = find(name);
    return value ? *value : std::string();
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "pyfops_aws/sigv4.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <array>

namespace pyfops::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// RFC 3986. A broken escape in a received query is kept as it is instead of refused: the signature decides.
std::string decode(std::string_view text) {
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Without dot segments and empty segments; one trailing slash stays.
std::string normalise(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view segment : split(path, '/')) {
        if (segment.empty() || segment == ".") continue;
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else {
            kept.push_back(segment);
        }
    }
    std::string result;
    for (const std::string_view segment : kept)
        result += "/" + std::string(segment);
    if (result.empty() || path.ends_with('/')) result += '/';
    return result;
}

/// Trimmed, inner runs of white space (folded lines included) as one space.
std::string canonical_value(std::string_view value) {
    std::string out;
    bool gap = false;
    for (const char c : value) {
        if (is_space(c)) {
            gap = !out.empty();
        } else {
            if (gap) out += ' ';
            gap = false;
            out += c;
        }
    }
    return out;
}

std::string join(const std::vector<std::string>& parts, char separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

/// The part of `text` after "name=" up to ',' or white space.
std::string_view member(std::string_view text, std::string_view name) {
    for (std::string_view part : split(text, ',')) {
        part = trimmed(part);
        if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
            return part.substr(name.size() + 1);
    }
    throw Error(ErrorKind::invalid_input,
                "Authorization header requires '" + std::string(name) + "' parameter");
}

void read_credential(std::string_view credential, Claim& claim) {
    const auto parts = split(credential, '/');
    if (parts.size() != 5 || parts[4] != "aws4_request")
        throw Error(
            ErrorKind::invalid_input,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term");
    claim.access_key_id = std::string(parts[0]);
    claim.scope = Scope{std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
}

void read_names(std::string_view text, Claim& claim) {
    for (const std::string_view name : split(text, ';'))
        claim.signed_names.emplace_back(name);
    if (!std::is_sorted(claim.signed_names.begin(), claim.signed_names.end()))
        throw Error(ErrorKind::invalid_input, "SignedHeaders must be sorted");
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    for (const std::string_view pair : split(query, '&')) {
        const auto equals = pair.find('=');
        if (decode(pair.substr(0, equals)) == name)
            return equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1));
    }
    return std::nullopt;
}

std::string payload_hash_of(const HttpRequest& request, const Signing& signing) {
    if (!signing.payload_hash.empty()) return signing.payload_hash;
    return sha256_hex(request.body.view());
}

Scope scope_of(const Signing& signing) {
    return Scope{amz_date(signing.time).substr(0, 8), signing.region, signing.service};
}

} // namespace

PathRule path_rule(std::string_view service) {
    return service == "s3" ? PathRule::verbatim : PathRule::normalised;
}

std::string canonical_uri(std::string_view path, PathRule rule) {
    if (rule == PathRule::verbatim) return path.empty() ? "/" : std::string(path);
    if (rule == PathRule::unnormalised) return path.empty() ? "/" : percent_encode(path, "/");
    return percent_encode(normalise(path), "/");
}

std::string canonical_query(std::string_view query, std::string_view without) {
    if (query.empty()) return {};
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string_view pair : split(query, '&')) {
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const std::string name = decode(pair.substr(0, equals));
        if (!without.empty() && name == without) continue;
        pairs.emplace_back(percent_encode(name), equals == std::string_view::npos
                                                     ? std::string()
                                                     : percent_encode(decode(pair.substr(equals + 1))));
    }
    std::sort(pairs.begin(), pairs.end());
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out += '&';
        out += name + "=" + value;
    }
    return out;
}

bool is_signed_header(std::string_view name) {
    // What proxies on the way may change or drop, as botocore has it.
    static constexpr std::array<std::string_view, 12> never{"authorization",
                                                            "connection",
                                                            "expect",
                                                            "keep-alive",
                                                            "proxy-authenticate",
                                                            "proxy-authorization",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "user-agent",
                                                            "x-amzn-trace-id"};
    return std::find(never.begin(), never.end(), lower_case(name)) == never.end();
}

std::vector<std::string> signed_header_names(const HttpHeaders& headers) {
    std::vector<std::string> names;
    for (const HttpHeader& header : headers)
        if (is_signed_header(header.name)) names.push_back(lower_case(header.name));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string canonical_request(const CanonicalRequest& request) {
    std::string out(request.method);
    out += "\n" + canonical_uri(request.path, request.rule) + "\n";
    out += canonical_query(request.query, "X-Amz-Signature") + "\n";
    for (const std::string& name : request.signed_names) {
        out += name + ":";
        bool first = true;
        for (const HttpHeader& header : request.headers) {
            if (lower_case(header.name) != name) continue;
            if (!first) out += ',';
            first = false;
            out += canonical_value(header.value);
        }
        out += '\n';
    }
    out += "\n" + join(request.signed_names, ';') + "\n";
    out += request.payload_hash;
    return out;
}

std::string Scope::str() const {
    return date + "/" + region + "/" + service + "/aws4_request";
}

std::string amz_date(SystemTime time) {
    std::string text = to_iso8601(time); // 2015-08-30T12:36:00Z
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

std::string string_to_sign(std::string_view date, const Scope& scope, std::string_view canonical) {
    return std::string(algorithm) + "\n" + std::string(date) + "\n" + scope.str() + "\n" +
           sha256_hex(canonical);
}

std::string signature(std::string_view secret_key, const Scope& scope, std::string_view text) {
    const Secret start("AWS4" + std::string(secret_key));
    const std::string date_key = hmac_sha256(start.expose(), scope.date);
    const std::string region_key = hmac_sha256(date_key, scope.region);
    const std::string service_key = hmac_sha256(region_key, scope.service);
    return hex(hmac_sha256(hmac_sha256(service_key, "aws4_request"), text));
}

void sign(HttpRequest& request, const SigningKey& key, const Signing& signing) {
    HttpHeaders& headers = request.headers;
    const std::string date = amz_date(signing.time);
    const std::string hash = payload_hash_of(request, signing);
    headers.erase("Authorization");
    headers.erase("X-Amz-Security-Token");
    headers.set("Host", request.url.authority());
    headers.set("X-Amz-Date", date);
    if (signing.content_hash_header) headers.set("x-amz-content-sha256", hash);
    const bool token = !key.session_token.empty();
    if (token && !signing.token_after) headers.set("X-Amz-Security-Token", key.session_token.expose(), true);
    const auto names = signed_header_names(headers);
    const Scope scope = scope_of(signing);
    const std::string canonical = canonical_request(
        {request.method, request.url.path(), request.url.query(), headers, names, hash, signing.rule});
    const std::string value =
        signature(key.secret_key.expose(), scope, string_to_sign(date, scope, canonical));
    if (token && signing.token_after) headers.set("X-Amz-Security-Token", key.session_token.expose(), true);
    headers.set("Authorization",
                std::string(algorithm) + " Credential=" + key.access_key_id + "/" + scope.str() +
                    ", SignedHeaders=" + join(names, ';') + ", Signature=" + value,
                true);
}

void presign(HttpRequest& request, const SigningKey& key, const Signing& signing, int expires_seconds) {
    if (expires_seconds < 1 || expires_seconds > 604800)
        throw Error(ErrorKind::invalid_input, "a presigned URL is valid for 1 to 604800 seconds");
    const std::string date = amz_date(signing.time);
    const Scope scope = scope_of(signing);
    request.headers.set("Host", request.url.authority());
    const auto names = signed_header_names(request.headers);
    std::string& target = request.url.target;
    const auto append = [&target](std::string_view name, std::string_view value) {
        target += (target.find('?') == std::string::npos ? "?" : "&") + std::string(name) + "=" +
                  percent_encode(value);
    };
    append("X-Amz-Algorithm", algorithm);
    append("X-Amz-Credential", key.access_key_id + "/" + scope.str());
    append("X-Amz-Date", date);
    append("X-Amz-SignedHeaders", join(names, ';'));
    append("X-Amz-Expires", std::to_string(expires_seconds));
    const bool token = !key.session_token.empty();
    if (token && !signing.token_after) append("X-Amz-Security-Token", key.session_token.expose());
    const std::string canonical =
        canonical_request({request.method, request.url.path(), request.url.query(), request.headers, names,
                           payload_hash_of(request, signing), signing.rule});
    const std::string value =
        signature(key.secret_key.expose(), scope, string_to_sign(date, scope, canonical));
    if (token && signing.token_after) append("X-Amz-Security-Token", key.session_token.expose());
    append("X-Amz-Signature", value);
}

std::optional<Claim> read_claim(std::string_view query, const HttpHeaders& headers) {
    Claim claim;
    if (const std::string* header = headers.find("Authorization")) {
        std::string_view text = *header;
        if (!text.starts_with(algorithm)) return std::nullopt;
        text.remove_prefix(algorithm.size());
        read_credential(member(text, "Credential"), claim);
        read_names(member(text, "SignedHeaders"), claim);
        claim.signature = std::string(member(text, "Signature"));
        claim.amz_date = headers.get("X-Amz-Date");
        claim.session_token = headers.get("X-Amz-Security-Token");
    } else {
        const auto named = query_value(query, "X-Amz-Algorithm");
        if (!named || *named != algorithm) return std::nullopt;
        const auto value = [query](std::string_view name) {
            auto found = query_value(query, name);
            if (!found) throw Error(ErrorKind::invalid_input, "the query has no " + std::string(name));
            return *found;
        };
        claim.in_query = true;
        read_credential(value("X-Amz-Credential"), claim);
        read_names(value("X-Amz-SignedHeaders"), claim);
        claim.signature = value("X-Amz-Signature");
        claim.amz_date = value("X-Amz-Date");
        claim.session_token = query_value(query, "X-Amz-Security-Token").value_or("");
        const std::string expires = value("X-Amz-Expires");
        const long long seconds = to_integer(expires).value_or(0);
        if (seconds < 1 || seconds > 604800)
            throw Error(ErrorKind::invalid_input, "X-Amz-Expires must be 1 to 604800");
        claim.expires_seconds = seconds;
    }
    if (claim.amz_date.size() != 16 || claim.amz_date[8] != 'T' || claim.amz_date.back() != 'Z')
        throw Error(ErrorKind::invalid_input, "X-Amz-Date must be like 20150830T123600Z");
    return claim;
}

std::string expected_signature(const Claim& claim, std::string_view secret_key, std::string_view method,
                               std::string_view path, std::string_view query, const HttpHeaders& headers,
                               std::string_view payload_hash) {
    const std::string canonical = canonical_request(
        {method, path, query, headers, claim.signed_names, payload_hash, path_rule(claim.scope.service)});
    return signature(secret_key, claim.scope, string_to_sign(claim.amz_date, claim.scope, canonical));
}

} // namespace pyfops::aws

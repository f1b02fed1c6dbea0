// SPDX-License-Identifier: Apache-2.0
#include "pyfops_alibaba/acs3.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>

namespace pyfops::alibaba {
namespace {

constexpr std::string_view algorithm = "ACS3-HMAC-SHA256";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::string join(const std::vector<std::string>& parts, char separator) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

/// A broken escape in a received query is kept as it is: the signature decides.
std::string decode(std::string_view text) {
    try {
        return percent_decode(text);
    } catch (const Error&) {
        return std::string(text);
    }
}

std::string member(std::string_view text, std::string_view name) {
    for (std::string_view part : split(text, ',')) {
        part = trimmed(part);
        if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
            return std::string(part.substr(name.size() + 1));
    }
    throw Error(ErrorKind::invalid_input, "Authorization has no " + std::string(name));
}

} // namespace

std::string acs3_uri(std::string_view path) {
    std::string uri(path.empty() ? "/" : path);
    replace_all(uri, "+", "%20");
    replace_all(uri, "*", "%2A");
    replace_all(uri, "%7E", "~");
    return uri;
}

std::string acs3_query(std::string_view query) {
    std::vector<std::string> pairs;
    if (!query.empty())
        for (const std::string_view pair : split(query, '&')) {
            if (pair.empty()) continue;
            const auto equals = pair.find('=');
            const std::string value =
                equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1));
            pairs.push_back(percent_encode(decode(pair.substr(0, equals))) + "=" + percent_encode(value));
        }
    std::sort(pairs.begin(), pairs.end());
    return join(pairs, '&');
}

std::vector<std::string> acs3_header_names(const HttpHeaders& headers) {
    std::vector<std::string> names;
    for (const HttpHeader& header : headers) {
        std::string name = lower_case(header.name);
        if (name.starts_with("x-acs-") || name == "host" || name == "content-type")
            names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string acs3_canonical(const Acs3Request& request) {
    std::string out(request.method);
    out += "\n" + acs3_uri(request.path) + "\n" + acs3_query(request.query) + "\n";
    for (const std::string& name : request.signed_names) {
        std::vector<std::string> values;
        for (const HttpHeader& header : request.headers)
            if (lower_case(header.name) == name) values.emplace_back(trimmed(header.value));
        std::sort(values.begin(), values.end());
        out += name + ":" + join(values, ',') + "\n";
    }
    out += "\n" + join(request.signed_names, ';') + "\n";
    out += request.payload_hash;
    return out;
}

std::string acs3_signature(std::string_view secret, std::string_view canonical) {
    return hex(hmac_sha256(secret, std::string(algorithm) + "\n" + sha256_hex(canonical)));
}

void acs3_sign(HttpRequest& request, const SigningKey& key, const Acs3Signing& signing) {
    HttpHeaders& headers = request.headers;
    const std::string hash =
        signing.payload_hash.empty() ? sha256_hex(request.body.view()) : signing.payload_hash;
    headers.erase("Authorization");
    headers.set("Host", request.url.authority());
    headers.set("x-acs-date", to_iso8601(signing.time));
    headers.set("x-acs-signature-nonce", signing.nonce);
    headers.set("x-acs-content-sha256", hash);
    headers.erase("x-acs-accesskey-id");
    headers.erase("x-acs-security-token");
    if (!key.security_token.empty()) {
        headers.set("x-acs-accesskey-id", key.access_key_id);
        headers.set("x-acs-security-token", key.security_token.expose(), true);
    }
    const auto names = acs3_header_names(headers);
    const std::string canonical =
        acs3_canonical({request.method, request.url.path(), request.url.query(), headers, names, hash});
    headers.set("Authorization",
                std::string(algorithm) + " Credential=" + key.access_key_id +
                    ",SignedHeaders=" + join(names, ';') +
                    ",Signature=" + acs3_signature(key.access_key_secret.expose(), canonical),
                true);
}

std::optional<Acs3Claim> acs3_claim(const HttpHeaders& headers) {
    const std::string* header = headers.find("Authorization");
    if (!header || !header->starts_with(algorithm)) return std::nullopt;
    const std::string_view text = std::string_view(*header).substr(algorithm.size());
    Acs3Claim claim;
    claim.access_key_id = member(text, "Credential");
    claim.signature = member(text, "Signature");
    const std::string names = member(text, "SignedHeaders");
    for (const std::string_view name : split(names, ';'))
        claim.signed_names.emplace_back(name);
    if (!std::is_sorted(claim.signed_names.begin(), claim.signed_names.end()))
        throw Error(ErrorKind::invalid_input, "SignedHeaders are not sorted");
    return claim;
}

} // namespace pyfops::alibaba

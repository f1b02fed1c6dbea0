// SPDX-License-Identifier: Apache-2.0
#include "pyfops_alibaba/v4.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>

namespace pyfops::alibaba {
namespace {

constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::string_view terminator = "aliyun_v4_request";

std::string_view algorithm(V4Product product) {
    return product == V4Product::oss ? "OSS4-HMAC-SHA256" : "SLS4-HMAC-SHA256";
}
std::string_view name_of(V4Product product) {
    return product == V4Product::oss ? "oss" : "sls";
}
const char* date_header(V4Product product) {
    return product == V4Product::oss ? "x-oss-date" : "x-log-date";
}
const char* hash_header(V4Product product) {
    return product == V4Product::oss ? "x-oss-content-sha256" : "x-log-content-sha256";
}
const char* token_header(V4Product product) {
    return product == V4Product::oss ? "x-oss-security-token" : "x-acs-security-token";
}

bool is_signed(V4Product product, const std::string& name, const std::vector<std::string>& additional) {
    if (std::find(additional.begin(), additional.end(), name) != additional.end()) return true;
    if (name == "content-type") return true;
    if (product == V4Product::oss) return name == "content-md5" || name.starts_with("x-oss-");
    return name == "host" || name.starts_with("x-log-") || name.starts_with("x-acs-");
}

/// As on the wire, sorted; an empty value has no '='.
std::string canonical_query(std::string_view query) {
    std::vector<std::string> pairs;
    if (!query.empty())
        for (const std::string_view pair : split(query, '&')) {
            if (pair.empty()) continue;
            pairs.emplace_back(pair.ends_with('=') ? pair.substr(0, pair.size() - 1) : pair);
        }
    const auto name = [](const std::string& pair) {
        return std::string_view(pair).substr(0, pair.find('='));
    };
    std::sort(pairs.begin(), pairs.end(), [&name](const std::string& a, const std::string& b) {
        return std::pair(name(a), std::string_view(a)) < std::pair(name(b), std::string_view(b));
    });
    std::string out;
    for (const std::string& pair : pairs)
        out += (out.empty() ? "" : "&") + pair;
    return out;
}

std::string canonical_request(V4Product product, std::string_view method, std::string_view resource,
                              std::string_view query, const HttpHeaders& headers,
                              const std::vector<std::string>& additional) {
    std::vector<std::pair<std::string, std::string>> kept;
    for (const HttpHeader& header : headers) {
        std::string name = lower_case(header.name);
        if (is_signed(product, name, additional)) kept.emplace_back(std::move(name), trimmed(header.value));
    }
    std::sort(kept.begin(), kept.end());
    std::string lines, names;
    for (const auto& [name, value] : kept) {
        lines += name + ":" + value + "\n";
        names += (names.empty() ? "" : ";") + name;
    }
    if (product == V4Product::oss) {
        names.clear();
        for (const std::string& name : additional)
            names += (names.empty() ? "" : ";") + name;
    }
    const std::string* hash = headers.find(hash_header(product));
    return std::string(method) + "\n" + std::string(resource) + "\n" + canonical_query(query) + "\n" + lines +
           "\n" + names + "\n" + (hash ? *hash : std::string(unsigned_payload));
}

std::string signature(V4Product product, std::string_view secret, const std::string& date,
                      const std::string& region, const std::string& time, const std::string& canonical) {
    const std::string product_name(name_of(product));
    const std::string scope = date + "/" + region + "/" + product_name + "/" + std::string(terminator);
    const std::string text =
        std::string(algorithm(product)) + "\n" + time + "\n" + scope + "\n" + sha256_hex(canonical);
    const Secret start("aliyun_v4" + std::string(secret));
    const std::string date_key = hmac_sha256(start.expose(), date);
    const std::string region_key = hmac_sha256(date_key, region);
    const std::string product_key = hmac_sha256(region_key, product_name);
    return hex(hmac_sha256(hmac_sha256(product_key, terminator), text));
}

std::string member(std::string_view text, std::string_view name) {
    for (std::string_view part : split(text, ',')) {
        part = trimmed(part);
        if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
            return std::string(part.substr(name.size() + 1));
    }
    return {};
}

} // namespace

std::string v4_date(SystemTime time) {
    std::string text = to_iso8601(time);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

void v4_sign(HttpRequest& request, const SigningKey& key, const V4Signing& signing) {
    HttpHeaders& headers = request.headers;
    const std::string time = v4_date(signing.time);
    const bool oss = signing.product == V4Product::oss;
    headers.erase("Authorization");
    headers.set("Host", request.url.authority());
    headers.set(date_header(signing.product), time);
    headers.set(hash_header(signing.product), oss                            ? std::string(unsigned_payload)
                                              : signing.payload_hash.empty() ? sha256_hex(request.body.view())
                                                                             : signing.payload_hash);
    headers.erase(token_header(signing.product));
    if (!key.security_token.empty())
        headers.set(token_header(signing.product), key.security_token.expose(), true);
    const std::string date = time.substr(0, 8);
    const std::string canonical = canonical_request(signing.product, request.method, signing.resource,
                                                    request.url.query(), headers, {});
    headers.set(
        "Authorization",
        std::string(algorithm(signing.product)) + " Credential=" + key.access_key_id + "/" + date + "/" +
            signing.region + "/" + std::string(name_of(signing.product)) + "/" + std::string(terminator) +
            ",Signature=" +
            signature(signing.product, key.access_key_secret.expose(), date, signing.region, time, canonical),
        true);
}

std::optional<V4Claim> v4_claim(const HttpHeaders& headers) {
    const std::string* header = headers.find("Authorization");
    if (!header) return std::nullopt;
    V4Claim claim;
    if (header->starts_with(algorithm(V4Product::sls)))
        claim.product = V4Product::sls;
    else if (!header->starts_with(algorithm(V4Product::oss)))
        return std::nullopt;
    const std::string_view text = std::string_view(*header).substr(algorithm(claim.product).size());
    const std::string credential = member(text, "Credential");
    const auto parts = split(credential, '/');
    if (parts.size() != 5 || parts[3] != name_of(claim.product) || parts[4] != terminator)
        throw Error(ErrorKind::invalid_input, "Credential must be key/date/region/" +
                                                  std::string(name_of(claim.product)) + "/" +
                                                  std::string(terminator));
    claim.access_key_id = std::string(parts[0]);
    claim.date = std::string(parts[1]);
    claim.region = std::string(parts[2]);
    claim.signature = member(text, "Signature");
    if (const std::string names = member(text, "AdditionalHeaders"); !names.empty())
        for (const std::string_view name : split(names, ';'))
            claim.additional.emplace_back(name);
    claim.time = headers.get(date_header(claim.product));
    if (claim.time.size() != 16 || claim.time[8] != 'T' || claim.time.back() != 'Z')
        throw Error(ErrorKind::invalid_input,
                    std::string(date_header(claim.product)) + " must be like 20231216T162057Z");
    return claim;
}

std::string v4_expected(const V4Claim& claim, std::string_view secret, std::string_view method,
                        std::string_view resource, std::string_view query, const HttpHeaders& headers) {
    return signature(claim.product, secret, claim.date, claim.region, claim.time,
                     canonical_request(claim.product, method, resource, query, headers, claim.additional));
}

} // namespace pyfops::alibaba

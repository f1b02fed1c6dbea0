// SPDX-License-Identifier: Apache-2.0
#include "authentication.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "pyfops_alibaba/acs3.hpp"
#include "pyfops_alibaba/v4.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::alibaba_emulator {

namespace {

using namespace std::chrono_literals;

constexpr auto window = 15min;
constexpr std::string_view empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The same refusal has another code in each service.
ApiError refusal(Service service, std::string_view what, const std::string& message) {
    struct Codes {
        std::string_view what, fc, sts, oss, log;
        int status;
    };
    static constexpr Codes codes[] = {
        {"unknown key", "InvalidAccessKeyID", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId",
         "InvalidAccessKeyId", 403},
        {"signature", "SignatureNotMatch", "SignatureDoesNotMatch", "SignatureDoesNotMatch",
         "SignatureNotMatch", 403},
        {"token", "InvalidSecurityToken.Malformed", "InvalidSecurityToken.Malformed", "InvalidSecurityToken",
         "InvalidSecurityToken", 403},
        {"expired", "InvalidSecurityToken.Expired", "InvalidSecurityToken.Expired", "SecurityTokenExpired",
         "SecurityTokenExpired", 403},
        {"time", "InvalidTimeStamp.Expired", "InvalidTimeStamp.Expired", "RequestTimeTooSkewed",
         "RequestTimeExpired", 400},
        {"incomplete", "MissingRequiredHeader", "IncompleteSignature", "InvalidArgument", "ParameterInvalid",
         400},
    };
    const auto* found = std::find_if(std::begin(codes), std::end(codes),
                                     [what](const Codes& one) { return one.what == what; });
    std::string_view code = found->fc;
    if (service == Service::sts) code = found->sts;
    if (service == Service::oss) code = found->oss;
    if (service == Service::log) code = found->log;
    return ApiError(found->status, std::string(code), message);
}

const std::string mismatch = "The request signature we calculated does not match the signature you provided. "
                             "Check your access key and signing method.";

void check_time(const World& world, const Call& call, const std::string& text) {
    SystemTime sent;
    try {
        sent = from_iso8601(text);
    } catch (const Error&) {
        throw refusal(call.service, "incomplete", "the time of the request cannot be read: " + text);
    }
    const SystemTime now = world.now();
    if (now - sent > window || sent - now > window)
        throw refusal(call.service, "time",
                      fmt::format("the time of the request, {}, is more than 15 minutes from {}", text,
                                  to_iso8601(now)));
}

std::string dashed(const std::string& text) {
    return fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                       text.substr(9, 2), text.substr(11, 2), text.substr(13, 2));
}

std::pair<std::string, std::string> path_and_query(const std::string& target) {
    const auto question = target.find('?');
    return {target.substr(0, question), question == std::string::npos ? "" : target.substr(question + 1)};
}

} // namespace

AccessKey Authentication::known_key(const Call& call, const std::string& id, const std::string& token) {
    auto key = keys_.find(id);
    if (!key) throw refusal(call.service, "unknown key", fmt::format("invalid access key ID '{}'", id));
    if (!equal_secret(key->token, token))
        throw refusal(call.service, "token",
                      "The security token is malformed or does not fit the access key.");
    if (key->expires_ms != 0 && key->expires_ms <= world_.now_ms())
        throw refusal(call.service, "expired", "The security token has expired.");
    return std::move(*key);
}

void Authentication::check_nonce(const Call& call, const std::string& key_id, const std::string& nonce) {
    if (nonce.empty())
        throw refusal(call.service, "incomplete",
                      "required HTTP header x-acs-signature-nonce was not specified");
    const auto now = world_.now_ms();
    const auto keep = std::chrono::duration_cast<Milliseconds>(window).count() * 2;
    if (nonces_.size() > 10'000) std::erase_if(nonces_, [now](const auto& one) { return one.second < now; });
    if (!nonces_.emplace(key_id + "/" + nonce, now + keep).second)
        throw ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.");
}

void Authentication::check_acs3(const ServerRequest& request, Call& call) {
    const auto claim = alibaba::acs3_claim(request.headers);
    const AccessKey key = known_key(call, claim->access_key_id, request.headers.get("x-acs-security-token"));
    const bool trigger = call.service == Service::trigger;
    if (!request.headers.has("x-acs-date"))
        throw refusal(call.service, "incomplete", "required HTTP header x-acs-date was not specified");
    check_time(world_, call, request.headers.get("x-acs-date"));
    const auto is_signed = [&claim](const std::string& name) {
        return std::find(claim->signed_names.begin(), claim->signed_names.end(), name) !=
               claim->signed_names.end();
    };
    if (!trigger && !is_signed("host"))
        throw refusal(call.service, "signature", "the header host is not signed");
    for (const std::string& name : alibaba::acs3_header_names(request.headers))
        if (name.starts_with("x-acs-") && !is_signed(name))
            throw refusal(call.service, "signature", "the header " + name + " is not signed");

    const std::string body_hash = sha256_hex(request.body);
    const std::string given = request.headers.get("x-acs-content-sha256");
    if (!given.empty() && given != body_hash)
        throw refusal(call.service, "signature", "x-acs-content-sha256 is not the hash of the body");
    std::vector<std::string> hashes{body_hash};
    // What a call of a trigger signs of its body is not documented: clients leave it out.
    if (trigger) hashes = {body_hash, std::string(), std::string(empty_hash)};
    const auto [whole, query] = path_and_query(request.target);
    for (const std::string& hash : hashes)
        for (const std::string& path : {call.path, whole}) {
            const std::string canonical = alibaba::acs3_canonical(
                {request.method, path, query, request.headers, claim->signed_names, hash});
            if (!equal_secret(alibaba::acs3_signature(key.secret.expose(), canonical), claim->signature))
                continue;
            if (!trigger) check_nonce(call, key.id, request.headers.get("x-acs-signature-nonce"));
            call.key_id = key.id;
            call.principal = key.principal;
            return;
        }
    throw refusal(call.service, "signature", mismatch);
}

void Authentication::check_v4(const ServerRequest& request, Call& call) {
    const auto claim = alibaba::v4_claim(request.headers);
    const bool oss = claim->product == alibaba::V4Product::oss;
    const AccessKey key =
        known_key(call, claim->access_key_id,
                  request.headers.get(oss ? "x-oss-security-token" : "x-acs-security-token"));
    check_time(world_, call, dashed(claim->time));
    if (claim->time.substr(0, 8) != claim->date)
        throw refusal(call.service, "signature", "the day of the credential is not that of the request");
    if (!oss && request.headers.get("x-log-content-sha256") != sha256_hex(request.body))
        throw refusal(call.service, "signature", "x-log-content-sha256 is not the hash of the body");
    std::string resource = call.path;
    if (oss && call.host.find(".oss-") != std::string::npos)
        resource = "/" + call.label("bucket") + call.path;
    // A bucket without a key is "/bucket/" however it is addressed.
    if (oss && call.labels.contains("key") && call.label("key").empty() && !resource.ends_with('/'))
        resource += '/';
    const std::string query = path_and_query(request.target).second;
    const std::string expected =
        alibaba::v4_expected(*claim, key.secret.expose(), request.method, resource, query, request.headers);
    if (!equal_secret(expected, claim->signature)) throw refusal(call.service, "signature", mismatch);
    call.region = claim->region;
    call.key_id = key.id;
    call.principal = key.principal;
}

void Authentication::check(const ServerRequest& request, Call& call) {
    const std::string authorization = request.headers.get("Authorization");
    try {
        if (authorization.starts_with("ACS3-HMAC-SHA256"))
            check_acs3(request, call);
        else if (authorization.starts_with("OSS4-") || authorization.starts_with("SLS4-"))
            check_v4(request, call);
    } catch (const Error& error) {
        throw refusal(call.service, "incomplete", error.message());
    }
}

} // namespace pyfops::alibaba_emulator

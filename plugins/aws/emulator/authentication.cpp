// SPDX-License-Identifier: Apache-2.0
#include "authentication.hpp"

#include "pyfops_aws/sigv4.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pyfops::aws_emulator {

namespace {

using namespace std::chrono_literals;

SystemTime from_amz_date(const std::string& text) {
    return from_iso8601(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2),
                                    text.substr(6, 2), text.substr(9, 2), text.substr(11, 2),
                                    text.substr(13, 2)));
}

/// The same refusal has another code in each service.
ApiError refusal(const std::string& service, std::string_view what, const std::string& message) {
    struct Codes {
        std::string_view what, json, query, s3;
        int s3_status;
    };
    static constexpr std::array<Codes, 4> codes{{
        {"unknown key", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", 403},
        {"signature", "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch", 403},
        {"expired", "ExpiredTokenException", "ExpiredToken", "ExpiredToken", 400},
        {"incomplete", "IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed",
         400},
    }};
    const auto* found =
        std::find_if(codes.begin(), codes.end(), [&](const auto& c) { return c.what == what; });
    const auto protocol = protocol_of(service);
    ApiError error(403, std::string(found->json), message);
    if (protocol == Protocol::query) error.code = found->query;
    if (protocol == Protocol::rest_xml) {
        error.code = found->s3;
        error.status = found->s3_status;
    }
    // Signature failures have no "Type": they come from the front door, not from the service.
    return error;
}

void check_clock(const World& world, const aws::Claim& claim) {
    SystemTime sent;
    try {
        sent = from_amz_date(claim.amz_date);
    } catch (const Error&) {
        throw refusal(claim.scope.service, "incomplete", "Date must be in ISO-8601 'basic format'.");
    }
    const auto now = world.now();
    const std::string& service = claim.scope.service;
    if (claim.expires_seconds) {
        if (now > sent + std::chrono::seconds(*claim.expires_seconds))
            throw ApiError(403, "AccessDenied", "Request has expired");
        return;
    }
    const auto allowed = service == "s3" ? 15min : 5min;
    if (now - sent <= allowed && sent - now <= allowed) return;
    if (service == "s3") {
        ApiError error(403, "RequestTimeTooSkewed",
                       "The difference between the request time and the current time is too large.");
        error.members = {{"RequestTime", claim.amz_date},
                         {"ServerTime", to_iso8601(now)},
                         {"MaxAllowedSkewMilliseconds", "900000"}};
        throw error;
    }
    if (sent < now)
        throw refusal(service, "signature",
                      fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                                  claim.amz_date, aws::amz_date(now - allowed), aws::amz_date(now)));
    throw refusal(service, "signature",
                  fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)",
                              claim.amz_date, aws::amz_date(now + allowed), aws::amz_date(now)));
}

AccessKey check_key(const World& world, const Keys& keys, const aws::Claim& claim) {
    const std::string& service = claim.scope.service;
    const bool s3 = service == "s3";
    auto key = keys.find(claim.access_key_id);
    if (!key)
        throw refusal(service, "unknown key",
                      s3 ? "The AWS Access Key Id you provided does not exist in our records."
                         : "The security token included in the request is invalid.");
    if (!equal_secret(key->token, claim.session_token)) {
        if (s3) throw ApiError(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
        throw refusal(service, "unknown key", "The security token included in the request is invalid.");
    }
    if (key->expires_ms != 0 && key->expires_ms <= world.now_ms())
        throw refusal(service, "expired",
                      s3 ? "The provided token has expired."
                         : "The security token included in the request is expired");
    return std::move(*key);
}

void check_scope(const World& world, const aws::Claim& claim) {
    const std::string& service = claim.scope.service;
    static constexpr std::array<std::string_view, 5> services{"lambda", "s3", "iam", "sts", "logs"};
    if (std::find(services.begin(), services.end(), service) == services.end())
        throw ApiError(
            403, "UnknownService",
            fmt::format("The local cloud has no service '{}' (docs/emulator.md lists what there is)",
                        service));
    if (claim.amz_date.substr(0, 8) != claim.scope.date)
        throw refusal(
            service, "signature",
            fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                        "from HTTP: '{}' != '{}', from '{}'.",
                        claim.scope.date, claim.amz_date.substr(0, 8), claim.amz_date));
    // With an endpoint of its own boto3 signs IAM for the client's region: any will do. A region that the
    // account has not enabled does not know its keys.
    const auto disabled = world.host().setting ? world.host().setting("regions.disabled") : std::nullopt;
    if (!disabled || !disabled->is_array()) return;
    for (const auto& region : disabled->as_array())
        if (region.is_string() && region.as_string() == claim.scope.region)
            throw refusal(service, "unknown key", "The security token included in the request is invalid.");
}

/// What the signature covers of the body.
std::string payload_hash(const ServerRequest& request, const aws::Claim& claim) {
    const std::string given = request.headers.get("x-amz-content-sha256");
    if (claim.in_query && given.empty())
        return claim.scope.service == "s3" ? std::string(aws::unsigned_payload) : sha256_hex(request.body);
    if (given.empty()) {
        if (claim.scope.service == "s3")
            throw ApiError(400, "InvalidRequest",
                           "Missing required header for this request: x-amz-content-sha256");
        return sha256_hex(request.body);
    }
    if (given == aws::unsigned_payload || given == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
        if (claim.scope.service != "s3") return sha256_hex(request.body);
        return given;
    }
    if (given.starts_with("STREAMING-"))
        throw ApiError(501, "NotImplemented",
                       "A header you provided implies functionality that is not implemented");
    if (given != sha256_hex(request.body))
        throw ApiError(400, "XAmzContentSHA256Mismatch",
                       "The provided 'x-amz-content-sha256' header does not match what was computed.");
    return given;
}

void check_signed_names(const ServerRequest& request, const aws::Claim& claim) {
    const auto is_signed = [&](std::string_view name) {
        return std::find(claim.signed_names.begin(), claim.signed_names.end(), name) !=
               claim.signed_names.end();
    };
    if (!is_signed("host"))
        throw refusal(claim.scope.service, "signature",
                      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    for (const auto& header : request.headers) {
        const std::string name = lower_case(header.name);
        // The token may be added after signing.
        if (!name.starts_with("x-amz-") || name == "x-amz-security-token" || is_signed(name)) continue;
        if (claim.scope.service == "s3" && !claim.in_query)
            throw ApiError(403, "AccessDenied",
                           "There were headers present in the request which were not signed");
    }
}

} // namespace

std::string authenticate(const World& world, const Keys& keys, const ServerRequest& request, Call& call) {
    const auto question = request.target.find('?');
    const std::string_view query = question == std::string::npos
                                       ? std::string_view()
                                       : std::string_view(request.target).substr(question + 1);
    std::optional<aws::Claim> claim;
    try {
        claim = aws::read_claim(query, request.headers);
    } catch (const Error& error) {
        throw refusal(call.service, "incomplete", error.message());
    }
    if (!claim) return {};
    call.service = claim->scope.service;
    call.region = claim->scope.region;
    check_scope(world, *claim);
    const auto key = check_key(world, keys, *claim);
    check_clock(world, *claim);
    check_signed_names(request, *claim);
    const auto expected = aws::expected_signature(*claim, key.secret.expose(), request.method, call.path,
                                                  query, request.headers, payload_hash(request, *claim));
    if (!equal_secret(expected, claim->signature))
        throw refusal(
            call.service, "signature",
            call.service == "s3"
                ? "The request signature we calculated does not match the signature you provided. Check "
                  "your key and signing method."
                : "The request signature we calculated does not match the signature you provided. Check "
                  "your AWS Secret Access Key and signing method. Consult the service documentation for "
                  "details.");
    call.principal = key.principal;
    return key.id;
}

namespace {

/// CRC-32 with a reflected polynomial: IEEE (zlib's) or Castagnoli.
std::string crc32(std::string_view data, std::uint32_t polynomial) {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) ? (value >> 1) ^ polynomial : value >> 1;
        table[i] = value;
    }
    std::uint32_t crc = 0xffffffffu;
    for (const char c : data)
        crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
    crc ^= 0xffffffffu;
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>((crc >> shift) & 0xff);
    return bytes;
}

void check_checksum(std::string_view name, const std::string& given, std::string_view body) {
    std::string made;
    if (name == "x-amz-checksum-crc32")
        made = crc32(body, 0xedb88320u);
    else if (name == "x-amz-checksum-crc32c")
        made = crc32(body, 0x82f63b78u);
    else if (name == "x-amz-checksum-sha1")
        made = sha1(body);
    else if (name == "x-amz-checksum-sha256")
        made = sha256(body);
    else
        return; // an algorithm that is not verified here
    if (base64(made) != given)
        throw ApiError(400, "BadDigest",
                       fmt::format("The {} you specified did not match the calculated checksum.",
                                   name.substr(std::string_view("x-amz-checksum-").size())));
}

[[noreturn]] void bad_chunk() {
    throw ApiError(400, "IncompleteBody", "The request body terminated unexpectedly");
}

/// hex-size CRLF data CRLF ... 0 CRLF trailer CRLF CRLF
std::string unchunk(std::string_view text, HttpHeaders& trailer) {
    std::string content;
    const auto line = [&text] {
        const auto end = text.find("\r\n");
        if (end == std::string_view::npos) bad_chunk();
        const std::string_view found = text.substr(0, end);
        text.remove_prefix(end + 2);
        return found;
    };
    for (;;) {
        const std::string header(line().substr(0, 16));
        char* end = nullptr;
        const auto size = std::strtoull(header.c_str(), &end, 16);
        if (end == header.c_str()) bad_chunk();
        if (size == 0) break;
        if (size > text.size() || text.substr(size, 2) != "\r\n") bad_chunk();
        content += text.substr(0, size);
        text.remove_prefix(size + 2);
    }
    while (!text.empty()) {
        const auto field = line();
        if (field.empty()) break;
        const auto colon = field.find(':');
        if (colon == std::string_view::npos) bad_chunk();
        auto value = field.substr(colon + 1);
        while (value.starts_with(' '))
            value.remove_prefix(1);
        trailer.add(std::string(field.substr(0, colon)), std::string(value));
    }
    return content;
}

} // namespace

void decode_payload(Call& call) {
    HttpHeaders trailer;
    if (call.headers.get("x-amz-content-sha256").starts_with("STREAMING-") ||
        call.headers.get("Content-Encoding").find("aws-chunked") != std::string::npos) {
        call.body = unchunk(call.body, trailer);
        const std::string length = call.headers.get("x-amz-decoded-content-length");
        if (!length.empty() && length != std::to_string(call.body.size())) bad_chunk();
        const std::string announced = call.headers.get("x-amz-trailer");
        if (!announced.empty() && !trailer.has(announced))
            throw ApiError(
                400, "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to "
                "our published schema.");
    }
    for (const auto* headers : {&call.headers, &trailer})
        for (const auto& header : *headers) {
            const std::string name = lower_case(header.name);
            if (name.starts_with("x-amz-checksum-")) check_checksum(name, header.value, call.body);
        }
}

} // namespace pyfops::aws_emulator

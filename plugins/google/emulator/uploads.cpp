// SPDX-License-Identifier: Apache-2.0
#include "uploads.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pyfops::google_emulator {
namespace {

const std::string collection = "google/uploads";
constexpr std::size_t largest = 104'857'600;
constexpr std::int64_t url_seconds = 1800;
constexpr std::string_view signature_field = "&X-Goog-Signature=";
constexpr std::string_view range_header = "x-goog-content-length-range";

[[noreturn]] void refuse(const std::string& code, const std::string& message) {
    throw ApiError(403, code, message);
}

} // namespace

std::string Uploads::signature(const std::string& object, const std::string& query) const {
    return hex(hmac_sha256(keys_.seal().expose(), "upload:PUT\n/" + object + "\n" + query));
}

void Uploads::forget_old() {
    for (const std::string& key : world_.state().keys(collection)) {
        const auto stored = world_.state().get(collection, key);
        if (stored && integer_or(*stored, "expires") + url_seconds < world_.now_seconds())
            world_.state().erase(collection, key);
    }
}

ServerResponse Uploads::generate(const Call& call) {
    forget_old();
    const std::string bucket = fmt::format("gcf-v2-uploads-{}-{}", project_number, call.location);
    const std::string name = world_.uuid() + ".zip";
    const std::string object = bucket + "/" + name;
    const bool with_range = world_.setting("google.signed_range", 0) != 0;
    std::string date = to_iso8601(world_.now());
    std::erase(date, '-');
    std::erase(date, ':');
    const std::string query = fmt::format(
        "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=service-{}%40gcf-admin-robot.iam."
        "gserviceaccount.com"
        "%2F{}%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date={}&X-Goog-Expires={}&X-Goog-SignedHeaders="
        "content-type%3Bhost{}",
        project_number, date.substr(0, 8), date, url_seconds,
        with_range ? "%3B" + std::string(range_header) : std::string());
    world_.state().put(collection, object, {{"expires", world_.now_seconds() + url_seconds}});
    return json_response(
        200,
        json::object{{"uploadUrl", fmt::format("{}/storage.googleapis.com/{}?{}{}{}", world_.host().base_url,
                                               object, query, signature_field, signature(object, query))},
                     {"storageSource", json::object{{"bucket", bucket}, {"object", name}}}});
}

ServerResponse Uploads::put(const Call& call, const std::string& raw_query) {
    const auto at = raw_query.find(signature_field);
    const std::string query = raw_query.substr(0, at);
    auto stored = world_.state().get(collection, call.name);
    if (at == std::string::npos || !stored ||
        !equal_secret(raw_query.substr(at + signature_field.size()), signature(call.name, query)))
        refuse("SignatureDoesNotMatch",
               "The request signature we calculated does not match the signature you "
               "provided.");
    if (integer_or(*stored, "expires") < world_.now_seconds())
        refuse("ExpiredToken", "The provided token has expired.");
    if (call.http.headers.has("Authorization"))
        refuse("AccessDenied",
               "Only one of a signature in the query and an Authorization header may be sent.");
    if (call.http.headers.get("Content-Type") != "application/zip")
        refuse("SignatureDoesNotMatch", "The Content-Type is not the signed one.");
    const bool signed_range = query.find(range_header) != std::string::npos;
    for (const HttpHeader& header : call.http.headers)
        if (const std::string name = lower_case(header.name);
            name.starts_with("x-goog-") && !(signed_range && name == range_header))
            refuse("MalformedSecurityHeader", "The header " + name + " is not signed.");
    if (signed_range && call.http.headers.get(range_header) != fmt::format("0,{}", largest))
        refuse("SignatureDoesNotMatch",
               "The signed header x-goog-content-length-range is missing or another.");
    if (call.http.body.size() > largest)
        throw ApiError(400, "EntityTooLarge", "Your proposed upload is larger than the maximum object size.");
    (*stored)["blob"] = world_.state().put_blob(call.http.body);
    world_.state().put(collection, call.name, *stored);
    ServerResponse answer = empty_response(200);
    answer.headers.set("x-goog-generation", std::to_string(world_.now_ms() * 1000));
    return answer;
}

std::string Uploads::fetch(const json::value& source) const {
    const std::string object = string_or(source, "bucket") + "/" + string_or(source, "object");
    const auto stored = world_.state().get(collection, object);
    const std::string blob = stored ? string_or(*stored, "blob") : std::string();
    if (blob.empty())
        invalid_argument(
            fmt::format("Could not find the source object gs://{} (or the caller may not read it)", object));
    return blob;
}

} // namespace pyfops::google_emulator

// SPDX-License-Identifier: Apache-2.0
#include "oss.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/xml.hpp"
#include "pyfops_alibaba/crc64.hpp"
#include "regions.hpp"

#include <fmt/format.h>

#include <regex>

namespace pyfops::alibaba_emulator {

namespace {

const std::string buckets = "alibaba/buckets";
const std::string objects = "alibaba/objects";
constexpr std::size_t most = 100; ///< objects on a page

std::string object_key(const Call& call) {
    return call.label("bucket") + "/" + call.label("key");
}

void check_md5(const Call& call) {
    const std::string given = call.headers.get("Content-MD5");
    if (!given.empty() && given != base64(md5(call.body)))
        throw ApiError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
}

[[noreturn]] void no_bucket() {
    throw ApiError(404, "NoSuchBucket", "The specified bucket does not exist.");
}

} // namespace

Bytes Oss::fetch(const std::string& region, const std::string& bucket, const std::string& key) const {
    const auto known = world_.state().get(buckets, bucket);
    if (!known) invalid_argument(fmt::format("OSS bucket '{}' does not exist", bucket));
    if (string_or(*known, "region") != region)
        invalid_argument(fmt::format("OSS bucket '{}' is in {}, the function is in {}", bucket,
                                     string_or(*known, "region"), region));
    const auto object = world_.state().get(objects, bucket + "/" + key);
    if (!object) invalid_argument(fmt::format("OSS object '{}' does not exist in '{}'", key, bucket));
    return world_.state().blob(string_or(*object, "blob"));
}

ServerResponse Oss::put_bucket(const Call& call) {
    const std::string& name = call.label("bucket");
    static const std::regex form("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]");
    if (!std::regex_match(name, form))
        throw ApiError(400, "InvalidBucketName", "The specified bucket is not valid.");
    if (!is_region(call.region)) throw ApiError(400, "InvalidArgument", "There is no region " + call.region);
    if (const auto known = world_.state().get(buckets, name)) {
        if (string_or(*known, "region") != call.region)
            throw ApiError(409, "BucketAlreadyExists",
                           "The requested bucket name is not available in this region.");
        return empty_response(200); // one's own bucket
    }
    world_.state().put(
        buckets, name,
        {{"region", call.region}, {"created", to_iso8601(world_.now())}, {"tags", json::object()}});
    auto answer = empty_response(200);
    answer.headers.set("Location", "/" + name);
    return answer;
}

ServerResponse Oss::list_objects(const Call& call) const {
    const std::string start = call.label("bucket") + "/";
    const std::string after = call.parameter("continuation-token");
    std::string contents, next;
    std::size_t count = 0;
    for (const auto& key : world_.state().keys(objects, start + call.parameter("prefix"))) {
        const std::string name = key.substr(start.size());
        if (!after.empty() && name <= base64_decode(after)) continue;
        if (count == world_.page(most)) {
            next = "<IsTruncated>true</IsTruncated>" + element("NextContinuationToken", next);
            break;
        }
        ++count;
        next = base64(name);
        const auto object = world_.state().get(objects, key);
        contents += "<Contents>" + element("Key", name) +
                    element("Size", std::to_string(integer_or(*object, "size"))) + "</Contents>";
    }
    if (!next.starts_with('<')) next = "<IsTruncated>false</IsTruncated>";
    return xml_answer(200, "<ListBucketResult>" + element("Name", call.label("bucket")) + next + contents +
                               "</ListBucketResult>");
}

ServerResponse Oss::bucket(const Call& call, json::object known) {
    const std::string& name = call.label("bucket");
    if (call.operation == "GetBucketInfo")
        return xml_answer(200, fmt::format("<BucketInfo><Bucket>{}{}{}</Bucket></BucketInfo>",
                                           element("Name", name),
                                           element("Location", "oss-" + string_or(known, "region")),
                                           element("CreationDate", string_or(known, "created"))));
    if (call.operation == "PutBucketTags") {
        check_md5(call);
        json::object tags;
        try {
            const auto root = sdk::parse_xml(call.body, "the tags");
            if (const auto* set = root.child("TagSet"))
                for (const auto* tag : set->all("Tag"))
                    tags[tag->at("Key")] = tag->at("Value");
        } catch (const Error&) {
            throw ApiError(400, "MalformedXML", "The XML you provided was not well-formed.");
        }
        known["tags"] = std::move(tags);
        world_.state().put(buckets, name, std::move(known));
        return empty_response(200);
    }
    if (call.operation == "GetBucketTags") {
        std::string tags;
        for (const auto& tag : known.at("tags").as_object())
            tags += "<Tag>" + element("Key", tag.key()) +
                    element("Value", std::string_view(tag.value().as_string())) + "</Tag>";
        return xml_answer(200, "<Tagging><TagSet>" + tags + "</TagSet></Tagging>");
    }
    if (call.operation == "ListObjectsV2") return list_objects(call);
    if (call.operation != "DeleteBucket")
        throw ApiError(501, "NotImplemented",
                       fmt::format("The local cloud has no operation {} {} of OSS", call.method, call.path));
    if (!world_.state().keys(objects, name + "/").empty())
        throw ApiError(409, "BucketNotEmpty", "The bucket has objects. Please delete them first.");
    world_.state().erase(buckets, name);
    return empty_response(204);
}

ServerResponse Oss::object(const Call& call) {
    const std::string key = object_key(call);
    if (call.operation == "PutObject") {
        check_md5(call);
        world_.state().put(objects, key,
                           {{"blob", world_.state().put_blob(call.body)}, {"size", call.body.size()}});
        auto answer = empty_response(200);
        answer.headers.set("ETag", "\"" + hex(md5(call.body)) + "\"");
        answer.headers.set("x-oss-hash-crc64ecma", alibaba::checksum(call.body));
        return answer;
    }
    if (call.operation == "DeleteObject") {
        world_.state().erase(objects, key);
        return empty_response(204);
    }
    const auto found = world_.state().get(objects, key);
    if (!found) throw ApiError(404, "NoSuchKey", "The specified key does not exist.");
    auto answer = empty_response(200);
    answer.headers.set("Content-Type", "application/octet-stream");
    if (call.operation == "GetObject") answer.body = world_.state().blob(string_or(*found, "blob"));
    return answer;
}

ServerResponse Oss::handle(const Call& call) {
    if (call.operation == "PutBucket") return put_bucket(call);
    if (!call.labels.contains("bucket"))
        throw ApiError(501, "NotImplemented", "The local cloud does not list buckets of OSS");
    auto known = world_.state().get(buckets, call.label("bucket"));
    if (!known) no_bucket();
    if (string_or(*known, "region") != call.region)
        throw ApiError(
            403, "AccessDenied",
            "The bucket you are attempting to access must be addressed using the specified endpoint.");
    if (call.label("key").empty()) return bucket(call, std::move(*known));
    return object(call);
}

} // namespace pyfops::alibaba_emulator

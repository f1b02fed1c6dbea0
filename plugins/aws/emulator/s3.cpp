// SPDX-License-Identifier: Apache-2.0
#include "s3.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::aws_emulator {

namespace {

const std::string buckets = "aws/buckets";
const std::string objects = "aws/objects";
const std::string uploads = "aws/uploads";
constexpr std::string_view xmlns = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
constexpr std::string_view metadata_prefix = "x-amz-meta-";

/// Bucket names hold no '/', so the first one ends the bucket.
std::string object_key(const std::string& bucket, const std::string& key) {
    return bucket + "/" + key;
}

ServerResponse xml(const std::string& body) {
    auto answer = xml_answer(200, body);
    answer.headers.set("Content-Type", "application/xml");
    return answer;
}

std::int64_t number(const std::string& text, std::int64_t otherwise) {
    return to_integer(text).value_or(otherwise);
}

void check_name(const std::string& name) {
    const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
    if (name.size() < 3 || name.size() > 63 || !plain || name.front() == '-' || name.front() == '.' ||
        name.back() == '-' || name.back() == '.')
        throw ApiError(400, "InvalidBucketName", "The specified bucket is not valid.");
}

} // namespace

json::object S3::required_bucket(const std::string& name) const {
    auto found = world_.state().get(buckets, name);
    if (!found) {
        ApiError error(404, "NoSuchBucket", "The specified bucket does not exist");
        error.members = {{"BucketName", name}};
        throw error;
    }
    return std::move(*found);
}

json::object S3::required_object(const std::string& bucket, const std::string& key) const {
    required_bucket(bucket);
    auto found = world_.state().get(objects, object_key(bucket, key));
    if (!found) {
        ApiError error(404, "NoSuchKey", "The specified key does not exist.");
        error.members = {{"Key", key}};
        throw error;
    }
    return std::move(*found);
}

Bytes S3::fetch(const std::string& bucket, const std::string& key) const {
    return world_.state().blob(string_or(required_object(bucket, key), "blob"));
}

ServerResponse S3::create_bucket(const Call& call) {
    const std::string& name = call.label("Bucket");
    check_name(name);
    const std::string location = xml_text(call.body, "LocationConstraint").value_or("");
    if (location.empty() ? call.region != "us-east-1" : location != call.region)
        throw ApiError(
            400, "IllegalLocationConstraintException",
            fmt::format("The {} location constraint is incompatible for the region specific endpoint "
                        "this request was sent to.",
                        location.empty() ? "unspecified" : location));
    if (world_.state().get(buckets, name))
        throw ApiError(409, "BucketAlreadyOwnedByYou",
                       "Your previous request to create the named bucket succeeded and you already own it.");
    world_.state().put(
        buckets, name,
        {{"region", call.region}, {"created", xml_time(world_.now())}, {"tags", json::object()}});
    auto answer = empty_response(200);
    answer.headers.set("Location", "/" + name);
    return answer;
}

ServerResponse S3::list_objects(const Call& call) const {
    const std::string& bucket = call.label("Bucket");
    required_bucket(bucket);
    const std::string prefix = call.parameter("prefix").value_or("");
    const std::string delimiter = call.parameter("delimiter").value_or("");
    const std::string token = call.parameter("continuation-token").value_or("");
    const std::string after =
        token.empty() ? call.parameter("start-after").value_or("") : base64url_decode(token);
    const auto limit = world_.page(static_cast<std::size_t>(
        std::clamp<std::int64_t>(number(call.parameter("max-keys").value_or(""), 1000), 0, 1000)));
    std::string contents, common, last, next;
    std::string group;
    std::size_t count = 0;
    for (const auto& full : world_.state().keys(objects, object_key(bucket, prefix))) {
        const std::string key = full.substr(bucket.size() + 1);
        if (!after.empty() && key <= after) continue;
        const auto cut = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        if (cut != std::string::npos && !group.empty() && key.starts_with(group)) {
            last = key;
            continue;
        }
        if (count == limit) {
            next = base64url(last);
            break;
        }
        ++count;
        last = key;
        if (cut != std::string::npos) {
            group = key.substr(0, cut + delimiter.size());
            common += "<CommonPrefixes>" + element("Prefix", group) + "</CommonPrefixes>";
            continue;
        }
        const auto object = *world_.state().get(objects, full);
        contents += "<Contents>" + element("Key", key) +
                    element("LastModified", string_or(object, "modified")) +
                    element("ETag", string_or(object, "etag")) +
                    element("Size", std::to_string(integer_or(object, "size"))) +
                    "<StorageClass>STANDARD</StorageClass></Contents>";
    }
    return xml(fmt::format(
        "<ListBucketResult {}>{}{}{}{}{}{}{}{}</ListBucketResult>", xmlns, element("Name", bucket),
        element("Prefix", prefix), element("KeyCount", std::to_string(count)),
        element("MaxKeys", std::to_string(limit)), element("IsTruncated", next.empty() ? "false" : "true"),
        next.empty() ? "" : element("NextContinuationToken", next), contents, common));
}

ServerResponse S3::delete_objects(const Call& call) {
    const std::string& bucket = call.label("Bucket");
    required_bucket(bucket);
    const bool quiet = xml_text(call.body, "Quiet").value_or("") == "true";
    std::string deleted;
    for (const auto& object : xml_elements(call.body, "Object")) {
        const auto key = xml_text(object, "Key");
        if (!key) throw ApiError(400, "MalformedXML", "The XML you provided was not well-formed");
        world_.state().erase(objects, object_key(bucket, *key));
        if (!quiet) deleted += "<Deleted>" + element("Key", *key) + "</Deleted>";
    }
    return xml(fmt::format("<DeleteResult {}>{}</DeleteResult>", xmlns, deleted));
}

ServerResponse S3::bucket_operation(const Call& call) {
    const std::string& operation = call.operation;
    const std::string& name = call.label("Bucket");
    auto bucket = required_bucket(name);
    if (operation == "HeadBucket") {
        auto answer = empty_response(200);
        answer.headers.set("x-amz-bucket-region", string_or(bucket, "region"));
        return answer;
    }
    if (operation == "GetBucketLocation") {
        const auto region = string_or(bucket, "region");
        return xml(fmt::format("<LocationConstraint {}>{}</LocationConstraint>", xmlns,
                               region == "us-east-1" ? "" : region));
    }
    if (operation == "DeleteBucket") {
        if (!world_.state().keys(objects, name + "/").empty())
            throw ApiError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty");
        world_.state().erase(buckets, name);
        return empty_response(204);
    }
    if (operation == "PutBucketTagging") {
        json::object tags;
        for (const auto& tag : xml_elements(call.body, "Tag"))
            tags[xml_text(tag, "Key").value_or("")] = xml_text(tag, "Value").value_or("");
        bucket["tags"] = std::move(tags);
        world_.state().put(buckets, name, std::move(bucket));
        return empty_response(204);
    }
    if (operation == "GetBucketTagging") {
        const auto& tags = bucket.at("tags").as_object();
        if (tags.empty()) throw ApiError(404, "NoSuchTagSet", "The TagSet does not exist");
        std::string set;
        for (const auto& tag : tags)
            set += "<Tag>" + element("Key", std::string_view(tag.key())) +
                   element("Value", std::string_view(tag.value().as_string())) + "</Tag>";
        return xml(fmt::format("<Tagging {}><TagSet>{}</TagSet></Tagging>", xmlns, set));
    }
    // PutPublicAccessBlock: everything is private here.
    return empty_response(200);
}

json::object S3::store(const std::string& bucket, const std::string& key, std::string_view content,
                       const std::string& etag, const std::string& type, json::object metadata) {
    json::object object{{"blob", world_.state().put_blob(content)},
                        {"etag", etag},
                        {"size", content.size()},
                        {"type", type.empty() ? "binary/octet-stream" : type},
                        {"modified", xml_time(world_.now())},
                        {"http_date", to_http_date(world_.now())},
                        {"metadata", std::move(metadata)}};
    world_.state().put(objects, object_key(bucket, key), object);
    return object;
}

ServerResponse S3::put_object(const Call& call) {
    required_bucket(call.label("Bucket"));
    if (call.headers.get("If-None-Match") == "*" &&
        world_.state().get(objects, object_key(call.label("Bucket"), call.label("Key"))))
        throw ApiError(412, "PreconditionFailed",
                       "At least one of the pre-conditions you specified did not hold");
    if (const auto given = call.headers.get("Content-MD5"); !given.empty() && given != base64(md5(call.body)))
        throw ApiError(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
    json::object metadata;
    for (const auto& header : call.headers) {
        const std::string name = lower_case(header.name);
        if (name.starts_with(metadata_prefix)) metadata[name.substr(metadata_prefix.size())] = header.value;
    }
    const auto object =
        store(call.label("Bucket"), call.label("Key"), call.body, "\"" + hex(md5(call.body)) + "\"",
              call.headers.get("Content-Type"), std::move(metadata));
    auto answer = empty_response(200);
    answer.headers.set("ETag", string_or(object, "etag"));
    return answer;
}

ServerResponse S3::get_object(const Call& call) const {
    const auto object = required_object(call.label("Bucket"), call.label("Key"));
    auto answer = empty_response(200);
    answer.headers.set("ETag", string_or(object, "etag"));
    answer.headers.set("Content-Type", string_or(object, "type"));
    answer.headers.set("Last-Modified", string_or(object, "http_date"));
    answer.headers.set("Accept-Ranges", "bytes");
    for (const auto& member : object.at("metadata").as_object())
        answer.headers.set(std::string(metadata_prefix) + std::string(member.key()),
                           std::string(member.value().as_string()));
    if (call.operation == "HeadObject")
        answer.headers.set("Content-Length", std::to_string(integer_or(object, "size")));
    else
        answer.body = world_.state().blob(string_or(object, "blob"));
    return answer;
}

ServerResponse S3::multipart(const Call& call) {
    const std::string& bucket = call.label("Bucket");
    const std::string& key = call.label("Key");
    required_bucket(bucket);
    if (call.operation == "CreateMultipartUpload") {
        const std::string id = hex(random_bytes(16));
        world_.state().put(uploads, id,
                           {{"object", object_key(bucket, key)},
                            {"type", call.headers.get("Content-Type")},
                            {"parts", json::object()}});
        return xml(fmt::format("<InitiateMultipartUploadResult {}>{}{}{}</InitiateMultipartUploadResult>",
                               xmlns, element("Bucket", bucket), element("Key", key),
                               element("UploadId", id)));
    }
    const std::string id = call.parameter("uploadId").value_or("");
    auto upload = world_.state().get(uploads, id);
    if (!upload || string_or(*upload, "object") != object_key(bucket, key))
        throw ApiError(404, "NoSuchUpload",
                       "The specified upload does not exist. The upload ID may be invalid, or "
                       "the upload may have been aborted or completed.");
    if (call.operation == "AbortMultipartUpload") {
        world_.state().erase(uploads, id);
        return empty_response(204);
    }
    auto& parts = (*upload)["parts"].as_object();
    if (call.operation == "UploadPart") {
        const std::string etag = "\"" + hex(md5(call.body)) + "\"";
        parts[fmt::format("{:05}", number(call.parameter("partNumber").value_or(""), 0))] =
            json::object{{"blob", world_.state().put_blob(call.body)}, {"etag", etag}};
        world_.state().put(uploads, id, std::move(*upload));
        auto answer = empty_response(200);
        answer.headers.set("ETag", etag);
        return answer;
    }
    std::string content, digests;
    std::size_t count = 0;
    for (const auto& part : xml_elements(call.body, "Part")) {
        const auto name = fmt::format("{:05}", number(xml_text(part, "PartNumber").value_or(""), 0));
        const auto* known = parts.if_contains(name);
        if (!known || xml_text(part, "ETag").value_or("") != string_or(*known, "etag"))
            throw ApiError(400, "InvalidPart", "One or more of the specified parts could not be found.");
        const auto blob = world_.state().blob(string_or(*known, "blob"));
        content += blob.view();
        digests += md5(blob.view());
        ++count;
    }
    const std::string etag = fmt::format("\"{}-{}\"", hex(md5(digests)), count);
    store(bucket, key, content, etag, string_or(*upload, "type"), {});
    world_.state().erase(uploads, id);
    return xml(fmt::format("<CompleteMultipartUploadResult {}>{}{}{}</CompleteMultipartUploadResult>", xmlns,
                           element("Bucket", bucket), element("Key", key), element("ETag", etag)));
}

ServerResponse S3::handle(const Call& call) {
    const std::string& operation = call.operation;
    if (operation == "ListBuckets") {
        std::string list;
        for (const auto& name : world_.state().keys(buckets))
            list += "<Bucket>" + element("Name", name) +
                    element("CreationDate", string_or(*world_.state().get(buckets, name), "created")) +
                    "</Bucket>";
        return xml(fmt::format("<ListAllMyBucketsResult {}><Owner>{}</Owner><Buckets>{}</Buckets>"
                               "</ListAllMyBucketsResult>",
                               xmlns, element("ID", sha256_hex(account)), list));
    }
    if (operation == "CreateBucket") return create_bucket(call);
    if (operation == "ListObjectsV2") return list_objects(call);
    if (operation == "DeleteObjects") return delete_objects(call);
    if (operation == "PutObject") return put_object(call);
    if (operation == "GetObject" || operation == "HeadObject") return get_object(call);
    if (operation == "DeleteObject") {
        required_bucket(call.label("Bucket"));
        world_.state().erase(objects, object_key(call.label("Bucket"), call.label("Key")));
        return empty_response(204);
    }
    if (operation.ends_with("MultipartUpload") || operation == "UploadPart") return multipart(call);
    if (operation.empty())
        throw ApiError(501, "NotImplemented",
                       "A header you provided implies functionality that is not implemented");
    return bucket_operation(call);
}

} // namespace pyfops::aws_emulator

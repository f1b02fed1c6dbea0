// SPDX-License-Identifier: Apache-2.0
#include "oss.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/xml.hpp"

namespace pyfops::alibaba::oss {
namespace {

ApiCall call(std::string operation, std::string method, const std::string& bucket, std::string target) {
    ApiCall one;
    one.service = Service::oss;
    one.operation = std::move(operation);
    one.method = std::move(method);
    one.bucket = bucket;
    one.target = std::move(target);
    one.rate = "oss";
    return one;
}

std::string object_path(const std::string& key) {
    return "/" + percent_encode(key, "/");
}

} // namespace

ApiCall get_bucket_info(const std::string& bucket) {
    return call("GetBucketInfo", "GET", bucket, "/?bucketInfo");
}

ApiCall put_bucket(const std::string& bucket) {
    ApiCall one = call("PutBucket", "PUT", bucket, "/");
    one.headers.set("x-oss-acl", "private");
    return one;
}

ApiCall put_bucket_tags(const std::string& bucket, const std::map<std::string, std::string>& tags) {
    std::string xml = "<Tagging><TagSet>";
    for (const auto& [key, value] : tags)
        xml +=
            "<Tag><Key>" + sdk::xml_escape(key) + "</Key><Value>" + sdk::xml_escape(value) + "</Value></Tag>";
    xml += "</TagSet></Tagging>";
    ApiCall one = call("PutBucketTags", "PUT", bucket, "/?tagging");
    one.headers.set("Content-Type", "application/xml");
    one.headers.set("Content-MD5", base64(md5(xml)));
    one.body = std::move(xml);
    return one;
}

ApiCall get_bucket_tags(const std::string& bucket) {
    return call("GetBucketTags", "GET", bucket, "/?tagging");
}

ApiCall put_object(const std::string& bucket, const std::string& key, Bytes content) {
    ApiCall one = call("PutObject", "PUT", bucket, object_path(key));
    one.headers.set("Content-Type", "application/zip");
    one.headers.set("Content-MD5", base64(md5(content.view())));
    one.body = std::move(content);
    return one;
}

ApiCall delete_object(const std::string& bucket, const std::string& key) {
    return call("DeleteObject", "DELETE", bucket, object_path(key));
}

ApiCall list_objects(const std::string& bucket, const std::string& prefix, const std::string& continuation) {
    std::string query = "/?list-type=2";
    if (!prefix.empty()) query += "&prefix=" + percent_encode(prefix);
    if (!continuation.empty()) query += "&continuation-token=" + percent_encode(continuation);
    return call("ListObjectsV2", "GET", bucket, query);
}

ApiCall delete_bucket(const std::string& bucket) {
    return call("DeleteBucket", "DELETE", bucket, "/");
}

Listing read_listing(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of OSS");
    Listing listing;
    for (const sdk::XmlElement* object : root.all("Contents"))
        listing.keys.push_back(object->at("Key"));
    if (root.at("IsTruncated") == "true") listing.continuation = root.at("NextContinuationToken");
    return listing;
}

std::map<std::string, std::string> read_tags(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of OSS");
    std::map<std::string, std::string> tags;
    if (const sdk::XmlElement* set = root.child("TagSet"))
        for (const sdk::XmlElement* tag : set->all("Tag"))
            tags[tag->at("Key")] = tag->at("Value");
    return tags;
}

} // namespace pyfops::alibaba::oss

// SPDX-License-Identifier: Apache-2.0
#include "s3.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/xml.hpp"

namespace pyfops::aws::s3 {
namespace {

ApiCall call(std::string operation, std::string method, const std::string& bucket, std::string target,
             const std::string& owner) {
    ApiCall one;
    one.service = "s3";
    one.operation = std::move(operation);
    one.method = std::move(method);
    one.bucket = bucket;
    one.target = std::move(target);
    one.rate = "s3";
    if (!owner.empty()) one.headers.set("x-amz-expected-bucket-owner", owner);
    return one;
}

void set_xml(ApiCall& one, std::string xml) {
    one.headers.set("Content-Type", "application/xml");
    one.headers.set("Content-MD5", base64(md5(xml)));
    one.body = std::move(xml);
}

constexpr const char* name_space = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

} // namespace

ApiCall head_bucket(const std::string& bucket, const std::string& owner) {
    return call("HeadBucket", "HEAD", bucket, "/", owner);
}

ApiCall create_bucket(const std::string& bucket, const std::string& region) {
    ApiCall one = call("CreateBucket", "PUT", bucket, "/", {});
    if (region != "us-east-1") // there it is refused
        set_xml(one, std::string("<CreateBucketConfiguration ") + name_space + "><LocationConstraint>" +
                         region + "</LocationConstraint></CreateBucketConfiguration>");
    return one;
}

ApiCall block_public_access(const std::string& bucket, const std::string& owner) {
    ApiCall one = call("PutPublicAccessBlock", "PUT", bucket, "/?publicAccessBlock=", owner);
    set_xml(one, std::string("<PublicAccessBlockConfiguration ") + name_space +
                     "><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
                     "<BlockPublicPolicy>true</BlockPublicPolicy>"
                     "<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>");
    return one;
}

ApiCall tag_bucket(const std::string& bucket, const std::string& owner,
                   const std::map<std::string, std::string>& tags) {
    std::string xml = std::string("<Tagging ") + name_space + "><TagSet>";
    for (const auto& [key, value] : tags)
        xml +=
            "<Tag><Key>" + sdk::xml_escape(key) + "</Key><Value>" + sdk::xml_escape(value) + "</Value></Tag>";
    ApiCall one = call("PutBucketTagging", "PUT", bucket, "/?tagging=", owner);
    set_xml(one, xml + "</TagSet></Tagging>");
    return one;
}

ApiCall get_bucket_tags(const std::string& bucket, const std::string& owner) {
    return call("GetBucketTagging", "GET", bucket, "/?tagging=", owner);
}

ApiCall put_object(const std::string& bucket, const std::string& owner, const std::string& key,
                   Bytes content) {
    ApiCall one = call("PutObject", "PUT", bucket, "/" + percent_encode(key, "/"), owner);
    one.headers.set("Content-Type", "application/zip");
    one.headers.set("x-amz-checksum-sha256", base64(sha256(content.view())));
    one.body = std::move(content);
    return one;
}

ApiCall delete_object(const std::string& bucket, const std::string& owner, const std::string& key) {
    return call("DeleteObject", "DELETE", bucket, "/" + percent_encode(key, "/"), owner);
}

ApiCall list_objects(const std::string& bucket, const std::string& owner, const std::string& continuation) {
    std::string query = "/?list-type=2";
    if (!continuation.empty()) query += "&continuation-token=" + percent_encode(continuation);
    return call("ListObjectsV2", "GET", bucket, query, owner);
}

ApiCall delete_bucket(const std::string& bucket, const std::string& owner) {
    return call("DeleteBucket", "DELETE", bucket, "/", owner);
}

Listing read_listing(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of S3");
    Listing listing;
    for (const sdk::XmlElement* object : root.all("Contents"))
        listing.keys.push_back(object->at("Key"));
    if (root.at("IsTruncated") == "true") listing.continuation = root.at("NextContinuationToken");
    return listing;
}

std::map<std::string, std::string> read_tags(const std::string& xml) {
    const sdk::XmlElement root = sdk::xml_answer(xml, "the answer of S3");
    std::map<std::string, std::string> tags;
    if (const sdk::XmlElement* set = root.child("TagSet"))
        for (const sdk::XmlElement* tag : set->all("Tag"))
            tags[tag->at("Key")] = tag->at("Value");
    return tags;
}

} // namespace pyfops::aws::s3

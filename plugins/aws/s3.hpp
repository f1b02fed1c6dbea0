// SPDX-License-Identifier: Apache-2.0
// S3 (REST-XML, 2006-03-01): the bucket that large packages pass through. Requests and answers, no I/O.
#pragma once

#include "api_call.hpp"

#include <map>
#include <string>
#include <vector>

namespace pyfops::aws::s3 {

/// `owner` is the account that the bucket must belong to: names are global, and somebody else's is refused.
ApiCall head_bucket(const std::string& bucket, const std::string& owner);
ApiCall create_bucket(const std::string& bucket, const std::string& region);
ApiCall block_public_access(const std::string& bucket, const std::string& owner);
ApiCall tag_bucket(const std::string& bucket, const std::string& owner,
                   const std::map<std::string, std::string>& tags);
ApiCall get_bucket_tags(const std::string& bucket, const std::string& owner);
ApiCall put_object(const std::string& bucket, const std::string& owner, const std::string& key,
                   Bytes content);
ApiCall delete_object(const std::string& bucket, const std::string& owner, const std::string& key);
ApiCall list_objects(const std::string& bucket, const std::string& owner, const std::string& continuation);
ApiCall delete_bucket(const std::string& bucket, const std::string& owner);

struct Listing {
    std::vector<std::string> keys;
    std::string continuation; ///< "" : that was all
};
Listing read_listing(const std::string& xml);
std::map<std::string, std::string> read_tags(const std::string& xml);

} // namespace pyfops::aws::s3

// SPDX-License-Identifier: Apache-2.0
// Object Storage Service, as far as large packages need it: requests and answers, no I/O.
#pragma once

#include "api_call.hpp"

#include <map>
#include <string>
#include <vector>

namespace pyfops::alibaba::oss {

ApiCall get_bucket_info(const std::string& bucket);
/// Private; one that is ours already stays as it is.
ApiCall put_bucket(const std::string& bucket);
ApiCall put_bucket_tags(const std::string& bucket, const std::map<std::string, std::string>& tags);
ApiCall get_bucket_tags(const std::string& bucket);
ApiCall put_object(const std::string& bucket, const std::string& key, Bytes content);
ApiCall delete_object(const std::string& bucket, const std::string& key);
ApiCall list_objects(const std::string& bucket, const std::string& prefix, const std::string& continuation);
ApiCall delete_bucket(const std::string& bucket);

struct Listing {
    std::vector<std::string> keys;
    std::string continuation;
};
Listing read_listing(const std::string& xml);
std::map<std::string, std::string> read_tags(const std::string& xml);

} // namespace pyfops::alibaba::oss

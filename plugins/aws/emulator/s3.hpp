// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

namespace pyfops::aws_emulator {

/// Buckets and objects, path-style, without versions.
class S3 {
  public:
    explicit S3(World& world) : world_(world) {}
    ServerResponse handle(const Call& call);

    /// The content for Lambda. Throws ApiError(NoSuchBucket or NoSuchKey).
    Bytes fetch(const std::string& bucket, const std::string& key) const;

  private:
    ServerResponse bucket_operation(const Call& call);
    ServerResponse create_bucket(const Call& call);
    ServerResponse list_objects(const Call& call) const;
    ServerResponse delete_objects(const Call& call);
    ServerResponse put_object(const Call& call);
    ServerResponse get_object(const Call& call) const;
    ServerResponse multipart(const Call& call);
    json::object required_bucket(const std::string& name) const;
    json::object required_object(const std::string& bucket, const std::string& key) const;
    json::object store(const std::string& bucket, const std::string& key, std::string_view content,
                       const std::string& etag, const std::string& type, json::object metadata);

    World& world_;
};

} // namespace pyfops::aws_emulator

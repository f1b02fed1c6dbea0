// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <string>

namespace pyfops::alibaba_emulator {

/// Object Storage Service, as far as packages need it: buckets, their tags, objects.
class Oss {
  public:
    explicit Oss(World& world) : world_(world) {}
    ServerResponse handle(const Call& call);
    /// An object for Function Compute, which wants it in its own region. Throws ApiError.
    Bytes fetch(const std::string& region, const std::string& bucket, const std::string& key) const;

  private:
    ServerResponse put_bucket(const Call& call);
    ServerResponse bucket(const Call& call, json::object known);
    ServerResponse list_objects(const Call& call) const;
    ServerResponse object(const Call& call);

    World& world_;
};

} // namespace pyfops::alibaba_emulator

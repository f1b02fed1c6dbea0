// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <string>

namespace pyfops::alibaba_emulator {

/// Simple Log Service, as far as functions' logs need it: one project with one Logstore in every region.
class Logs {
  public:
    explicit Logs(World& world) : world_(world) {}
    ServerResponse handle(const Call& call) const;
    bool exists(std::string_view project, std::string_view store) const;

    struct Source {
        std::string region, project, store, function, qualifier, request_id;
    };
    /// The log of one invocation.
    void append(const Source& source, const std::string& text);

  private:
    World& world_;
    std::uint64_t next_ = 0; ///< keeps the order of what has the same time
};

} // namespace pyfops::alibaba_emulator

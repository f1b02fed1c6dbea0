// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/crypto.hpp"

#include <string>
#include <string_view>

namespace pyfops::packaging {

/// The content hash: SHA-256 over (path, mode, SHA-256 of the bytes), fed in bytewise order of the paths.
/// The digest of each file goes in, not its bytes, so that a dependency set that is already known does not
/// have to be read again when the code beside it changes.
class TreeHash {
  public:
    TreeHash() { hash_.update("pyfops tree 1\n"); }
    void add(std::string_view path, bool executable, std::string_view digest) {
        // No path holds a NUL and digests have one length, so the encoding is unambiguous.
        hash_.update(path)
            .update(std::string_view(executable ? "\0"
                                                  "755"
                                                : "\0"
                                                  "644",
                                     4))
            .update(digest);
    }
    std::string finish() { return hex(hash_.finish()); }

  private:
    Sha256 hash_;
};

} // namespace pyfops::packaging

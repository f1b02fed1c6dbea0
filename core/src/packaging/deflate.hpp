// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

#include <string>
#include <string_view>

namespace pyfops::packaging {

/// One archive entry: raw deflate of zlib level 6, or stored where that does not help. Equal bytes for equal
/// content and zlib.
PackedFile pack_file(const SourceFile& file);

/// Every file of a tree, on up to `threads` threads; each file is deflated on its own, so the result does not
/// depend on their number.
std::map<std::string, PackedFile> pack_tree(const SourceTree& tree, unsigned threads);

/// The bytes again. Throws Error(internal) when they do not match size and CRC.
std::string unpack_file(const PackedFile& file);

/// zlib's version and the format of this file: part of the key of what is kept deflated.
std::string deflate_identity();

} // namespace pyfops::packaging

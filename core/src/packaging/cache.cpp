// SPDX-License-Identifier: Apache-2.0
#include "packaging/cache.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <stdlib.h>

#include <cerrno>
#include <cstring>

namespace pyfops::packaging {

namespace fs = std::filesystem;

std::optional<std::string> read_checked(const fs::path& file, const std::string& sha256) {
    std::error_code failure;
    if (!fs::is_regular_file(file, failure)) return std::nullopt;
    std::string content = read_file(file, std::size_t{2} << 30);
    if (sha256_hex(content) == sha256) return content;
    fs::remove(file, failure);
    return std::nullopt;
}

ScratchFolder::ScratchFolder(const fs::path& parent) {
    std::error_code failure;
    fs::create_directories(parent, failure);
    std::string pattern = parent / "XXXXXX";
    if (!::mkdtemp(pattern.data()))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("cannot write below '{}': {}", parent.string(), std::strerror(errno)))
            .hint("name a writable folder in PYFOPS_CACHE_DIR");
    path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/export.hpp"
#include "pyfops/http.hpp"
#include "pyfops/source_tree.hpp"
#include "pyfops/target.hpp"
#include "pyfops/task.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pyfops {

/// What a runtime can import: PEP 425/600 tags follow from it.
struct PythonPlatform {
    std::string python = "3.11";         ///< minor version
    std::string architecture = "x86_64"; ///< or "aarch64"
    std::string glibc = "2.17";          ///< manylinux_2_N wheels with N up to this are fine
    auto operator<=>(const PythonPlatform&) const = default;
};

/// The platform that wheels for a target must fit; providers that say "arm64" mean "aarch64".
PYFOPS_EXPORT PythonPlatform platform_of(const Target& target);

/// A distribution inside a dependency set.
struct Distribution {
    std::string name; ///< normalised (PEP 503)
    std::string version;
    std::string wheel;     ///< file name of the wheel
    std::string sha256;    ///< hex, of the wheel
    std::size_t bytes = 0; ///< unpacked
    bool built = false;    ///< from an sdist, here
};

/// One archive entry, deflated once and copied raw into every archive that needs it.
struct PackedFile {
    Bytes deflated;       ///< raw deflate, or the bytes themselves when `stored`
    std::size_t size = 0; ///< unpacked
    std::uint32_t crc32 = 0;
    bool stored = false;
    bool executable = false;
    std::string sha256;           ///< raw 32 bytes, of the unpacked content
    std::size_t distribution = 0; ///< index into DependencySet::distributions
};

/// The installed dependencies of one requirements file for one platform. Immutable, shared by all targets
/// and runs that need the same.
struct DependencySet {
    std::map<std::string, PackedFile> files; ///< by path below site-packages
    std::vector<Distribution> distributions; ///< by name
    std::string content_hash;                ///< as SourceTree::content_hash
    std::size_t total_bytes = 0;
};

enum class Resolver { uv, pip };

struct DependencyRequest {
    std::filesystem::path requirements; ///< absolute path of the requirements file; empty: `extra` alone
    std::string label;                  ///< as the user wrote it, for messages
    PythonPlatform platform;
    std::filesystem::path lock_file; ///< pyfops.lock; empty: neither read nor written
    Resolver resolver = Resolver::uv;
    bool update = false; ///< resolve anew although the lock has an answer
    /// Further requirements, one each ("functions-framework==3.10.2"): what the provider's runtime needs.
    std::vector<std::string> extra;
};

struct SizeShare {
    std::string name;      ///< distribution, or "(your code)"
    std::size_t bytes = 0; ///< unpacked
};

/// What a provider accepts.
struct PackageLimits {
    std::size_t max_zipped = SIZE_MAX;
    std::size_t max_unzipped = SIZE_MAX;
    std::size_t max_files = SIZE_MAX;
};

/// A deployment package: what goes to the cloud, byte for byte, and what is run here.
struct Package {
    Bytes archive;              ///< a zip, or what `suffix` says
    std::string archive_sha256; ///< raw 32 bytes; providers compare it in their own encoding
    std::string content_hash;   ///< hex; decides "unchanged"
    std::size_t unzipped_bytes = 0;
    std::size_t file_count = 0;
    std::vector<SizeShare> shares; ///< biggest first
    std::vector<Distribution> distributions;
    std::string suffix = ".zip"; ///< of a file that holds the archive
};

struct BuildRequest {
    SourceTree tree;                                   ///< wrapped code
    std::shared_ptr<const DependencySet> dependencies; ///< may be null
    std::string dependencies_prefix; ///< where they go: "" or ".python_packages/lib/site-packages"
    PackageLimits limits;
};

/// Resolves, installs, compresses and zips; content-addressed cache below System::cache_directory().
/// Used from the engine's thread; equal requests that overlap are done once.
class PYFOPS_EXPORT PackageBuilder {
  public:
    virtual ~PackageBuilder();

    /// Resolves for the target's platform without Docker. Errors: invalid_input (a requirement that cannot
    /// be satisfied, a wheel that the runtime cannot load, an sdist that is not pure Python: each named),
    /// unavailable (no index reachable: the dependency is named).
    virtual Task<std::shared_ptr<const DependencySet>> dependencies(DependencyRequest request,
                                                                    StageContext& context) = 0;

    /// Puts the archive together. Equal input gives equal bytes with the same build of pyfOps, whatever the
    /// machine, time zone, locale and order. Throws limit_exceeded naming the biggest parts; conflict when a
    /// file of the tree and of a dependency have one path.
    virtual Task<Package> build(BuildRequest request, StageContext& context) = 0;
};

/// Reads an archive back, with limits against bombs and paths that lead out. Used by the emulator and by
/// tests. Blocking. Throws Error(invalid_input).
PYFOPS_EXPORT SourceTree read_zip(std::string_view archive, std::size_t max_unzipped = 1u << 30,
                                  std::size_t max_files = 100'000);

/// Writes a tree below `directory`, which must exist; folders and files get mode 0755 or 0644 whatever the
/// umask, and a file that is there is overwritten (a link is refused). Blocking. Throws Error(invalid_input)
/// naming the path that cannot be written; what was written before it stays.
PYFOPS_EXPORT void write_tree(const SourceTree& tree, const std::filesystem::path& directory);

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "packaging/set_file.hpp"

#include "packaging/python_tags.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

namespace pyfops::packaging {
namespace {

constexpr std::string_view magic = "pyfops-set 1\n";
constexpr std::size_t digest_size = 32, length_size = 16;

/// A file that is only looked at. The cache replaces files by renaming, so what is mapped does not change.
class Mapped {
  public:
    explicit Mapped(const std::filesystem::path& file) {
        const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) return;
        struct stat status {};
        if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
            const auto size = static_cast<std::size_t>(status.st_size);
            if (void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
                start != MAP_FAILED)
                view_ = {static_cast<const char*>(start), size};
        }
        ::close(fd);
    }
    ~Mapped() {
        if (!view_.empty()) ::munmap(const_cast<char*>(view_.data()), view_.size());
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    std::string_view view() const { return view_; }

  private:
    std::string_view view_;
};

} // namespace

std::string encode_set(const DependencySet& set) {
    json::array distributions, files;
    for (const Distribution& one : set.distributions)
        distributions.push_back(json::object{{"name", one.name},
                                             {"version", one.version},
                                             {"wheel", one.wheel},
                                             {"sha256", one.sha256},
                                             {"bytes", one.bytes},
                                             {"built", one.built}});
    std::string data;
    for (const auto& [path, file] : set.files) {
        files.push_back(json::array{path, file.size, file.deflated.size(), file.crc32, file.stored,
                                    file.executable, hex(file.sha256), file.distribution});
        data += file.deflated.view();
    }
    const std::string index = json::serialize(json::object{{"distributions", std::move(distributions)},
                                                           {"files", std::move(files)},
                                                           {"content_hash", set.content_hash},
                                                           {"total_bytes", set.total_bytes}});
    std::string body = fmt::format("{:016x}", index.size()) + index + data;
    return std::string(magic) + sha256(body) + body;
}

std::shared_ptr<const DependencySet> read_set(const std::filesystem::path& path) try {
    const Mapped mapped(path);
    std::string_view rest = mapped.view();
    if (!rest.starts_with(magic) || rest.size() < magic.size() + digest_size + length_size) return nullptr;
    rest.remove_prefix(magic.size());
    const std::string_view digest = rest.substr(0, digest_size);
    rest.remove_prefix(digest_size);
    if (sha256(rest) != digest) return nullptr;

    // From here on the bytes are ours.
    std::size_t length = 0;
    std::from_chars(rest.data(), rest.data() + length_size, length, 16);
    rest.remove_prefix(length_size);
    const json::value index = json::parse(rest.substr(0, length));
    rest.remove_prefix(length);
    auto set = std::make_shared<DependencySet>();
    set->content_hash = string_or(index, "content_hash");
    set->total_bytes = static_cast<std::size_t>(integer_or(index, "total_bytes"));
    for (const json::value& one : index.at("distributions").as_array())
        set->distributions.push_back({string_or(one, "name"), string_or(one, "version"),
                                      string_or(one, "wheel"), string_or(one, "sha256"),
                                      static_cast<std::size_t>(integer_or(one, "bytes")),
                                      one.at("built").as_bool()});
    for (const json::value& entry : index.at("files").as_array()) {
        const json::array& one = entry.as_array();
        PackedFile file;
        file.size = one.at(1).to_number<std::size_t>();
        const auto packed = one.at(2).to_number<std::size_t>();
        file.deflated = std::string(rest.substr(0, packed));
        rest.remove_prefix(packed);
        file.crc32 = one.at(3).to_number<std::uint32_t>();
        file.stored = one.at(4).as_bool();
        file.executable = one.at(5).as_bool();
        const json::string& digits = one.at(6).as_string();
        for (std::size_t i = 0; i < digits.size(); i += 2) {
            unsigned byte = 0;
            std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
            file.sha256 += static_cast<char>(byte);
        }
        file.distribution = one.at(7).to_number<std::size_t>();
        set->files.emplace_hint(set->files.end(), std::string(one.at(0).as_string()), std::move(file));
    }
    return set;
} catch (const std::bad_alloc&) {
    throw;
} catch (const std::exception&) {
    return nullptr; // written by another pyfOps, or not by one
}

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#include "packaging/zip_writer.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

namespace pyfops::packaging {
namespace {

constexpr std::uint16_t flags = 0x0800; // names are UTF-8
constexpr std::uint16_t dos_time = 0;
constexpr std::uint16_t dos_date = (0 << 9) | (1 << 5) | 1; // 1980-01-01, the earliest there is
constexpr std::uint16_t made_by_unix = (3 << 8) | 20;
constexpr std::size_t local_header = 30, central_header = 46, end_record = 22;

class Out {
  public:
    explicit Out(std::size_t size) { bytes_.reserve(size); }
    Out& u16(std::uint32_t value) {
        bytes_ += static_cast<char>(value & 0xff);
        bytes_ += static_cast<char>((value >> 8) & 0xff);
        return *this;
    }
    Out& u32(std::uint64_t value) { return u16(value & 0xffff).u16((value >> 16) & 0xffff); }
    Out& raw(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }
    std::size_t size() const { return bytes_.size(); }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

/// From "version needed" to the lengths: the same in both headers.
void shared_fields(Out& out, const std::string& path, const PackedFile& file) {
    out.u16(file.stored ? 10 : 20).u16(flags).u16(file.stored ? 0 : 8).u16(dos_time).u16(dos_date);
    out.u32(file.crc32).u32(file.deflated.size()).u32(file.size);
    out.u16(static_cast<std::uint32_t>(path.size())).u16(0);
}

} // namespace

std::string write_zip(const ZipEntries& entries) {
    std::size_t size = end_record;
    for (const auto& [path, file] : entries)
        size += local_header + central_header + 2 * path.size() + file->deflated.size();
    if (entries.size() >= 0xffff)
        throw Error(
            ErrorKind::limit_exceeded,
            fmt::format("{} files are more than a zip without Zip64 can hold (65,534)", entries.size()));
    if (size >= 0xffffffff)
        throw Error(
            ErrorKind::limit_exceeded,
            fmt::format("the package would have {} bytes; a zip without Zip64 holds less than 4 GiB", size));

    Out out(size);
    std::vector<std::size_t> offsets;
    offsets.reserve(entries.size());
    for (const auto& [path, file] : entries) {
        offsets.push_back(out.size());
        out.u32(0x04034b50);
        shared_fields(out, path, *file);
        out.raw(path).raw(file->deflated.view());
    }
    const std::size_t directory = out.size();
    auto offset = offsets.begin();
    for (const auto& [path, file] : entries) {
        const std::uint64_t mode = S_IFREG | (file->executable ? 0755u : 0644u);
        out.u32(0x02014b50).u16(made_by_unix);
        shared_fields(out, path, *file);
        out.u16(0).u16(0).u16(0).u32(mode << 16).u32(*offset++); // comment, disk, internal; external; where
        out.raw(path);
    }
    const std::size_t directory_size = out.size() - directory;
    const auto count = static_cast<std::uint32_t>(entries.size());
    out.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count).u32(directory_size).u32(directory).u16(0);
    return out.take();
}

} // namespace pyfops::packaging

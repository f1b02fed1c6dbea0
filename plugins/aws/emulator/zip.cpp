// SPDX-License-Identifier: Apache-2.0
#include "zip.hpp"

#include <algorithm>

namespace pyfops::aws_emulator {

namespace {

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = count; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

constexpr std::size_t end_size = 22;
constexpr std::size_t entry_size = 46;

} // namespace

std::optional<std::uint64_t> unzipped_size(std::string_view archive) {
    if (archive.size() < end_size) return std::nullopt;
    // The end record is followed by a comment of at most 64 KB.
    std::size_t end = archive.size() - end_size;
    const std::size_t lowest = end - std::min<std::size_t>(end, 0xffff);
    while (little(archive, end, 4) != 0x06054b50u) {
        if (end == lowest) return std::nullopt;
        --end;
    }
    const std::size_t count = little(archive, end + 10, 2);
    std::size_t at = little(archive, end + 16, 4);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (at > end || end - at < entry_size || little(archive, at, 4) != 0x02014b50u) return std::nullopt;
        total += little(archive, at + 24, 4);
        at += entry_size + little(archive, at + 28, 2) + little(archive, at + 30, 2) +
              little(archive, at + 32, 2);
    }
    return total;
}

} // namespace pyfops::aws_emulator

// SPDX-License-Identifier: Apache-2.0
#include "zip.hpp"

#include <algorithm>
#include <cstdint>

namespace pyfops::alibaba_emulator {

namespace {

std::uint32_t little(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

} // namespace

bool is_zip(std::string_view archive) noexcept {
    constexpr std::size_t end_size = 22;
    constexpr std::uint32_t end_mark = 0x06054b50u;
    if (archive.size() < end_size) return false;
    // The end record is followed by a comment of at most 64 KB.
    std::size_t end = archive.size() - end_size;
    const std::size_t lowest = end - std::min<std::size_t>(end, 0xffff);
    while (little(archive, end) != end_mark) {
        if (end == lowest) return false;
        --end;
    }
    return std::uint64_t{little(archive, end + 12)} + little(archive, end + 16) <= end;
}

} // namespace pyfops::alibaba_emulator

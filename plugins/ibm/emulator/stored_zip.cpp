// SPDX-License-Identifier: Apache-2.0
#include "stored_zip.hpp"

#include <array>
#include <cstdint>

namespace pyfops::ibm_emulator {
namespace {

std::uint32_t crc32(const std::string& data) {
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value & 1 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
            made[i] = value;
        }
        return made;
    }();
    std::uint32_t sum = 0xFFFFFFFFu;
    for (const char c : data)
        sum = table[(sum ^ static_cast<unsigned char>(c)) & 0xFF] ^ (sum >> 8);
    return sum ^ 0xFFFFFFFFu;
}

std::string number(std::uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i) & 0xFF);
    return text;
}

} // namespace

std::string stored_zip(const std::map<std::string, std::string>& files) {
    std::string archive, directory;
    for (const auto& [path, content] : files) {
        const auto size = static_cast<std::uint32_t>(content.size());
        // Version 2.0, names in UTF-8, stored, 1980-01-01.
        const std::string common = number(20, 2) + number(0x0800, 2) + number(0, 2) + number(0, 2) +
                                   number(0x21, 2) + number(crc32(content), 4) + number(size, 4) +
                                   number(size, 4) + number(static_cast<std::uint32_t>(path.size()), 2) +
                                   number(0, 2);
        directory += "PK\x01\x02" + number(0x0314, 2) + common + number(0, 2) + number(0, 2) + number(0, 2) +
                     number(0100644u << 16, 4) + number(static_cast<std::uint32_t>(archive.size()), 4) + path;
        archive += "PK\x03\x04" + common + path + content;
    }
    const auto count = static_cast<std::uint32_t>(files.size());
    return archive + directory + "PK\x05\x06" + number(0, 4) + number(count, 2) + number(count, 2) +
           number(static_cast<std::uint32_t>(directory.size()), 4) +
           number(static_cast<std::uint32_t>(archive.size()), 4) + number(0, 2);
}

} // namespace pyfops::ibm_emulator

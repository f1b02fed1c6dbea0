// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pyfops {

/// A zip of uncompressed files, mode 0644.
inline std::string stored_zip(const std::map<std::string, std::string>& files) {
    const auto put = [](std::string& into, std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            into += static_cast<char>(value >> (8 * i));
    };
    const auto crc = [](std::string_view data) {
        std::uint32_t sum = 0xffffffffu;
        for (const char c : data) {
            sum ^= static_cast<unsigned char>(c);
            for (int bit = 0; bit < 8; ++bit)
                sum = (sum >> 1) ^ ((sum & 1) ? 0xedb88320u : 0u);
        }
        return ~sum;
    };
    std::string archive;
    std::string directory;
    for (const auto& [name, content] : files) {
        const auto offset = static_cast<std::uint32_t>(archive.size());
        std::string common;
        put(common, 20, 2); // version needed
        put(common, 0, 2);  // flags
        put(common, 0, 2);  // stored
        put(common, 0, 2);
        put(common, 0x21, 2); // 1980-01-01
        put(common, crc(content), 4);
        put(common, static_cast<std::uint32_t>(content.size()), 4);
        put(common, static_cast<std::uint32_t>(content.size()), 4);
        put(common, static_cast<std::uint32_t>(name.size()), 2);
        put(common, 0, 2); // extra
        archive += "PK\x03\x04" + common + name + content;
        directory += "PK\x01\x02";
        put(directory, 0x0314, 2); // made on Unix
        directory += common;
        put(directory, 0, 2);
        put(directory, 0, 2);
        put(directory, 0, 2);
        put(directory, 0100644u << 16, 4);
        put(directory, offset, 4);
        directory += name;
    }
    const auto start = static_cast<std::uint32_t>(archive.size());
    archive += directory + "PK\x05\x06";
    put(archive, 0, 4);
    put(archive, static_cast<std::uint32_t>(files.size()), 2);
    put(archive, static_cast<std::uint32_t>(files.size()), 2);
    put(archive, static_cast<std::uint32_t>(directory.size()), 4);
    put(archive, start, 4);
    put(archive, 0, 2);
    return archive;
}

} // namespace pyfops

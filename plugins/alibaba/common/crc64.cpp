// SPDX-License-Identifier: Apache-2.0
#include "pyfops_alibaba/crc64.hpp"

#include <array>

namespace pyfops::alibaba {
namespace {

constexpr std::array<std::uint64_t, 256> make_table() {
    constexpr std::uint64_t reflected_polynomial = 0xc96c5795d7870f42u;
    std::array<std::uint64_t, 256> table{};
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        std::uint64_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) ? (value >> 1) ^ reflected_polynomial : value >> 1;
        table[i] = value;
    }
    return table;
}

constexpr auto table = make_table();

} // namespace

std::uint64_t crc64(std::string_view data) noexcept {
    std::uint64_t crc = ~std::uint64_t{0};
    for (const char c : data)
        crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
    return ~crc;
}

std::string checksum(std::string_view data) {
    return std::to_string(crc64(data));
}

} // namespace pyfops::alibaba

// SPDX-License-Identifier: Apache-2.0
#include "paging.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <algorithm>
#include <charconv>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::size_t usual = 20, most = 100;

std::size_t page_size(const std::string& text) {
    if (text.empty()) return usual;
    std::size_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 1 || number > most)
        invalid_argument("limit should be between 1 and 100");
    return number;
}

} // namespace

NamePage page_of(const World& world, const Call& call, std::vector<std::string> names, std::string_view limit,
                 std::string_view token) {
    std::sort(names.begin(), names.end());
    const std::size_t size = world.page(page_size(call.parameter(limit)));
    auto begin = names.begin();
    if (const std::string after = call.parameter(token); !after.empty()) {
        try {
            begin = std::upper_bound(names.begin(), names.end(), base64_decode(after));
        } catch (const Error&) {
            invalid_argument("nextToken is not one that a page gave");
        }
    }
    NamePage page;
    page.names.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                         size, static_cast<std::size_t>(names.end() - begin))));
    if (!page.names.empty() && page.names.back() != names.back()) page.next_token = base64(page.names.back());
    return page;
}

} // namespace pyfops::alibaba_emulator

// SPDX-License-Identifier: Apache-2.0
#include "expect/file.hpp"

#include "expect/message.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::expect {

bool is_pointer(std::string_view text) {
    if (text.empty()) return true;
    if (text.front() != '/') return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return true;
}

std::string compare_file(const Expectation& expected, const json::value& answer) {
    boost::system::error_code missing;
    const json::value* found = answer.find_pointer(expected.at, missing);
    if (!found) return at(expected.at, "expected a file in base64, but it is missing");
    const auto* text = found->if_string();
    if (!text) return at(expected.at, "expected a file in base64, got " + shown(*found));
    std::string encoded(*text);
    std::erase_if(encoded, [](char c) { return c == '\n' || c == '\r'; }); // base64.encodebytes breaks lines
    std::string content;
    try {
        content = base64_decode(encoded);
    } catch (const Error&) {
        return at(expected.at, "expected a file in base64, got text that is not: " + shown(*found));
    }
    const std::string hash = sha256_hex(content);
    if (hash == expected.sha256) return {};
    const std::string name = expected.file.empty() ? "" : " of " + one_line(expected.file);
    return at(expected.at, fmt::format("expected the sha256 {}{}, got {} ({} bytes)", expected.sha256, name,
                                       hash, content.size()));
}

} // namespace pyfops::expect

// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.hpp"

#include "pyfops/secret.hpp"

#include <charconv>
#include <cstdint>

namespace pyfops::config {
namespace {

bool all_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789";

Scalar integer(std::string_view text, std::string_view body, int base, bool negative) {
    std::uint64_t magnitude = 0;
    const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), magnitude, base);
    constexpr std::uint64_t most_negative = std::uint64_t{1} << 63;
    if (failure != std::errc{} || (negative && magnitude > most_negative))
        return {nullptr, "number-out-of-range", std::string(text) + " does not fit into 64 bits"};
    if (negative) return {static_cast<std::int64_t>(std::uint64_t{0} - magnitude), {}, {}};
    if (magnitude < most_negative) return {static_cast<std::int64_t>(magnitude), {}, {}};
    return {magnitude, {}, {}};
}

/// [-+]? (\. [0-9]+ | [0-9]+ (\. [0-9]*)?) ([eE] [-+]? [0-9]+)?
bool is_float(std::string_view body) {
    std::size_t at = 0;
    const auto run = [&] {
        const std::size_t begin = at;
        while (at < body.size() && digits.find(body[at]) != std::string_view::npos)
            ++at;
        return at - begin;
    };
    const std::size_t whole = run();
    if (at < body.size() && body[at] == '.') {
        ++at;
        if (run() + whole == 0) return false;
    } else if (whole == 0) {
        return false;
    }
    if (at < body.size() && (body[at] == 'e' || body[at] == 'E')) {
        ++at;
        if (at < body.size() && (body[at] == '-' || body[at] == '+')) ++at;
        if (run() == 0) return false;
    }
    return at == body.size();
}

} // namespace

Scalar resolve_plain(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return {nullptr, {}, {}};
    if (text == "true" || text == "True" || text == "TRUE") return {true, {}, {}};
    if (text == "false" || text == "False" || text == "FALSE") return {false, {}, {}};
    if (text.starts_with("0o") && all_of(text.substr(2), "01234567"))
        return integer(text, text.substr(2), 8, false);
    if (text.starts_with("0x") && all_of(text.substr(2), "0123456789abcdefABCDEF"))
        return integer(text, text.substr(2), 16, false);
    const bool negative = text.front() == '-';
    const std::string_view body = negative || text.front() == '+' ? text.substr(1) : text;
    if (all_of(body, digits)) return integer(text, body, 10, negative);
    if (body == ".inf" || body == ".Inf" || body == ".INF" || text == ".nan" || text == ".NaN" ||
        text == ".NAN")
        return {nullptr, "not-json", std::string(text) + " has no place in JSON"};
    if (!is_float(body)) return {json::string(text), {}, {}};
    double number = 0;
    const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), number);
    if (failure == std::errc::result_out_of_range) {
        // Too small is zero; too large is not a number any more.
        const std::size_t exponent = body.find_first_of("eE");
        const bool small = exponent == std::string_view::npos
                               ? body.find_first_of("123456789.") == body.find('.')
                               : body.substr(exponent + 1).starts_with('-');
        if (!small) return {nullptr, "number-out-of-range", excerpt(text, 40) + " is too large"};
        number = 0;
    }
    return {negative ? -number : number, {}, {}};
}

} // namespace pyfops::config

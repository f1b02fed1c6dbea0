// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/endpoint.hpp"

#include "pyfops/error.hpp"
#include "pyfops/http.hpp"
#include "pyfops/text.hpp"

#include <algorithm>

namespace pyfops::sdk {

std::optional<std::string> variable(const System& system, std::string_view name) {
    auto value = system.variable(name);
    if (value && value->empty()) return std::nullopt;
    return value;
}

bool is_true(const System& system, std::string_view name) {
    return lower_case(variable(system, name).value_or("")) == "true";
}

bool is_loopback(std::string_view host) {
    if (host == "::1" || lower_case(host) == "localhost") return true;
    // "127.example.com" is a name like any other.
    const auto parts = split(host, '.');
    return parts.size() == 4 && parts.front() == "127" &&
           std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
               const auto number = to_integer(part);
               return number && *number >= 0 && *number <= 255;
           });
}

bool is_loopback_url(const System& system, std::string_view name) {
    const auto url = variable(system, name);
    if (!url) return false;
    try {
        return is_loopback(Url::parse(*url).host);
    } catch (const Error&) {
        return false;
    }
}

} // namespace pyfops::sdk

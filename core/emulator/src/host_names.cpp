// SPDX-License-Identifier: Apache-2.0
#include "host_names.hpp"

#include "pyfops/text.hpp"

#include <string>

namespace pyfops {

namespace {

/// In lower case, without port; "" for what is no name with a port.
std::string name_of(std::string_view host) {
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos) return {};
        host = host.substr(0, colon);
    }
    return lower_case(host);
}

bool is_or_is_below(const std::string& name, std::string_view domain) {
    return name == domain || (name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

/// Four numbers of which the first is 127: "127.0.0.1.example" is a name like any other.
bool is_loopback_address(const std::string& name) {
    const auto parts = split(name, '.');
    if (parts.size() != 4 || parts.front() != "127") return false;
    for (const std::string_view one : parts)
        if (one.empty() || one.size() > 3 || one.find_first_not_of("0123456789") != std::string_view::npos)
            return false;
    return true;
}

} // namespace

bool names_this_machine(std::string_view host_header) {
    const std::string name = name_of(host_header);
    return is_or_is_below(name, "localhost") || name == "[::1]" || is_loopback_address(name);
}

bool names_domain(std::string_view host_header, std::string_view domain) {
    return is_or_is_below(name_of(host_header), domain);
}

} // namespace pyfops

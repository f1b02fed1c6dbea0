// SPDX-License-Identifier: Apache-2.0
#include "credentials/properties.hpp"

#include "pyfops/text.hpp"

namespace pyfops::ibm {

Properties parse_properties(std::string_view text) {
    Properties properties;
    for (std::string_view line : split(text, '\n')) {
        line = trimmed(line);
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const auto equals = line.find('=');
        if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
        std::string_view value = trimmed(line.substr(equals + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        properties[std::string(trimmed(line.substr(0, equals)))] = std::string(value);
    }
    return properties;
}

} // namespace pyfops::ibm

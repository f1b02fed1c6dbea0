// SPDX-License-Identifier: Apache-2.0
#include "pyfops/target.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <algorithm>
#include <vector>

namespace pyfops {

std::string_view to_string(Realm realm) noexcept {
    return realm == Realm::local ? "local" : "real";
}

std::string FdIdentity::str() const {
    return project + "/" + function + "/" + provider + "/" + region + "/" + std::string(to_string(realm)) +
           "/" + slot;
}

FdIdentity FdIdentity::parse(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '/');
    const bool whole =
        std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); });
    if (parts.size() != 6 || !whole || (parts[4] != "real" && parts[4] != "local"))
        throw Error(ErrorKind::invalid_input,
                    "not the identity of a function deployment: '" + std::string(text) + "'");
    return {std::string(parts[0]),
            std::string(parts[1]),
            std::string(parts[2]),
            std::string(parts[3]),
            parts[4] == "local" ? Realm::local : Realm::real,
            std::string(parts[5])};
}

std::string FdIdentity::id() const {
    return sha256_hex(str()).substr(0, 16);
}

std::string cloud_name(const FdIdentity& identity, std::size_t max_length) {
    std::string name = identity.project + "-" + identity.function;
    if (identity.slot != "auto") name += "-" + identity.slot;
    if (name.size() <= max_length) return name;
    // The hash covers the whole name: two long names that share a beginning stay apart.
    constexpr std::size_t hash_length = 8;
    const std::string hash = sha256_hex(name).substr(0, hash_length);
    return name.substr(0, max_length - hash_length - 1) + "-" + hash;
}

} // namespace pyfops

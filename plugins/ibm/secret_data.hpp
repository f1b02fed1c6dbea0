// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/secret.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace pyfops::ibm {

using SecretData = std::map<std::string, Secret>;

inline bool same(const SecretData& a, const SecretData& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.expose() == y.second.expose();
    });
}

} // namespace pyfops::ibm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace ibm_test {
using Names = std::vector<std::string>;
}

namespace doctest {
template <>
struct StringMaker<ibm_test::Names> {
    static String convert(const ibm_test::Names& names) {
        std::string all = "[";
        for (const std::string& name : names)
            all += name + " ";
        return (all + "]").c_str();
    }
};
} // namespace doctest

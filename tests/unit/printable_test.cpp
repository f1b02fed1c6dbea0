// SPDX-License-Identifier: Apache-2.0
#include "base/printable.hpp"
#include "pyfops/secret.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

TEST_CASE("untrusted text is made fit for a message") {
    CHECK(printable("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
    CHECK(printable("a\x1b[31m\n") == "a\\x1b[31m\\x0a");
    CHECK(printable("gr\xfc") == "gr\\xfc");
    CHECK(printable(std::string(200, 'a')) == std::string(200, 'a'));
    CHECK(printable(std::string(201, 'a')) == std::string(200, 'a') + "...");
}

TEST_CASE("text that is too long for a message is cut between characters and shows no part of a secret") {
    CHECK(printable(std::string(199, 'a') + "\xc3\xbc") == std::string(199, 'a') + "...");
    const Secret secret("very-secret-value");
    for (std::size_t before = 185; before <= 200; ++before)
        CHECK(printable(std::string(before, 'a') + secret.expose()).find("ve") == std::string::npos);
}

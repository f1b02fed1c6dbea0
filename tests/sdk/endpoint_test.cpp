// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/endpoint.hpp"

#include "pyfops/testing/fake_host.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

TEST_CASE("this machine is told from names that only look like it") {
    for (const char* host : {"localhost", "LocalHost", "::1", "127.0.0.1", "127.255.0.3"}) {
        INFO(host);
        CHECK(sdk::is_loopback(host));
    }
    for (const char* host : {"", "127.example.com", "127.0.0.1.example.com", "127.0.0.256", "127.0.0",
                             "128.0.0.1", "localhost.example.com", "10.0.0.1", "127.0.0.-1"}) {
        INFO(host);
        CHECK_FALSE(sdk::is_loopback(host));
    }
}

TEST_CASE("an empty variable is not set and a URL of this machine is found") {
    testing::FakeHost host;
    host.system.environment["EMPTY"] = "";
    host.system.environment["YES"] = "True";
    host.system.environment["NO"] = "1";
    host.system.environment["HERE"] = "http://127.0.0.1:8080/x";
    host.system.environment["THERE"] = "https://127.example.com";
    host.system.environment["BROKEN"] = "http://[";
    CHECK_FALSE(sdk::variable(host.system, "EMPTY"));
    CHECK_FALSE(sdk::variable(host.system, "MISSING"));
    CHECK(sdk::variable(host.system, "NO") == "1");
    CHECK(sdk::is_true(host.system, "YES"));
    CHECK_FALSE(sdk::is_true(host.system, "NO"));
    CHECK(sdk::is_loopback_url(host.system, "HERE"));
    for (const char* name : {"THERE", "BROKEN", "EMPTY", "MISSING"})
        CHECK_FALSE(sdk::is_loopback_url(host.system, name));
}

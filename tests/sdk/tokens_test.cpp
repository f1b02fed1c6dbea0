// SPDX-License-Identifier: Apache-2.0
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/sdk/expiring.hpp"
#include "pyfops/sdk/jwt.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;

TEST_CASE("a token is the one of RFC 7515 appendix A.1") {
    const std::string key = base64url_decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        "Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const sdk::Jwt jwt = sdk::decode_jwt(token);
    CHECK(string_or(jwt.header, "alg") == "HS256");
    CHECK(string_or(jwt.claims, "iss") == "joe");
    CHECK(integer_or(jwt.claims, "exp") == 1300819380);
    CHECK(jwt.signature == hmac_sha256(key, jwt.signed_text));
    const auto sign = [&key](std::string_view text) { return hmac_sha256(key, text); };
    const std::string again = sdk::encode_jwt(jwt.header, jwt.claims, sign);
    CHECK(sdk::decode_jwt(again).claims == jwt.claims);
    CHECK(sdk::decode_jwt(again).signature == hmac_sha256(key, sdk::decode_jwt(again).signed_text));
}

TEST_CASE("what is no token is refused without being repeated") {
    for (const char* bad :
         {"", "a.b", "a.b.c.d", "!!.e30.e30", "e30.W10.e30", "e30.e30.!!", "e30.eyJ9.e30"}) {
        CAPTURE(bad);
        try {
            sdk::decode_jwt(bad);
            FAIL("taken for a token");
        } catch (const Error& failure) {
            CHECK(failure.kind() == ErrorKind::invalid_input);
            CHECK(failure.message().find("e30") == std::string::npos);
        }
    }
}

TEST_CASE("a token is kept until shortly before it expires") {
    testing::FakeHost host;
    sdk::ExpiringCache<int> cache;
    int made = 0;
    const auto get = [&](Milliseconds lifetime) {
        std::function<Task<sdk::Expiring<int>>()> make = [&made, &host,
                                                          lifetime]() -> Task<sdk::Expiring<int>> {
            co_return sdk::Expiring<int>{++made, host.clock.system_now() + lifetime};
        };
        return host.run(cache.get(host.clock, "key", std::move(make)));
    };
    const Milliseconds hour = std::chrono::hours(1);
    CHECK(get(hour) == 1);
    CHECK(get(hour) == 1);
    host.clock.advance(std::chrono::minutes(54));
    CHECK(get(hour) == 1);
    host.clock.advance(std::chrono::minutes(2));
    CHECK(get(hour) == 2);
    cache.forget("key");
    // Shorter than the margin: kept for half of its life.
    CHECK(get(std::chrono::minutes(1)) == 3);
    host.clock.advance(std::chrono::seconds(29));
    CHECK(get(std::chrono::minutes(1)) == 3);
    host.clock.advance(std::chrono::seconds(2));
    CHECK(get(Milliseconds(0)) == 4); // over when it comes: used once
    CHECK(get(hour) == 5);
}

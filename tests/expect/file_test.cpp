// SPDX-License-Identifier: Apache-2.0
#include "expect/support.hpp"

#include "pyfops/crypto.hpp"

using namespace pyfops;

namespace {

const std::string content("\x89PNG\r\n\x1a\n\0data", 13);

Expectation expected(std::string at = "/image") {
    Expectation expect{Expectation::Kind::file, nullptr};
    expect.at = std::move(at);
    expect.sha256 = sha256_hex(content);
    expect.file = "expected.png";
    return expect;
}

std::string judged(const Expectation& expect, json::value answer) {
    return test::judged(expect, test::answering(std::move(answer)));
}

} // namespace

TEST_CASE("a file is compared by the hash of what its base64 says") {
    CHECK(judged(expected(), json::object{{"image", base64(content)}, {"size", 13}}).empty());
    CHECK(judged(expected(""), json::value(base64(content))).empty());
    CHECK(judged(expected("/files/1/a~1b"),
                 json::object{{"files", json::array{nullptr, json::object{{"a/b", base64(content)}}}}})
              .empty());
    // As base64.encodebytes of Python writes it.
    std::string lines = base64(content);
    lines.insert(8, "\n");
    lines += "\n";
    CHECK(judged(expected(), json::object{{"image", lines}}).empty());
}

TEST_CASE("another file, and what is none, says so") {
    CHECK(judged(expected(), json::object{{"image", base64("other")}}) ==
          "at /image: expected the sha256 " + sha256_hex(content) + " of expected.png, got " +
              sha256_hex("other") + " (5 bytes)");
    CHECK(judged(expected(), json::object{{"image", ""}}).ends_with("(0 bytes)"));
    CHECK(judged(expected(), json::object{{"other", 1}}) ==
          "at /image: expected a file in base64, but it is missing");
    CHECK(judged(expected(), json::object{{"image", 5}}) == "at /image: expected a file in base64, got 5");
    CHECK(judged(expected(), json::object{{"image", "no base64!"}}) ==
          R"(at /image: expected a file in base64, got text that is not: "no base64!")");
    CHECK(judged(expected(), json::object{{"image", "abc"}}).find("text that is not") != std::string::npos);
    CHECK(judged(expected(), "text") == "at /image: expected a file in base64, but it is missing");
    CHECK(judged(expected("/0"), json::array()) == "at /0: expected a file in base64, but it is missing");
    CHECK(judged(expected("/-"), json::array{1}) == "at /-: expected a file in base64, but it is missing");
    CHECK(judged(expected("no pointer"), json::object{{"image", 1}}).find("missing") != std::string::npos);
}

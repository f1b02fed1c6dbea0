// SPDX-License-Identifier: Apache-2.0
#include "expect/support.hpp"

using namespace pyfops;

namespace {

TestCase test_within(int milliseconds) {
    TestCase test;
    test.expect = {Expectation::Kind::exact, 1};
    test.max_duration = Milliseconds(milliseconds);
    return test;
}

} // namespace

TEST_CASE("the longest duration is that of the handler where it is known") {
    Invocation call = test::answering(1);
    call.round_trip = Milliseconds(900);
    call.duration_ms = 500;
    CHECK(compare(test_within(500), call).empty());
    call.duration_ms = 500.5;
    CHECK(compare(test_within(500), call) ==
          "the handler took 500.5 ms, more than the 500 ms of max_duration");
    CHECK(too_slow(test_within(500), call) == compare(test_within(500), call));
    call.duration_ms.reset();
    CHECK(compare(test_within(900), call).empty());
    CHECK(
        compare(test_within(500), call) ==
        "the round trip took 900 ms, more than the 500 ms of max_duration (how long the handler took is not "
        "known)");
}

TEST_CASE("a wrong answer is the reason whether it was slow or not") {
    Invocation call = test::answering(2);
    call.duration_ms = 1000;
    CHECK(compare(test_within(1), call) == "expected 1, got 2");
    CHECK_FALSE(too_slow(test_within(1), call).empty());
}

TEST_CASE("an expected error has a longest duration too") {
    TestCase test = test_within(10);
    test.expect = {Expectation::Kind::error, json::object()};
    Invocation call;
    call.error = FunctionError{FunctionError::Cause::raised, "ValueError", "", {}};
    call.duration_ms = 9;
    CHECK(compare(test, call).empty());
    call.duration_ms = 11;
    CHECK(compare(test, call).starts_with("the handler took 11.0 ms"));
}

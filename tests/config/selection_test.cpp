// SPDX-License-Identifier: Apache-2.0
#include "pyfops/error.hpp"
#include "pyfops/selection.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

FdIdentity identity(std::string function, std::string provider, std::string region,
                    std::string slot = "auto") {
    return {"demo",      std::move(function), std::move(provider), std::move(region),
            Realm::real, std::move(slot)};
}

bool selects(std::vector<std::string_view> expressions, const FdIdentity& candidate) {
    Selection selection;
    for (const std::string_view expression : expressions)
        selection.add(expression);
    return selection.matches(candidate);
}

} // namespace

TEST_CASE("without an expression everything is selected") {
    CHECK(Selection().everything());
    CHECK(selects({}, identity("thumb", "aws", "eu-central-1")));
}

TEST_CASE("the terms of an expression must all match and one expression must") {
    const FdIdentity here = identity("thumbnail", "aws", "eu-central-1", "512");
    CHECK(selects({"provider=aws"}, here));
    CHECK(selects({"provider=aws,region=eu-*,function=thumb*"}, here));
    CHECK_FALSE(selects({"provider=aws,region=us-*"}, here));
    CHECK(selects({"provider=google", "region=eu-central-?"}, here));
    CHECK(selects({"slot=512"}, here));
    CHECK_FALSE(selects({"slot=auto"}, here));
    CHECK(selects({" provider = aws , slot=5[0-2]2"}, here));
    CHECK(selects({"region=[!u]*"}, here));
    CHECK(selects({"function=[t,u]humbnail"}, here));
    CHECK_FALSE(selects({"function=thumb"}, here));
    CHECK_FALSE(selects({"function=Thumbnail"}, here));
}

TEST_CASE("a place is reached when something in it may match") {
    Selection selection;
    CHECK(selection.reaches("aws", "eu-central-1"));
    selection.add("function=thumb*,region=eu-*");
    CHECK(selection.reaches("aws", "eu-central-1"));
    CHECK_FALSE(selection.reaches("aws", "us-east-1"));
    selection.add("provider=google,slot=512");
    CHECK(selection.reaches("google", "us-east1"));
    CHECK_FALSE(selection.reaches("aws", "us-east-1"));
}

TEST_CASE("what is no selection is refused with advice") {
    Selection selection;
    CHECK_THROWS_WITH_AS(selection.add("provder=aws"), doctest::Contains("did you mean 'provider'?"), Error);
    CHECK_THROWS_WITH_AS(selection.add("colour=red"), doctest::Contains("known: provider, region"), Error);
    for (const char* bad : {"", "aws", "provider=", "=aws", "provider=aws,", ",", "[a,b=c"})
        CHECK_THROWS_AS(selection.add(bad), Error);
    CHECK(selection.everything());
}

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/call.hpp"
#include "pyfops/emulator/http_event.hpp"
#include "pyfops/error.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

ServerRequest request(std::string target, std::string host = "127.0.0.1:4566") {
    ServerRequest made;
    made.method = "GET";
    made.target = std::move(target);
    made.headers.set("Host", std::move(host));
    return made;
}

} // namespace

TEST_CASE("a request names its host in the path or in the Host header") {
    AddressedHost whom = addressed_host(request("/IAM.cloud.ibm.com/identity/token?a=1"));
    CHECK(whom.host == "iam.cloud.ibm.com");
    CHECK(whom.prefix == "/IAM.cloud.ibm.com");
    CHECK(whom.target == "/identity/token?a=1");
    whom = addressed_host(request("/v2/projects", "Api.Example.com:443"));
    CHECK(whom.host == "api.example.com");
    CHECK(whom.prefix.empty());
    CHECK(whom.target == "/v2/projects");
    CHECK(addressed_host(request("/a.b")).target == "/");
    CHECK(addressed_host(request("/a.b?x=1")).target == "/?x=1");
    CHECK(addressed_host(request("/")).target == "/");
}

TEST_CASE("a call has decoded segments and a query in order") {
    const HttpCall call = read_call(request("/a.b/v1/my%20name/x%2Fy/?k=1&k=2&empty&sum=a%2Bb+c"));
    CHECK(call.segments == std::vector<std::string>{"v1", "my name", "x/y"});
    CHECK(call.path == "/v1/my%20name/x%2Fy/");
    CHECK(call.query == QueryFields{{"k", "1"}, {"k", "2"}, {"empty", ""}, {"sum", "a+b+c"}});
    CHECK(query_field(call.query, "k") == "1");
    CHECK_FALSE(query_field(call.query, "absent"));
    CHECK(parse_query("a=b+c", true) == QueryFields{{"a", "b c"}});
    CHECK(read_call(request("/")).segments.empty());
    CHECK_THROWS_AS(read_call(request("/%zz")), Error);
}

TEST_CASE("a bearer token is read whatever the case of its scheme") {
    const auto token = [](const char* value) {
        HttpHeaders headers;
        headers.set("Authorization", value);
        return bearer_token(headers);
    };
    CHECK(token("Bearer abc") == "abc");
    CHECK(token("bearer  abc ") == "abc");
    CHECK(token("Basic abc").empty());
    CHECK(token("Bearer ").empty());
    CHECK(bearer_token({}).empty());
}

TEST_CASE("a request goes to an instance as a line and a body and its answer comes back") {
    ServerRequest sent = request("/ignored");
    sent.body = "two\nlines";
    const std::string event = to_http_event(sent, "/seen?a=1");
    CHECK(event ==
          "{\"method\":\"GET\",\"target\":\"/seen?a=1\",\"headers\":[[\"Host\",\"127.0.0.1:4566\"]]}\n"
          "two\nlines");
    const ServerResponse answer = from_http_event("{\"status\": 201, \"headers\": [[\"X-A\", \"1\"], "
                                                  "[\"X-Bad\", \"a\\r\\nSet-Cookie: b\"], [\"odd\"], 7]}\n"
                                                  "body\n");
    CHECK(answer.status == 201);
    CHECK(answer.headers.size() == 1);
    CHECK(answer.headers.get("x-a") == "1");
    CHECK(answer.body.view() == "body\n");
    for (const char* bad :
         {"", "no line end", "{}\n", "{\"status\": 99}\n", "{\"status\": \"200\"}\n", "[\n"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(from_http_event(bad), Error);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "http/client_fixture.hpp"
#include "http/har.hpp"
#include "http/server_fixture.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/json.hpp"
#include "pyfops/scrub.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace pyfops;
using namespace pyfops::test;

namespace {

const std::string known = "K7/geheim+known=="; // a living Secret; its form in a URL and in JSON differs

Task<ServerResponse> talkative(ServerRequest request) {
    ServerResponse response;
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Set-Cookie", "session=geheim-cookie");
    response.headers.set("X-Log", base64("log line with " + known + " in it"));
    response.body =
        R"({"access_token":"geheim-token","NextToken":"page2","nested":[{"SecretAccessKey":"geheim-key","Name":"fn"}],
        "seen":")" +
        request.headers.get("x-plain") + "\"}";
    if (request.target == "/xml") {
        response.headers.set("Content-Type", "text/xml");
        response.body = "<R><Credentials><AccessKeyId>geheim-id</AccessKeyId><SessionToken>geheim-st</"
                        "SessionToken></Credentials>"
                        "<RequestId>1</RequestId></R>";
    }
    if (request.target == "/binary") response.body = std::string("PK\x03\x04\x00\xff", 6) + known;
    if (request.target == "/drop") response.drop = true;
    co_return response;
}

json::array entries(const std::filesystem::path& file) {
    const json::value har = parse_json(read_file(file), "the trace");
    CHECK(har.at("log").at("version") == "1.2");
    return har.at("log").at("entries").as_array();
}

} // namespace

TEST_CASE("a trace is valid after every exchange and holds no secret") {
    const TemporaryDirectory directory;
    const auto file = directory / "trace.har";
    const Secret secret(known);
    ServerThread server(talkative);
    ClientFixture fixture({}, file);
    CHECK(entries(file).empty());

    HttpRequest request = ClientFixture::request(
        "POST",
        local_url(server.port(),
                  "/a/" + percent_encode(known) +
                      "?X-Amz-Signature=geheim-sig&code=geheim-code&n=1&t=" + percent_encode(known)),
        R"({"Environment":{"Variables":{"DB_PASSWORD":"geheim-pw","MODE":"fast","NOTE":"with )" + known +
            R"("}},"Zip":")" + base64(known) + "\"}");
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Authorization", "AWS4 geheim-auth");
    request.headers.set("X-Api-Key", "geheim-api");
    request.headers.set("X-Odd", "geheim-odd", true);
    request.headers.set("X-Plain", "plain");
    fixture.send(request);
    CHECK(entries(file).size() == 1);
    fixture.get(local_url(server.port(), "/xml"));
    fixture.get(local_url(server.port(), "/binary"));
    HttpRequest form =
        ClientFixture::request("POST", local_url(server.port(), "/form"),
                               "Action=AssumeRole&WebIdentityToken=geheim-wit&x=" + percent_encode(known));
    form.headers.set("Content-Type", "application/x-www-form-urlencoded");
    fixture.send(form);
    fixture.failure(
        ClientFixture::request("POST", local_url(server.port(), "/drop"), "{\"broken\": \"" + known));

    const std::string text = read_file(file);
    CHECK(text.find("geheim") == std::string::npos);
    CHECK(text.find(base64(known)) == std::string::npos);
    CHECK(text.find(percent_encode(known)) == std::string::npos);
    const json::array all = entries(file);
    REQUIRE(all.size() == 5);
    CHECK(all[0].at("_operation") == "test:POST");
    CHECK(all[0].at("request").at("postData").at("text").as_string().find("\"MODE\":\"fast\"") !=
          std::string::npos);
    CHECK(all[0].at("request").at("url").as_string().find("X-Amz-Signature=***") != std::string::npos);
    CHECK(all[0].at("request").at("url").as_string().find("&n=1&") != std::string::npos);
    CHECK(all[0].at("response").at("content").at("text").as_string().find("page2") != std::string::npos);
    CHECK(all[0].at("response").at("content").at("text").as_string().find("\"Name\":\"fn\"") !=
          std::string::npos);
    CHECK(all[1].at("response").at("content").at("text").as_string().find("<AccessKeyId>***</AccessKeyId>") !=
          std::string::npos);
    CHECK(all[1].at("response").at("content").at("text").as_string().find("<RequestId>1</RequestId>") !=
          std::string::npos);
    CHECK_FALSE(all[2].at("response").at("content").as_object().contains("text"));
    CHECK(all[4].at("response").at("status") == 0);
    CHECK(all[4].at("_error").as_string().find("without an answer") != std::string::npos);
    struct stat about {};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a trace that cannot be written is refused at once") {
    CHECK_THROWS_AS(ClientFixture({}, "/no/such/directory/trace.har"), Error);
}

TEST_CASE("large and odd bodies do not break a trace") {
    const TemporaryDirectory directory;
    HarTrace trace(directory / "t.har");
    HttpRequest request = ClientFixture::request("POST", "http://h/", "");
    HttpResponse response;
    response.status = 200;
    std::string accents;
    for (int i = 0; i < 300'000; ++i)
        accents += "\xc3\xa9";
    for (const std::string& body :
         {std::string(5u << 20, 'x'), accents, std::string("\xff\xfe"), std::string("\xc3"),
          std::string("\xed\xa0"), std::string("{\"a\":"), std::string("<a"), std::string("<token>x"),
          std::string(), std::string("\0", 1)}) {
        request.body = body;
        response.body = body;
        response.headers = {};
        response.headers.set("X-Odd", body.substr(0, 10));
        CHECK(trace.add(request, &response, "", {}));
    }
    CHECK(entries(directory / "t.har").size() == 10);
}

TEST_CASE("telling names") {
    for (const char* name : {"Authorization", "x-amz-security-token", "client_secret", "AccessKeyId",
                             "PASSWORD", "X-Functions-Key", "sig", "Set-Cookie", "privateKey", "private_key",
                             "refreshToken", "X-Amz-Signature"})
        CHECK(sensitive_name(name));
    for (const char* name : {"Content-Type", "NextToken", "nextPageToken", "x-amz-client-token", "token_type",
                             "FunctionName", "key", "Design", "SignatureVersion", ""})
        CHECK_FALSE(sensitive_name(name));
}

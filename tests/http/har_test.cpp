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
        R"({"Environment":{"Variables":{"DB_PASSWORD":"geheim-pw","MODE":"fast","NUMBER":7,"NOTE":"with )" +
            known + R"("}},"Zip":")" + base64(known) + "\"}");
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
    CHECK(all[0]
              .at("request")
              .at("postData")
              .at("text")
              .as_string()
              .find(R"({"Variables":{"DB_PASSWORD":"***","MODE":"***","NUMBER":"***","NOTE":"***"}})") !=
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

TEST_CASE("a trace has no body that is marked as secret") {
    const TemporaryDirectory directory;
    HarTrace trace(directory / "t.har");
    HttpRequest request = ClientFixture::request("PUT", "http://h/", "what=nobody-knows-yet");
    request.secret_body = request.secret_answer = true;
    HttpResponse response;
    response.body = "another-thing-that-nobody-knows";
    response.headers.set("Content-Type", "text/plain");
    CHECK(trace.add(request, &response, "", {}));
    request.secret_body = request.secret_answer = false;
    CHECK(trace.add(request, &response, "", {}));
    const json::array all = entries(directory / "t.har");
    const json::value& sent = all[0].at("request").at("postData");
    CHECK(sent.at("text") == "");
    CHECK(string_or(sent, "comment") == "21 bytes, sha256 " + sha256_hex(request.body.view()));
    const json::value& content = all[0].at("response").at("content");
    CHECK_FALSE(content.as_object().contains("text"));
    CHECK(string_or(content, "comment") == "31 bytes, sha256 " + sha256_hex(response.body));
    CHECK(string_or(all[1].at("response").at("content"), "text") == response.body);
}

TEST_CASE("settings of functions, and secrets inside texts, are left out of what is shown") {
    const auto json = [](std::string_view text) { return scrub_body(text, "application/json"); };
    // What AWS, Google, IBM, Alibaba and Azure call the same thing.
    CHECK(json(R"({"Environment":{"Variables":{"A":"x"}},"Name":"f"})") ==
          R"({"Environment":{"Variables":{"A":"***"}},"Name":"f"})");
    CHECK(json(R"({"environment":"GEN_2","serviceConfig":{"environmentVariables":{"A":"x"},"cpu":"1"}})") ==
          R"({"environment":"GEN_2","serviceConfig":{"environmentVariables":{"A":"***"},"cpu":"1"}})");
    CHECK(json(R"({"run_env_variables":[{"type":"literal","name":"A","value":"x"}]})") ==
          R"({"run_env_variables":[{"type":"literal","name":"A","value":"***"}]})");
    CHECK(json(R"({"run_env_variables":[{"type":"r","name":"A","key":"A","reference":"s"}]})") ==
          R"({"run_env_variables":[{"type":"r","name":"A","key":"A","reference":"s"}]})");
    CHECK(json(R"({"variables":{"name":"x","value":"y"}})") ==
          R"({"variables":{"name":"***","value":"***"}})");
    CHECK(json(R"({"siteConfig":{"appSettings":[{"name":"A","value":"x"}]}})") ==
          R"({"siteConfig":{"appSettings":[{"name":"A","value":"***"}]}})");
    CHECK(json(R"({"id":"/s/sites/a/config/appsettings","properties":{"A":"x"}})") ==
          R"({"id":"/s/sites/a/config/appsettings","properties":{"A":"***"}})");
    CHECK(json(R"({"id":"/s/sites/a","properties":{"state":"Running"}})") ==
          R"({"id":"/s/sites/a","properties":{"state":"Running"}})");
    CHECK(json(R"({"format":"generic","data":{"A":"x"},"name":"s"})") ==
          R"({"format":"generic","data":{"A":"***"},"name":"s"})");
    CHECK(json(R"({"url":"https://h/o?X-Goog-Date=1&X-Goog-Signature=abc","n":"a=b"})") ==
          R"({"url":"https://h/o?X-Goog-Date=1&X-Goog-Signature=***","n":"a=b"})");
    CHECK(json(R"({"u":"https://h/o?sv=1&sig=a%2Fb%3D","v":"https://h/?OSSAccessKeyId=1&Signature=s"})") ==
          R"({"u":"https://h/o?sv=1&sig=***","v":"https://h/?OSSAccessKeyId=***&Signature=***"})");
    CHECK(json(R"({"s":"Protocol=https;AccountKey=a+b/c==;EndpointSuffix=core"})") ==
          R"({"s":"Protocol=https;AccountKey=***;EndpointSuffix=core"})");
    CHECK(json(R"({"u":"https://h/api/f?code=k","log":"exit code=1"})") ==
          R"({"u":"https://h/api/f?code=***","log":"exit code=1"})");
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

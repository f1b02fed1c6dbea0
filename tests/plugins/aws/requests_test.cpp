// SPDX-License-Identifier: Apache-2.0
// What each operation sends, byte for byte.
#include "iam.hpp"
#include "lambda.hpp"
#include "logs.hpp"
#include "pyfops/crypto.hpp"
#include "s3.hpp"
#include "sts.hpp"
#include "transport.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::aws;

namespace {

std::string line(const ApiCall& call) {
    return call.name() + " " + call.method + " " + call.target;
}

std::string body(const ApiCall& call) {
    return std::string(call.body.view());
}

lambda::Configuration configuration() {
    lambda::Configuration all;
    all.runtime = "python3.13";
    all.role = "arn:aws:iam::123456789012:role/r";
    all.handler = "_pyfops_aws.handler";
    all.timeout = 30;
    all.memory = 256;
    all.environment = {{"A", "1"}};
    return all;
}

} // namespace

TEST_CASE("requests: CreateFunction with the code in it and from a bucket") {
    const ApiCall direct =
        lambda::create_function("f", configuration(), {.zip = "PK"}, {{"pyfops:project", "p"}});
    CHECK(line(direct) == "lambda:CreateFunction POST /2015-03-31/functions");
    CHECK(direct.headers.get("Content-Type") == "application/json");
    CHECK(body(direct) ==
          R"({"FunctionName":"f","Runtime":"python3.13","Role":"arn:aws:iam::123456789012:role/r",)"
          R"("Handler":"_pyfops_aws.handler","Timeout":30,"MemorySize":256,"PackageType":"Zip",)"
          R"("Architectures":["x86_64"],"Publish":false,"Environment":{"Variables":{"A":"1"}},)"
          R"("Tags":{"pyfops:project":"p"},"Code":{"ZipFile":"UEs="}})");
    const ApiCall stored = lambda::create_function("f", configuration(), {.bucket = "b", .key = "k.zip"}, {});
    CHECK(body(stored).ends_with(R"("Code":{"S3Bucket":"b","S3Key":"k.zip"}})"));
}

TEST_CASE("requests: the other operations of Lambda") {
    const std::string arn = "arn:aws:lambda:eu-central-1:123456789012:function:f";
    const std::string escaped = "arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Af";
    CHECK(line(lambda::get_function("f")) == "lambda:GetFunction GET /2015-03-31/functions/f");
    CHECK(line(lambda::list_functions("")) == "lambda:ListFunctions GET /2015-03-31/functions?MaxItems=50");
    CHECK(line(lambda::list_functions("a/b=")) ==
          "lambda:ListFunctions GET /2015-03-31/functions?MaxItems=50&Marker=a%2Fb%3D");
    CHECK(line(lambda::update_code("f", {.zip = "PK"}, "arm64")) ==
          "lambda:UpdateFunctionCode PUT /2015-03-31/functions/f/code");
    CHECK(body(lambda::update_code("f", {.zip = "PK"}, "arm64")) ==
          R"({"ZipFile":"UEs=","Architectures":["arm64"],"Publish":false})");
    lambda::ConfigurationChange change;
    CHECK(change.empty());
    change.memory = 512;
    change.environment = std::map<std::string, std::string>{};
    CHECK(line(lambda::update_configuration("f", change)) ==
          "lambda:UpdateFunctionConfiguration PUT /2015-03-31/functions/f/configuration");
    CHECK(body(lambda::update_configuration("f", change)) ==
          R"({"MemorySize":512,"Environment":{"Variables":{}}})");
    CHECK(line(lambda::delete_function("f")) == "lambda:DeleteFunction DELETE /2015-03-31/functions/f");
    CHECK(line(lambda::tag_resource(arn, {{"a", "1"}})) ==
          "lambda:TagResource POST /2017-03-31/tags/" + escaped);
    CHECK(body(lambda::tag_resource(arn, {{"a", "1"}})) == R"({"Tags":{"a":"1"}})");
    CHECK(line(lambda::untag_resource(arn, {"a:b", "c"})) ==
          "lambda:UntagResource DELETE /2017-03-31/tags/" + escaped + "?tagKeys=a%3Ab&tagKeys=c");
    CHECK(line(lambda::list_tags(arn)) == "lambda:ListTags GET /2017-03-31/tags/" + escaped);
    CHECK(line(lambda::create_url("f")) == "lambda:CreateFunctionUrlConfig POST /2021-10-31/functions/f/url");
    CHECK(body(lambda::create_url("f")) == R"({"AuthType":"NONE","InvokeMode":"BUFFERED"})");
    CHECK(line(lambda::get_policy("f")) == "lambda:GetPolicy GET /2015-03-31/functions/f/policy");
    CHECK(line(lambda::remove_permission("f", "s")) ==
          "lambda:RemovePermission DELETE /2015-03-31/functions/f/policy/s");
    const ApiCall invoke = lambda::invoke("f", "{}", std::chrono::seconds(900));
    CHECK(line(invoke) == "lambda:Invoke POST /2015-03-31/functions/f/invocations");
    CHECK(invoke.headers.get("X-Amz-Log-Type") == "Tail");
    CHECK(invoke.headers.get("X-Amz-Invocation-Type") == "RequestResponse");
    CHECK_FALSE(invoke.idempotent);
    CHECK(invoke.patience > std::chrono::seconds(900));
}

TEST_CASE("requests: IAM and STS") {
    CHECK(body(iam::get_role("r")) == "Action=GetRole&Version=2010-05-08&RoleName=r");
    const std::string create = body(iam::create_role("r", {{"pyfops:project", "p"}}));
    CHECK(create.starts_with(
        "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%22Version"));
    CHECK(create.find("Service%22%3A%22lambda.amazonaws.com") != std::string::npos);
    CHECK(create.ends_with("&Tags.member.1.Key=pyfops%3Aproject&Tags.member.1.Value=p"));
    CHECK(body(iam::attach_policy("r", iam::basic_execution_policy("aws-cn"))) ==
          "Action=AttachRolePolicy&Version=2010-05-08&RoleName=r&PolicyArn="
          "arn%3Aaws-cn%3Aiam%3A%3Aaws%3Apolicy%2Fservice-role%2FAWSLambdaBasicExecutionRole");
    CHECK(body(sts::get_caller_identity()) == "Action=GetCallerIdentity&Version=2011-06-15");
    const ApiCall web =
        sts::assume_role_with_web_identity({.role_arn = "arn:r", .session_name = "s"}, Secret("tok"));
    CHECK(body(web) == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=s"
                       "&WebIdentityToken=tok");
    CHECK_FALSE(web.sign);
}

TEST_CASE("requests: S3 names its bucket in the host and in the path of an override") {
    const ApiCall put = s3::put_object("bucket", "123456789012", "a b/c.zip", "zip");
    CHECK(line(put) == "s3:PutObject PUT /a%20b/c.zip");
    CHECK(put.headers.get("x-amz-checksum-sha256") == base64(sha256("zip")));
    Endpoint endpoint;
    endpoint.url = Url::parse("https://s3.eu-central-1.amazonaws.com");
    CHECK(url_of(put, endpoint).str() == "https://bucket.s3.eu-central-1.amazonaws.com/a%20b/c.zip");
    CHECK(url_of(s3::head_bucket("with.dots", ""), endpoint).str() ==
          "https://s3.eu-central-1.amazonaws.com/with.dots/");
    endpoint.url = Url::parse("http://127.0.0.1:4566/prefix/");
    endpoint.overridden = true;
    CHECK(url_of(put, endpoint).str() == "http://127.0.0.1:4566/prefix/bucket/a%20b/c.zip");
    CHECK(body(s3::create_bucket("b", "us-east-1")).empty());
    CHECK(body(s3::create_bucket("b", "eu-west-1")).find("<LocationConstraint>eu-west-1<") !=
          std::string::npos);
    const ApiCall tags = s3::tag_bucket("b", "1", {{"k", "a<b&c"}});
    CHECK(body(tags).find("<Value>a&lt;b&amp;c</Value>") != std::string::npos);
    CHECK(tags.headers.get("Content-MD5") == base64(md5(body(tags))));
}

TEST_CASE("requests: logs") {
    const ApiCall filter = logs::filter_events("/aws/lambda/f", SystemTime(Milliseconds(1500)), "t");
    CHECK(line(filter) == "logs:FilterLogEvents POST /");
    CHECK(filter.headers.get("Content-Type") == "application/x-amz-json-1.1");
    CHECK(body(filter) == R"({"logGroupName":"/aws/lambda/f","startTime":1500,"nextToken":"t"})");
}

TEST_CASE("answers: a function as it is described") {
    const json::value recorded = parse_json(R"({"Configuration":{"FunctionName":"f","FunctionArn":"arn:f",
        "CodeSha256":"abc=","MemorySize":256,"Timeout":5,"Runtime":"python3.12","State":"Pending",
        "StateReason":"The function is being created.","Architectures":["arm64"],"RevisionId":"1"},
        "Code":{"RepositoryType":"S3"},"Tags":{"a":"b"}})",
                                            "answer");
    const lambda::Function function = lambda::read_function(recorded);
    CHECK(function.state == "Pending");
    CHECK(function.architecture == "arm64");
    CHECK(function.environment.empty());
    CHECK(function.environment_readable);
    CHECK(function.tags.at("a") == "b");
    const json::value denied = parse_json(
        R"({"FunctionName":"f","Environment":{"Error":{"ErrorCode":"AccessDeniedException"}}})", "answer");
    CHECK_FALSE(lambda::read_function(denied).environment_readable);
    CHECK(lambda::read_page(parse_json("[]", "x")).functions.empty());
}

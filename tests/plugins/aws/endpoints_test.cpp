// SPDX-License-Identifier: Apache-2.0
#include "endpoints.hpp"
#include "pyfops/error.hpp"
#include "pyfops/testing/fake_system.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

struct Machine {
    testing::FakeSystem system;
    std::string setting;
    std::string url(const std::string& service, const std::string& region = "eu-central-1") {
        const aws::ProfileFiles files(system);
        return aws::resolve_endpoint(service, region, system, files, aws::default_profile(system), setting)
            .url.str();
    }
};

} // namespace

TEST_CASE("endpoints: public names of the partitions") {
    Machine machine;
    CHECK(machine.url("lambda") == "https://lambda.eu-central-1.amazonaws.com/");
    CHECK(machine.url("iam") == "https://iam.amazonaws.com/");
    CHECK(machine.url("sts") == "https://sts.eu-central-1.amazonaws.com/");
    CHECK(machine.url("s3") == "https://s3.eu-central-1.amazonaws.com/");
    CHECK(machine.url("lambda", "cn-north-1") == "https://lambda.cn-north-1.amazonaws.com.cn/");
    CHECK(machine.url("iam", "cn-north-1") == "https://iam.cn-north-1.amazonaws.com.cn/");
    CHECK(machine.url("lambda", "eusc-de-east-1") == "https://lambda.eusc-de-east-1.amazonaws.eu/");
    CHECK(machine.url("iam", "us-gov-east-1") == "https://iam.us-gov.amazonaws.com/");
    CHECK(aws::partition_of("us-isob-east-1").name == "aws-iso-b");
    CHECK(aws::partition_of("us-iso-east-1").name == "aws-iso");
    CHECK(aws::partition_of("us-east-1").name == "aws");
    machine.system.environment["AWS_USE_DUALSTACK_ENDPOINT"] = "true";
    CHECK(machine.url("lambda") == "https://lambda.eu-central-1.api.aws/");
    CHECK(machine.url("s3") == "https://s3.dualstack.eu-central-1.amazonaws.com/");
    machine.system.environment = {{"AWS_USE_FIPS_ENDPOINT", "true"}};
    CHECK(machine.url("lambda", "us-east-1") == "https://lambda-fips.us-east-1.amazonaws.com/");
}

TEST_CASE("endpoints: IAM is signed for the region of its partition") {
    Machine machine;
    const aws::ProfileFiles files(machine.system);
    CHECK(aws::resolve_endpoint("iam", "eu-central-1", machine.system, files, "default", "").region ==
          "us-east-1");
    CHECK(aws::resolve_endpoint("lambda", "eu-central-1", machine.system, files, "default", "").region ==
          "eu-central-1");
}

TEST_CASE("endpoints: order of the overrides") {
    Machine machine;
    machine.system.files["/home/user/.aws/config"] =
        "[default]\nendpoint_url = http://profile:1\nservices = local\n"
        "[services local]\nlambda =\n  endpoint_url = http://services:2\ncloudwatch_logs =\n"
        "  endpoint_url = http://logs:3\n";
    CHECK(machine.url("lambda") == "http://services:2/");
    CHECK(machine.url("logs") == "http://logs:3/");
    CHECK(machine.url("s3") == "http://profile:1/");
    machine.setting = "http://project:4";
    CHECK(machine.url("lambda") == "http://project:4/");
    machine.system.environment["AWS_ENDPOINT_URL"] = "http://all:5/path";
    CHECK(machine.url("lambda") == "http://all:5/path");
    machine.system.environment["AWS_ENDPOINT_URL_LAMBDA"] = "http://one:6";
    CHECK(machine.url("lambda") == "http://one:6/");
    CHECK(machine.url("s3") == "http://all:5/path");
    machine.system.environment["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] = "http://logs:7";
    CHECK(machine.url("logs") == "http://logs:7/");
    machine.system.environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    CHECK(machine.url("lambda") == "http://project:4/");
    machine.setting.clear();
    CHECK(machine.url("lambda") == "https://lambda.eu-central-1.amazonaws.com/");
}

TEST_CASE("endpoints: a broken URL names where it came from") {
    Machine machine;
    machine.system.environment["AWS_ENDPOINT_URL"] = "not a url";
    try {
        machine.url("lambda");
        FAIL("it was taken");
    } catch (const Error& failure) {
        CHECK(failure.message().find("AWS_ENDPOINT_URL") != std::string::npos);
    }
    CHECK_FALSE(aws::local_endpoint(machine.system));
    machine.system.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566";
    CHECK(aws::local_endpoint(machine.system));
}

TEST_CASE("profiles: the file format") {
    const auto sections =
        aws::parse_ini("# comment\n; comment\n[a]\nKey = v = w \n\n[ b ]\nk=\n  in = 1\n  out=2\n"
                       "after = 3\nnonsense\n[broken\nlost = 1\n");
    CHECK(sections.at("a").at("key") == "v = w");
    CHECK(sections.at("b").at("k.in") == "1");
    CHECK(sections.at("b").at("k.out") == "2");
    CHECK(sections.at("b").at("after") == "3");
    CHECK(sections.size() == 2);
}

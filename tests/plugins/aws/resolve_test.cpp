// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"
#include "endpoints.hpp"
#include "plugins/aws/world.hpp"
#include "resolve.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace pyfops;

namespace {

struct Case {
    FunctionSpec function;
    FdIdentity identity{"gate", "thumbnail", "aws", "eu-central-1", Realm::real, "auto"};
    std::optional<int> memory;
    json::object settings;
    std::string today = "2026-11-23";
    Diagnostics diagnostics;

    Target resolve() {
        const ResolveRequest request{function,       identity,         memory,           settings,
                                     "/functions/0", "/deployments/0", "/providers/aws", today};
        return aws::resolve_target(aws::catalog(), request, diagnostics);
    }
    /// Code and path of the findings.
    std::set<std::string> findings() {
        resolve();
        std::set<std::string> all;
        for (const Finding& one : diagnostics.findings())
            all.insert(one.code + " " + one.path);
        return all;
    }
};

using Findings = std::set<std::string>;

} // namespace

TEST_CASE("resolve: runtime and glibc and memory and name") {
    Case one;
    one.function.python = "3.11";
    const Target target = one.resolve();
    CHECK(target.runtime == "python3.11");
    CHECK(target.glibc == "2.26");
    CHECK(target.memory_mb == 128);
    CHECK(target.cloud_name == "gate-thumbnail");
    CHECK(target.architecture == "x86_64");
    CHECK(one.diagnostics.findings().empty());
    one.settings["architecture"] = "arm64";
    CHECK(one.resolve().architecture == "arm64");
    one.function.python = "3.13";
    CHECK(one.resolve().glibc == "2.34");
    one.settings["python"] = "3.12";
    CHECK(one.resolve().runtime == "python3.12");
    one.identity.project = std::string(70, 'p');
    CHECK(one.resolve().cloud_name.size() == 64);
}

TEST_CASE("resolve: what AWS would refuse is found before") {
    const auto with = [](auto change) {
        Case one;
        change(one);
        return one.findings();
    };
    CHECK(with([](Case& c) { c.identity.region = "eu-central-9"; }) ==
          Findings{"unknown-region /deployments/0/regions"});
    CHECK(with([](Case& c) { c.memory = 64; }) == Findings{"memory /functions/0/memory"});
    CHECK(with([](Case& c) { c.memory = 10241; }) == Findings{"memory /functions/0/memory"});
    CHECK(with([](Case& c) { c.memory = 4096; }) == Findings{"memory-quota /functions/0/memory"});
    CHECK(with([](Case& c) { c.memory = 3008; }).empty());
    CHECK(with([](Case& c) { c.function.timeout_seconds = 901; }) ==
          Findings{"timeout /functions/0/timeout"});
    CHECK(with([](Case& c) { c.function.timeout_seconds = 0; }) == Findings{"timeout /functions/0/timeout"});
    CHECK(with([](Case& c) { c.function.python = "3.7"; }) ==
          Findings{"python-version /functions/0", "runtime-deprecated /functions/0"});
    CHECK(with([](Case& c) { c.settings["python"] = "3.7"; }) ==
          Findings{"python-version /providers/aws/python", "runtime-deprecated /providers/aws/python"});
    CHECK(with([](Case& c) { c.function.python = "3.10"; }) == Findings{"runtime-deprecated /functions/0"});
    CHECK(with([](Case& c) { c.today = "2027-08-01"; }) == Findings{"python-version /functions/0"});
    CHECK(with([](Case& c) {
              c.today = "2027-08-01";
              c.settings["python"] = "3.11";
          }) == Findings{"runtime-blocked /providers/aws/python"});
    CHECK(with([](Case& c) {
              c.function.environment = {
                  {"AWS_LAMBDA_X", "1"}, {"AWS_REGION", "1"}, {"A", "1"}, {"PYFOPS_X", "1"}};
          }) == Findings{"environment /functions/0/environment/A",
                         "environment /functions/0/environment/AWS_LAMBDA_X",
                         "environment /functions/0/environment/AWS_REGION",
                         "environment /functions/0/environment/PYFOPS_X"});
    CHECK(with([](Case& c) {
              c.function.environment = {{"BIG", std::string(4096, 'x')}};
          }) == Findings{"environment-size /functions/0/environment"});
}

TEST_CASE("resolve: settings are checked beyond their types") {
    const auto codes = [](json::object settings) {
        Diagnostics diagnostics;
        aws::check_settings(settings, "/providers/aws", diagnostics);
        Findings all;
        for (const Finding& one : diagnostics.findings())
            all.insert(one.path);
        return all;
    };
    CHECK(codes({{"role", "arn:aws:iam::123456789012:role/path/name"},
                 {"bucket", "my-bucket"},
                 {"tags", {{"team", "x"}}}})
              .empty());
    CHECK(codes({{"role", "my-role"}}) == Findings{"/providers/aws/role"});
    CHECK(codes({{"bucket", "My_Bucket"}}) == Findings{"/providers/aws/bucket"});
    CHECK(codes({{"endpoint", "lambda"}}) == Findings{"/providers/aws/endpoint"});
    CHECK(codes({{"tags", {{"pyfops:fd", "x"}, {"n", 1}}}}) ==
          Findings{"/providers/aws/tags/n", "/providers/aws/tags/pyfops:fd"});
}

TEST_CASE("catalog: the data is complete") {
    const ProviderInfo& info = aws::catalog();
    std::set<std::string> codes;
    for (const RegionInfo& region : info.regions) {
        CHECK(codes.insert(region.code).second);
        CHECK_FALSE(region.location.empty());
    }
    CHECK(std::count_if(info.regions.begin(), info.regions.end(), [](const RegionInfo& region) {
              return aws::partition_of(region.code).name == "aws";
          }) == 34);
    for (const RuntimeInfo& runtime : info.runtimes) {
        CHECK_FALSE(runtime.glibc.empty());
        CHECK_FALSE(runtime.source.empty());
        CHECK_FALSE(runtime.deprecation.empty());
    }
    CHECK_FALSE(info.memory.source.empty());
    CHECK_FALSE(info.limits.source.empty());
    for (const PriceInfo& price : info.prices)
        CHECK_FALSE(price.source.empty());
    CHECK(info.afcl_name == "AWS");
}

TEST_CASE("wrap: the entry files stand beside the user's and name the handler") {
    aws_test::World world;
    SourceTree source;
    source.add("thumbnail.py", {.content = "def handler(event): return event\n"});
    StageContext context = world.host.context();
    const WrapRequest request{world.function, source, world.target};
    const SourceTree wrapped = world.host.run(world.provider.wrapper().wrap(request, context));
    CHECK(wrapped.files().size() == 5);
    REQUIRE(wrapped.find("_pyfops_function.py"));
    CHECK(wrapped.find("_pyfops_function.py")
              ->content.view()
              .find("MODULE = \"thumbnail\"\nCALLABLE = \"handler\"") != std::string_view::npos);
    CHECK(wrapped.find("_pyfops_aws.py")->content.view().find("def handler(event, native)") !=
          std::string_view::npos);
    CHECK(wrapped.find("thumbnail.py")->content.view() == source.find("thumbnail.py")->content.view());
    source.add("_pyfops_aws.py", {.content = "x"});
    CHECK_THROWS_AS(
        world.host.run(world.provider.wrapper().wrap({world.function, source, world.target}, context)),
        Error);
}

TEST_CASE("package: dependencies are asked for the platform of the runtime") {
    aws_test::World world;
    world.target.architecture = "arm64";
    SourceTree tree;
    tree.add("a.py", {.content = "x"});
    StageContext context = world.host.context();
    PackageRequest request{world.function, tree, world.target, {}};
    world.host.run(world.provider.packager().package(request, context));
    CHECK(world.host.packages.dependency_requests.empty());
    request.dependencies.requirements = "/p/requirements.txt";
    world.host.run(world.provider.packager().package(request, context));
    REQUIRE(world.host.packages.dependency_requests.size() == 1);
    const PythonPlatform& platform = world.host.packages.dependency_requests[0].platform;
    CHECK(platform.python == "3.11");
    CHECK(platform.architecture == "aarch64");
    CHECK(platform.glibc == "2.26");
    CHECK(world.host.packages.build_requests.back().limits.max_unzipped == 262144000);
}

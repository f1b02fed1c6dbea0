// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"
#include "cpu.hpp"
#include "data/regions.hpp"
#include "endpoints.hpp"
#include "plugins/alibaba/world.hpp"
#include "pyfops/store.hpp"
#include "resolve.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <iostream>
#include <set>

using namespace pyfops;

namespace {

struct Case {
    FunctionSpec function;
    FdIdentity identity{"gate", "thumbnail", "alibaba", "eu-central-1", Realm::real, "auto"};
    std::optional<int> memory;
    json::object settings;
    Diagnostics diagnostics;

    Target resolve() {
        const ResolveRequest request{
            function,    identity, memory, settings, "/functions/0", "/deployments/0", "/providers/alibaba",
            "2026-11-23"};
        return alibaba::resolve_target(alibaba::catalog(), request, diagnostics);
    }
    /// Code and path of the findings.
    std::set<std::string> findings() {
        resolve();
        return all();
    }
    std::set<std::string> all() {
        std::set<std::string> found;
        for (const Finding& one : diagnostics.findings())
            found.insert(one.code + " " + one.path);
        return found;
    }
    std::set<std::string> of_settings() {
        alibaba::check_settings(settings, "/providers/alibaba", diagnostics);
        return all();
    }
};

using Findings = std::set<std::string>;

std::string url(alibaba::Service service, const std::string& region, const std::string& account = {},
                std::map<std::string, std::string> environment = {}, const std::string& setting = {}) {
    testing::FakeSystem system;
    system.environment = std::move(environment);
    return alibaba::resolve_endpoint(service, region, account, system, setting).url.str();
}

} // namespace

TEST_CASE("resolve: runtime and glibc and memory and name") {
    Case one;
    one.function.python = "3.10";
    const Target target = one.resolve();
    CHECK(target.runtime == "python3.10");
    CHECK(target.glibc == "2.28");
    CHECK(target.memory_mb == 128);
    CHECK(target.cloud_name == "gate-thumbnail");
    CHECK(one.diagnostics.findings().empty());
    one.function.python = "3.11"; // between two: the newer one
    CHECK(one.resolve().runtime == "python3.12");
    CHECK(one.findings() == Findings{"python-version /functions/0"});
    one.settings["python"] = "3.9";
    CHECK(one.resolve().glibc == "2.24");
    one.identity.project = std::string(70, 'p');
    CHECK(one.resolve().cloud_name.size() == 64);
}

TEST_CASE("resolve: what Function Compute would refuse is found before") {
    const auto with = [](auto change) {
        Case one;
        one.function.python = "3.10";
        change(one);
        return one.findings();
    };
    CHECK(with([](Case& c) { c.identity.region = "eu-central-9"; }) ==
          Findings{"unknown-region /deployments/0/regions"});
    for (const int size : {64, 100, 129, 32832})
        CHECK(with([size](Case& c) { c.memory = size; }) == Findings{"memory /functions/0/memory"});
    for (const int size : {128, 192, 32768})
        CHECK(with([size](Case& c) { c.memory = size; }).empty());
    CHECK(with([](Case& c) { c.function.timeout_seconds = 86401; }) ==
          Findings{"timeout /functions/0/timeout"});
    for (const char* name : {"FC_X", "accessKeyID", "topic", "_X", "9A", "A-B", "PYFOPS_X"})
        CHECK(with([name](Case& c) { c.function.environment[name] = "x"; }) ==
              Findings{std::string("environment /functions/0/environment/") + name});
    CHECK(with([](Case& c) { c.function.environment["A"] = std::string(4096, 'x'); }) ==
          Findings{"environment-size /functions/0/environment"});
}

TEST_CASE("resolve: settings that cannot be are found before") {
    const auto with = [](const char* key, json::value value) {
        Case one;
        one.settings[key] = std::move(value);
        return one.of_settings();
    };
    CHECK(with("role", "arn:aws:iam::1:role/x") == Findings{"setting /providers/alibaba/role"});
    CHECK(with("role", "acs:ram::1234567890:role/fc").empty());
    CHECK(with("account_id", "me@example.org") == Findings{"setting /providers/alibaba/account_id"});
    CHECK(with("bucket", "Not_A_Bucket") == Findings{"setting /providers/alibaba/bucket"});
    CHECK(with("disk", 1024) == Findings{"setting /providers/alibaba/disk"});
    CHECK(with("disk", 10240).empty());
    CHECK(with("endpoint", "fc.example") == Findings{"setting /providers/alibaba/endpoint"});
    CHECK(with("tags", json::object{{"pyfops:x", "1"}}) ==
          Findings{"setting /providers/alibaba/tags/pyfops:x"});
    CHECK(with("tags", json::object{{"n", 1}}) == Findings{"setting /providers/alibaba/tags/n"});
    CHECK(with("log_project", "logs-of-mine") == Findings{"setting /providers/alibaba/log_project"});
    Case one;
    one.settings = {{"log_project", "logs-of-mine"}, {"log_store", "fc"}};
    CHECK(one.of_settings() == Findings{"setting /providers/alibaba/log_project"}); // needs a role
    Case two;
    two.settings = {{"log_project", "logs-of-mine"}, {"log_store", "fc"}, {"role", "acs:ram::1:role/fc"}};
    CHECK(two.of_settings().empty());
}

TEST_CASE("cpu: every memory size has a share that Function Compute takes") {
    for (const int ratio : {1, 2, 4})
        for (int memory = 128; memory <= 32768; memory += 64) {
            const int cpu = alibaba::cpu_hundredths(memory, ratio);
            CAPTURE(memory);
            CAPTURE(ratio);
            REQUIRE(cpu % 5 == 0);
            REQUIRE(cpu >= 5);
            REQUIRE(cpu <= 1600);
            REQUIRE(cpu * 1024 <= memory * 100);     // at most one vCPU for each GB
            REQUIRE(cpu * 1024 * 4 >= memory * 100); // at least a quarter of one
        }
    CHECK(alibaba::cpu_hundredths(1024, 1) == 100);
    CHECK(alibaba::cpu_hundredths(1024, 2) == 50);
    CHECK(alibaba::cpu_hundredths(1024, 4) == 25);
    CHECK(alibaba::cpu_hundredths(32768, 1) == 1600); // no more can be had
    CHECK(alibaba::cpu_hundredths(128, 4) == 5);
    CHECK(alibaba::vcpus(512, 2) == doctest::Approx(0.25));
    CHECK(alibaba::gigabytes_per_vcpu("") == 2);
}

TEST_CASE("endpoints: public names and the special ones") {
    using alibaba::Service;
    CHECK(url(Service::fc, "eu-central-1") == "https://fcv3.eu-central-1.aliyuncs.com/");
    CHECK(url(Service::fc, "eu-central-1", "123") == "https://123.eu-central-1.fc.aliyuncs.com/");
    CHECK(url(Service::fc, "me-central-1") == "https://me-central-1.fc.aliyuncs.com/");
    CHECK(url(Service::sts, "eu-central-1") == "https://sts.eu-central-1.aliyuncs.com/");
    CHECK(url(Service::sts, "cn-hangzhou-finance") == "https://sts.aliyuncs.com/");
    CHECK(url(Service::sts, "eu-central-1", "", {{"ALIBABA_CLOUD_STS_REGION", "cn-beijing"}}) ==
          "https://sts.cn-beijing.aliyuncs.com/");
    CHECK(url(Service::oss, "cn-hangzhou") == "https://oss-cn-hangzhou.aliyuncs.com/");
    CHECK(url(Service::log, "cn-hangzhou") == "https://cn-hangzhou.log.aliyuncs.com/");
}

TEST_CASE("endpoints: overrides and what they do to buckets and projects") {
    using alibaba::Service;
    const std::map<std::string, std::string> local{{"FC_CLIENT_CUSTOM_ENDPOINT", "http://127.0.0.1:8080"}};
    CHECK(url(Service::fc, "eu-central-1", "123", local) == "http://127.0.0.1:8080/");
    CHECK(url(Service::sts, "eu-central-1", "", local) == "https://sts.eu-central-1.aliyuncs.com/");
    CHECK(url(Service::fc, "eu-central-1", "", {}, "https://proxy.example/fc") == "https://proxy.example/fc");
    try {
        url(Service::fc, "x", "", {{"FC_CLIENT_CUSTOM_ENDPOINT", "here"}});
        FAIL("it is no URL");
    } catch (const Error& failure) {
        CHECK(failure.message() == "the endpoint in FC_CLIENT_CUSTOM_ENDPOINT is no URL");
    }
    testing::FakeSystem system;
    CHECK_FALSE(alibaba::local_endpoint(system));
    system.environment = local;
    CHECK(alibaba::local_endpoint(system));
    system.environment["ALIBABA_CLOUD_OSS_ENDPOINT"] = "http://127.0.0.1:8080";
    system.environment["ALIBABA_CLOUD_SLS_ENDPOINT"] = "http://127.0.0.1:8080/";
    alibaba::ApiCall call;
    call.bucket = "b";
    call.target = "/k?x";
    CHECK(alibaba::url_of(call, alibaba::resolve_endpoint(Service::oss, "r", "", system, "")).str() ==
          "http://127.0.0.1:8080/b/k?x");
    call.bucket.clear();
    call.project = "p";
    CHECK(alibaba::url_of(call, alibaba::resolve_endpoint(Service::log, "r", "", system, "")).str() ==
          "http://127.0.0.1:8080/p.r.log.aliyuncs.com/k?x");
}

TEST_CASE("catalogue: prices follow from the units of the official list") {
    const ProviderInfo& info = alibaba::catalog();
    CHECK(info.prices.at(0).per_request == doctest::Approx(1.5e-7));
    CHECK(info.prices.at(0).per_vcpu_second == doctest::Approx(2e-5));
    CHECK(info.prices.at(0).per_gb_second == doctest::Approx(3e-6));
}

TEST_CASE("catalogue: regions and their hosts are those of the official list") {
    const ProviderInfo& info = alibaba::catalog();
    const std::filesystem::path file =
        std::filesystem::path(PYFOPS_REFERENCE_DIR) / "specs/alibaba-endpoints.json";
    if (!std::filesystem::exists(file)) {
        std::cout << "SKIPPED: no reference material\n";
        return;
    }
    const json::value all = parse_json(read_file(file), "the endpoints");
    std::set<std::string> open;
    for (const auto& [code, region] : find(*find(all, "FC"), "endpoints")->as_object()) {
        if (string_or(region, "regionName").find("Closed") != std::string::npos) continue;
        open.insert(std::string(code));
        std::string host = string_or(region, "public");
        while (host.ends_with('\t'))
            host.pop_back();
        CHECK(url(alibaba::Service::fc, std::string(code)) == "https://" + host + "/");
    }
    std::set<std::string> known;
    for (const RegionInfo& region : info.regions)
        known.insert(region.code);
    CHECK(known == open);
    const json::object& sts = find(*find(all, "Sts"), "endpoints")->as_object();
    for (const std::string& code : known) {
        const auto* entry = sts.if_contains(code);
        CHECK(url(alibaba::Service::sts, code) ==
              "https://" + (entry ? string_or(*entry, "public") : std::string("sts.aliyuncs.com")) + "/");
    }
}

TEST_CASE("catalogue: a region code that AWS has too is another region in the AFCL tables") {
    std::set<std::string> stored;
    for (const RegionInfo& region : alibaba::catalog().regions) {
        const std::string code = afcl_region("alibaba", region.code);
        CHECK(code != afcl_region("aws", "eu-central-1"));
        CHECK(region_from_afcl("alibaba", code) == region.code);
        stored.insert(code);
    }
    CHECK(stored.size() == alibaba::catalog().regions.size());
    CHECK(afcl_region("alibaba", "eu-central-1") == "alibaba-eu-central-1");
    CHECK(afcl_region("alibaba", "me-central-1") == "alibaba-me-central-1");
    CHECK(afcl_region("alibaba", "cn-hangzhou") == "cn-hangzhou");
}

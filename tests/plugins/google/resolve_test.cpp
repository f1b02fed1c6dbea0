// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"
#include "endpoints.hpp"
#include "functions.hpp"
#include "packager.hpp"
#include "plugins/google/world.hpp"
#include "resolve.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace pyfops;

namespace {

struct Case {
    FunctionSpec function;
    FdIdentity identity{"gate", "thumbnail", "google", "europe-west1", Realm::real, "auto"};
    std::optional<int> memory;
    json::object settings;
    std::string today = "2026-11-23";
    Diagnostics diagnostics;

    Case() { function.timeout_seconds = 30; }
    Target resolve() {
        const ResolveRequest request{
            function, identity, memory, settings, "/functions/0", "/deployments/0", "/providers/google",
            today};
        return google::resolve_target(google::catalog(), request, diagnostics);
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

std::set<std::string> setting_findings(const json::object& settings) {
    Diagnostics diagnostics;
    google::check_settings(settings, "/providers/google", diagnostics);
    std::set<std::string> all;
    for (const Finding& one : diagnostics.findings())
        all.insert(one.path);
    return all;
}

} // namespace

TEST_CASE("catalog: forty regions and two tiers and a price for each") {
    const ProviderInfo& info = google::catalog();
    CHECK(info.regions.size() == 40);
    CHECK(info.prices.size() == 40);
    std::map<double, int> tiers;
    for (const PriceInfo& price : info.prices) {
        ++tiers[price.per_vcpu_second];
        CHECK(price.rounding_ms == 100);
        CHECK_FALSE(price.source.empty());
    }
    CHECK(tiers == std::map<double, int>{{2.4e-5, 17}, {3.36e-5, 23}});
    CHECK(info.memory.sizes == std::vector<int>{128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768});
    for (const RuntimeInfo& runtime : info.runtimes)
        CHECK(runtime.glibc == "2.35");
    CHECK(google::cpu_for(128) == "0.083");
    CHECK(google::cpu_for(300) == "0.333");
    CHECK(google::cpu_for(8192) == "2");
    CHECK(google::cpu_for(32768) == "8");
}

TEST_CASE("resolve: runtime and glibc and memory and name") {
    Case one;
    one.function.python = "3.11";
    const Target target = one.resolve();
    CHECK(target.runtime == "python311");
    CHECK(target.glibc == "2.35");
    CHECK(target.memory_mb == 256);
    CHECK(target.cloud_name == "gate-thumbnail");
    CHECK(one.diagnostics.findings().empty());
    one.identity.project = std::string(70, 'p');
    CHECK(one.resolve().cloud_name.size() == 63);
}

TEST_CASE("resolve: a name is never shorter than Google wants") {
    Case one;
    one.identity.project = "a";
    one.identity.function = "b";
    const std::string name = one.resolve().cloud_name;
    CHECK(name.starts_with("a-b-"));
    CHECK(name.size() == 8);
    one.identity.region = "us-east1";
    CHECK(one.resolve().cloud_name != name);
}

TEST_CASE("resolve: what Google would refuse is found before") {
    Case one;
    SUBCASE("a region that does not exist") {
        one.identity.region = "europe-west5";
        CHECK(one.findings() == Findings{"unknown-region /deployments/0/regions"});
    }
    SUBCASE("a memory size that is not offered") {
        one.memory = 300;
        CHECK(one.findings() == Findings{"memory /functions/0/memory"});
        CHECK(one.diagnostics.findings()[0].hint.find("nearest is 512") != std::string::npos);
    }
    SUBCASE("a timeout above an hour") {
        one.function.timeout_seconds = 3601;
        CHECK(one.findings() == Findings{"timeout /functions/0/timeout"});
    }
    SUBCASE("reserved variables") {
        one.function.environment = {
            {"K_SERVICE", "x"}, {"X_GOOGLE_A", "x"}, {"PORT", "1"}, {"PYFOPS_FD", "x"}};
        CHECK(one.findings() == Findings{"environment /functions/0/environment/K_SERVICE",
                                         "environment /functions/0/environment/PORT",
                                         "environment /functions/0/environment/PYFOPS_FD",
                                         "environment /functions/0/environment/X_GOOGLE_A"});
    }
    SUBCASE("an environment above 32 KiB with ours in it") {
        one.function.environment = {{"A", std::string(32768 - 400, 'x')}};
        CHECK(one.findings() == Findings{"environment-size /functions/0/environment"});
    }
    SUBCASE("too many variables") {
        for (int i = 0; i < 995; ++i)
            one.function.environment["A" + std::to_string(i)] = "x";
        CHECK(one.findings() == Findings{"environment /functions/0/environment"});
    }
    SUBCASE("a runtime past its end") {
        one.function.python = "3.10";
        CHECK(one.findings() == Findings{"runtime-deprecated /functions/0"});
        one.today = "2027-04-05";
        CHECK(one.findings().contains("python-version /functions/0"));
        CHECK_FALSE(one.findings().contains("runtime-blocked /functions/0"));
        one.settings["python"] = "3.10";
        CHECK(one.findings().contains("runtime-blocked /providers/google/python"));
    }
}

TEST_CASE("settings: checked beyond their types") {
    CHECK(setting_findings({}).empty());
    CHECK(setting_findings({{"project", "my-project-1"},
                            {"service_account", "a@my-project-1.iam.gserviceaccount.com"},
                            {"max_instances", 3},
                            {"labels", json::object{{"team", "blue_1"}}},
                            {"endpoint", "https://proxy.example/google"}})
              .empty());
    CHECK(setting_findings(
              {{"project", "My Project"},
               {"service_account", "somebody"},
               {"max_instances", 0},
               {"endpoint", "somewhere"},
               {"labels", json::object{{"Team", "x"}, {"pyfops-fd", "x"}, {"n", 1}, {"v", "A b"}}}}) ==
          Findings{"/providers/google/project", "/providers/google/service_account",
                   "/providers/google/max_instances", "/providers/google/endpoint",
                   "/providers/google/labels/Team", "/providers/google/labels/pyfops-fd",
                   "/providers/google/labels/n", "/providers/google/labels/v"});
}

TEST_CASE("endpoints: variable before setting before the public name") {
    testing::FakeSystem system;
    CHECK(google::resolve_endpoint("run", system, "").url.str() == "https://run.googleapis.com/");
    CHECK(google::resolve_endpoint("run", system, "http://127.0.0.1:81/x").url.str() ==
          "http://127.0.0.1:81/x/run.googleapis.com");
    system.environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN"] = "https://proxy.example/";
    const google::Endpoint over = google::resolve_endpoint("run", system, "http://127.0.0.1:81");
    CHECK(over.url.host == "proxy.example");
    CHECK(over.overridden);
    CHECK_FALSE(over.loopback);
    CHECK_FALSE(google::local_endpoint(system));
    system.environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS"] = "http://127.0.0.1:8080/f/";
    CHECK(google::local_endpoint(system));
    system.environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING"] = "nonsense";
    CHECK_THROWS_AS(google::resolve_endpoint("logging", system, ""), Error);
}

TEST_CASE("endpoints: tokens go to functions only") {
    testing::FakeSystem system;
    const auto is_function = [&system](const std::string& url) {
        return google::is_function_url(Url::parse(url),
                                       google::resolve_endpoint("cloudfunctions", system, ""));
    };
    CHECK(is_function("https://europe-west1-p.cloudfunctions.net/f"));
    CHECK(is_function("https://f-abc-ew.a.run.app"));
    CHECK_FALSE(is_function("http://europe-west1-p.cloudfunctions.net/f"));
    CHECK_FALSE(is_function("https://evil.example/europe-west1-p.cloudfunctions.net/f"));
    CHECK_FALSE(is_function("https://cloudfunctions.net.evil.example/f"));
    system.environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS"] =
        "http://127.0.0.1:8080/cloudfunctions.googleapis.com/";
    CHECK(is_function("http://127.0.0.1:8080/europe-west1-p.cloudfunctions.net/f"));
    CHECK_FALSE(is_function("http://127.0.0.1:8081/europe-west1-p.cloudfunctions.net/f"));
    CHECK_FALSE(is_function("http://127.0.0.1:8080/f"));
}

TEST_CASE("quantities: in the forms that Google writes") {
    using google::functions::read_memory;
    using google::functions::same_cpu;
    CHECK(read_memory("256Mi") == 256);
    CHECK(read_memory("256M") == 244);
    CHECK(read_memory("1G") == 954);
    CHECK(read_memory("2Gi") == 2048);
    CHECK(read_memory("268435456") == 256);
    CHECK(read_memory("lots") == 0);
    CHECK(read_memory("1Ti") == 0);
    CHECK(same_cpu("0.1666", "0.167"));
    CHECK(same_cpu("167m", "0.167"));
    CHECK(same_cpu("1", "1.0"));
    CHECK_FALSE(same_cpu("1", "2"));
    CHECK(same_cpu("1", ""));
}

TEST_CASE("wrap and package: an entry file and the framework and its requirements file") {
    google_test::World world;
    StageContext context = world.host.context();
    SourceTree source;
    source.add("thumbnail.py", {.content = "def handler(event): return event\n"});
    source.add("main.py", {.content = "# the user's own\n"});
    source.add("requirements.txt", {.content = "numpy\n"});
    const SourceTree wrapped =
        world.host.run(world.provider.wrapper().wrap({world.function, source, world.target}, context));
    REQUIRE(wrapped.find("_pyfops_google.py"));
    CHECK(wrapped.find("_pyfops_google.py")->content.view().find("def main(request)") !=
          std::string_view::npos);
    CHECK(wrapped.find("main.py")->content.view() == "# the user's own\n");

    world.host.packages.on_dependencies = [](const DependencyRequest&) {
        auto set = std::make_shared<DependencySet>();
        set->distributions.push_back({"functions-framework", "3.10.2"});
        return std::shared_ptr<const DependencySet>(set);
    };
    world.host.system.files["/p/requirements.txt"] = "numpy\n";
    PackageRequest request{world.function, wrapped, world.target, {}};
    world.host.run(world.provider.packager().package(request, context));
    // Without 'requirements' nothing of the user's file is installed, and that is said.
    REQUIRE(world.host.packages.dependency_requests.size() == 1);
    CHECK(world.host.packages.dependency_requests[0].requirements.empty());
    CHECK(world.host.packages.dependency_requests[0].extra ==
          std::vector<std::string>{"functions-framework==3.10.2"});
    CHECK(world.host.packages.dependency_requests[0].platform.glibc == "2.35");
    CHECK(world.host.observer.all<Notice>().size() == 1);

    request.dependencies.requirements = "/p/requirements.txt";
    world.host.run(world.provider.packager().package(request, context));
    CHECK(world.host.observer.all<Notice>().size() == 1);
    const BuildRequest& built = world.host.packages.build_requests.back();
    CHECK(built.tree.find("requirements.txt")->content.view() == "functions-framework==3.10.2\n");
    CHECK(built.tree.find("_pyfops_requirements.txt")->content.view() == "numpy\n");
    CHECK(built.dependencies_prefix.empty());
    CHECK(built.limits.max_zipped == 104857600);

    world.host.system.files["/p/requirements.txt"] = "numpy\nfunctions_framework == 3.8.0  # mine\n";
    world.host.run(world.provider.packager().package(request, context));
    CHECK(world.host.packages.dependency_requests.back().extra ==
          std::vector<std::string>{"functions-framework"});
    CHECK_FALSE(
        google::names_framework("functions-framework-extras\n# functions-framework\nmy-functions-framework"));
    CHECK(google::names_framework("a\nFunctions.Framework[x]>=3 ; python_version > '3'"));
}

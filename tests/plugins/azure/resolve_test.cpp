// SPDX-License-Identifier: Apache-2.0
#include "plugins/azure/world.hpp"

#include "catalog.hpp"
#include "marks.hpp"
#include "resolve.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <set>

using namespace pyfops;
using Findings = std::set<std::string>;

namespace {

struct Case {
    FunctionSpec function;
    FdIdentity identity{"gate", "thumbnail", "azure", "westeurope", Realm::real, "auto"};
    std::optional<int> memory;
    json::object settings;
    Diagnostics diagnostics;

    Case() { function.python = "3.12"; }
    Target resolve() {
        const ResolveRequest request{function,           identity,       memory,
                                     settings,           "/functions/0", "/deployments/0",
                                     "/providers/azure", "2026-11-23"};
        return azure::resolve_target(request, diagnostics);
    }
    /// Code and path of the findings.
    Findings findings() {
        resolve();
        Findings all;
        for (const Finding& one : diagnostics.findings())
            all.insert(one.code + " " + one.path);
        return all;
    }
};

Findings of_settings(const json::object& settings) {
    Diagnostics diagnostics;
    azure::check_settings(settings, "/providers/azure", diagnostics);
    Findings all;
    for (const Finding& one : diagnostics.findings())
        all.insert(one.path);
    return all;
}

} // namespace

TEST_CASE("azure resolve: runtime and memory and name") {
    Case one;
    const Target target = one.resolve();
    CHECK(target.runtime == "python3.12");
    CHECK(target.glibc == "2.31");
    CHECK(target.memory_mb == 2048);
    CHECK(target.cloud_name == "gate-thumbnail");
    CHECK(one.diagnostics.findings().empty());
    one.identity.project = std::string(60, 'p');
    const std::string long_name = one.resolve().cloud_name;
    CHECK(azure::app_name(long_name, "subscription", "westeurope").size() <= 60);
}

TEST_CASE("azure resolve: names of apps differ by subscription and region and stay once made") {
    const std::string name = azure::app_name("gate-f", "s1", "westeurope");
    CHECK(name != azure::app_name("gate-f", "s2", "westeurope"));
    CHECK(name != azure::app_name("gate-f", "s1", "northeurope"));
    CHECK(azure::app_name(name, "s1", "westeurope") == name);
    CHECK(azure::storage_name("s1", "westeurope", "gate").size() == 24);
}

TEST_CASE("azure resolve: what does not fit becomes a finding") {
    SUBCASE("memory") {
        Case one;
        one.memory = 1024;
        CHECK(one.findings() == Findings{"memory /functions/0/memory"});
        CHECK(one.diagnostics.findings()[0].hint.find("512, 2048, 4096") != std::string::npos);
    }
    SUBCASE("region") {
        Case one;
        one.identity.region = "westeuropa";
        CHECK(one.findings() == Findings{"unknown-region /deployments/0/regions"});
        CHECK(one.diagnostics.findings()[0].hint == "did you mean 'westeurope'?");
    }
    SUBCASE("timeout") {
        Case one;
        one.function.timeout_seconds = 300;
        CHECK(one.findings() == Findings{"timeout /functions/0/timeout"});
        CHECK_FALSE(one.diagnostics.has_errors()); // the caller only gets no answer
        one.function.timeout_seconds = 4000;
        one.resolve();
        CHECK(one.diagnostics.has_errors());
    }
    SUBCASE("environment") {
        Case one;
        one.function.environment = {{"WEBSITE_X", "1"}, {"AzureWebJobsStorage", "1"}, {"GOOD", "1"}};
        CHECK(one.findings() == Findings{"environment /functions/0/environment/AzureWebJobsStorage",
                                         "environment /functions/0/environment/WEBSITE_X"});
    }
    SUBCASE("an old Python") {
        Case one;
        one.function.python = "3.10";
        CHECK(one.findings() == Findings{"runtime-deprecated /functions/0"});
    }
}

TEST_CASE("azure resolve: the classic plan has one size and less time and no new Python") {
    Case one;
    one.settings["plan"] = "consumption";
    CHECK(one.resolve().memory_mb == 1536);
    CHECK(one.diagnostics.findings().empty());
    one.memory = 1536;
    CHECK(one.findings().empty());
    one.memory = 2048;
    one.function.timeout_seconds = 601;
    one.function.python = "3.13";
    CHECK(one.findings() == Findings{"memory /functions/0/memory", "timeout /functions/0/timeout",
                                     "python-version /functions/0"});
    CHECK(one.resolve().python == "3.12");
    const ProviderInfo& offered = azure::offer({{"plan", "consumption"}});
    CHECK(offered.memory.sizes == std::vector{1536});
    CHECK(offered.prices.front().minimum_ms == 100);
    CHECK(&azure::offer({}) == &azure::catalog());
}

TEST_CASE("azure settings: checked beyond their types") {
    CHECK(of_settings({{"subscription", "00000000-0000-0000-0000-00000000000a"},
                       {"resource_group", "my.group_(1)-x"},
                       {"storage_account", "abc123"},
                       {"tags", {{"cost centre", "x"}}}})
              .empty());
    CHECK(of_settings({{"subscription", "mine"},
                       {"resource_group", "ends.with."},
                       {"storage_account", "Upper"},
                       {"application_insights", "key"},
                       {"endpoint", "ftp://x"},
                       {"tags", {{"pyfops-fd", "x"}, {"a/b", "x"}, {"n", 1}}}}) ==
          Findings{"/providers/azure/subscription", "/providers/azure/resource_group",
                   "/providers/azure/storage_account", "/providers/azure/application_insights",
                   "/providers/azure/endpoint", "/providers/azure/tags/pyfops-fd",
                   "/providers/azure/tags/a/b", "/providers/azure/tags/n"});
    CHECK(of_settings({{"storage_account", "abc123"}}) == Findings{"/providers/azure/storage_account"});
}

TEST_CASE("azure catalog: figures have sources and prices their minimum") {
    const ProviderInfo& info = azure::catalog();
    CHECK(info.afcl_name == "Microsoft");
    CHECK(info.memory.allows(512));
    CHECK_FALSE(info.memory.allows(1024));
    CHECK(info.memory.nearest(1000) == 2048);
    CHECK(info.prices.front().minimum_ms == 1000);
    CHECK(info.prices.front().rounding_ms == 100);
    for (const RuntimeInfo& one : info.runtimes)
        CHECK_FALSE(one.source.empty());
    std::set<std::string> codes;
    for (const RegionInfo& one : info.regions)
        CHECK(codes.insert(one.code).second);
}

TEST_CASE("azure wrap: entry files beside the code and no host.json of the user's") {
    azure_test::World world;
    SourceTree source;
    source.add("thumbnail.py", {.content = "def handler(event): return event\n"});
    world.function.timeout_seconds = 90;
    const json::object open{{"public", true}};
    const WrapRequest request{world.function, source, world.target, open};
    StageContext context = world.host.context();
    const SourceTree tree = world.host.run(world.provider->wrapper().wrap(request, context));
    const auto text = [&](const char* path) {
        REQUIRE_MESSAGE(tree.find(path), path);
        return parse_json(tree.find(path)->content.view(), path);
    };
    // The app's setting has the function's own: another timeout needs no other package.
    CHECK(string_or(text("host.json"), "functionTimeout") == "01:00:00");
    const json::value function = text("pyfops-thumbnail/function.json");
    const json::value& trigger = function.at("bindings").at(0);
    CHECK(string_or(trigger, "authLevel") == "anonymous");
    CHECK(string_or(trigger, "route") == "thumbnail");
    CHECK(tree.find("pyfops-thumbnail/__init__.py"));
    CHECK(tree.find("_pyfops_azure.py"));
    CHECK(tree.find("thumbnail.py"));
    source.add("host.json", {.content = "{}"});
    CHECK_THROWS_AS(world.host.run(world.provider->wrapper().wrap(request, context)), Error);
}

TEST_CASE("azure package: dependencies where the worker looks and azure-functions unless the user names it") {
    azure_test::World world;
    const SourceTree tree;
    DependencyRequest dependencies;
    const auto package = [&] {
        StageContext context = world.host.context();
        const PackageRequest request{world.function, tree, world.target, dependencies};
        world.host.run(world.provider->packager().package(request, context));
        return world.host.packages.dependency_requests.back();
    };
    const DependencyRequest asked = package();
    REQUIRE(asked.extra.size() == 1);
    CHECK(asked.extra[0].starts_with("azure-functions"));
    CHECK(asked.platform.glibc == "2.31");
    CHECK(world.host.packages.build_requests.back().dependencies_prefix ==
          ".python_packages/lib/site-packages");
    dependencies.requirements = "/p/requirements.txt";
    world.host.system.files["/p/requirements.txt"] = "requests\nAzure_Functions>=1.23 # newer\n";
    CHECK(package().extra.empty());
    world.host.system.files["/p/requirements.txt"] = "azure-functions-durable\n";
    CHECK(package().extra.size() == 1);
}

// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include "catalog.hpp"
#include "settings.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <set>

using namespace pyfops;

namespace {

struct Case {
    FunctionSpec function;
    FdIdentity identity{"gate", "thumbnail", "ibm", "eu-de", Realm::real, "auto"};
    std::optional<int> memory;
    json::object settings;
    std::string today = "2026-11-23";
    Diagnostics diagnostics;

    Target resolve() {
        const ResolveRequest request{function,       identity,         memory,           settings,
                                     "/functions/0", "/deployments/0", "/providers/ibm", today};
        return ibm::resolve_target(request, diagnostics);
    }
    std::set<std::string> findings() {
        resolve();
        std::set<std::string> all;
        for (const Finding& one : diagnostics.findings())
            all.insert(one.code + " " + one.path);
        return all;
    }
};

using Findings = std::set<std::string>;

std::set<std::string> checked(const json::object& settings) {
    Diagnostics diagnostics;
    ibm::check_settings(settings, "/providers/ibm", diagnostics);
    std::set<std::string> all;
    for (const Finding& one : diagnostics.findings())
        all.insert(one.path);
    return all;
}

const json::object good_build{{"source_url", "https://git.test/us/functions.git"},
                              {"context_dir", "{function}"},
                              {"output_image", "private.de.icr.io/ns/{function}"},
                              {"output_secret", "registry"}};

} // namespace

TEST_CASE("resolve: Code Engine's runtimes and sizes and names") {
    Case one;
    one.function.python = "3.13";
    one.function.timeout_seconds = 60;
    const Target target = one.resolve();
    CHECK(target.runtime == "python-3.13");
    CHECK(target.memory_mb == 4096);
    CHECK(target.cloud_name == "gate-thumbnail");
    CHECK(target.glibc == "2.17");
    CHECK(one.findings() == Findings{}); // it is deprecated, and the newest there is
    one.identity.project = std::string(70, 'p');
    CHECK(one.resolve().cloud_name.size() <= 63);
}

TEST_CASE("resolve: a runtime past its end is passed over and refused when the settings name it") {
    Case one;
    one.function.python = "3.11";
    CHECK(one.resolve().runtime == "python-3.13");
    Case wish;
    wish.function.python = "3.11";
    CHECK(wish.findings() == Findings{"python-version /functions/0"});
    Case named;
    named.settings["python"] = "3.11";
    CHECK(named.findings() == Findings{"runtime-blocked /providers/ibm/python"});
    Case before;
    before.function.python = "3.11";
    before.today = "2026-10-30";
    CHECK(before.resolve().runtime == "python-3.11");
    Case after;
    after.today = "2027-05-01"; // the last one has ended too
    CHECK(after.findings().contains("runtime-blocked /functions/0"));
    Case other;
    other.function.python = "3.12"; // never offered
    CHECK(other.resolve().runtime == "python-3.13");
}

TEST_CASE("resolve: what is not offered is a finding at its place") {
    Case one;
    one.function.python = "3.13";
    one.today = "2026-01-01";
    SUBCASE("region") {
        one.identity.region = "eu-central-1";
        CHECK(one.findings() == Findings{"unknown-region /deployments/0/regions"});
    }
    SUBCASE("memory") {
        one.memory = 512;
        CHECK(one.findings() == Findings{"memory /functions/0/memory"});
    }
    SUBCASE("timeout") {
        one.function.timeout_seconds = 121;
        CHECK(one.findings() == Findings{"timeout /functions/0/timeout"});
    }
    SUBCASE("environment") {
        one.function.environment["CE_REGION"] = std::string("x");
        CHECK(one.findings() == Findings{"environment /functions/0/environment/CE_REGION"});
    }
}

TEST_CASE("resolve: OpenWhisk has other sizes and runtimes and any region") {
    Case one;
    one.settings["api"] = "openwhisk";
    one.identity.region = "lab";
    one.function.python = "3.11";
    const Target target = one.resolve();
    CHECK(target.runtime == "python:3.11");
    CHECK(target.glibc == "2.36");
    CHECK(target.memory_mb == 256);
    CHECK(one.diagnostics.findings().empty());
    one.function.python = "3.9";
    CHECK(one.resolve().runtime == "python:3.10");
    one.memory = 1024;
    one.function.timeout_seconds = 301;
    CHECK(one.findings().contains("memory /functions/0/memory"));
    CHECK(one.findings().contains("timeout /functions/0/timeout"));
    CHECK(ibm::offer(one.settings).memory.sizes == std::vector{128, 192, 256, 320, 384, 448, 512});
    CHECK(ibm::offer({}).memory.sizes == std::vector{1024, 2048, 4096});
}

TEST_CASE("settings: a build needs source and image and secret") {
    CHECK(checked({{"build", good_build}}).empty());
    const auto without = [](const char* name) {
        json::object build = good_build;
        build.erase(name);
        return checked({{"build", build}});
    };
    CHECK(without("source_url").contains("/providers/ibm/build/source_url"));
    CHECK(without("output_image") == Findings{"/providers/ibm/build/output_image"});
    CHECK(without("output_secret") == Findings{"/providers/ibm/build/output_secret"});
    const auto with = [](const char* name, json::value value) {
        json::object build = good_build;
        build[name] = std::move(value);
        return checked({{"build", build}});
    };
    CHECK(with("output_image", "private.de.icr.io/ns/f:tag") ==
          Findings{"/providers/ibm/build/output_image"});
    CHECK(with("source_url", "https://user:pass@git.test/x") == Findings{"/providers/ibm/build/source_url"});
    CHECK(with("registry_password", "plain") == Findings{"/providers/ibm/build/registry_password"});
    CHECK(with("registry_password", "env:REGISTRY").empty());
    CHECK(with("sourceurl", "x") == Findings{"/providers/ibm/build/sourceurl"});
    CHECK(with("timeout", "long") == Findings{"/providers/ibm/build/timeout"});
}

TEST_CASE("settings: each API has its own") {
    CHECK(checked({{"host", "whisk.test"}}) == Findings{"/providers/ibm/host"});
    CHECK(checked({{"api", "openwhisk"}, {"host", "whisk.test"}}).empty());
    CHECK(checked({{"api", "openwhisk"}, {"project", "p"}}) == Findings{"/providers/ibm/project"});
    CHECK(checked({{"endpoint", "nowhere"}}) == Findings{"/providers/ibm/endpoint"});
}

TEST_CASE("catalog: every figure has its source and the sizes are the three pairs") {
    for (const ProviderInfo* info : {&ibm::catalog(), &ibm::openwhisk_catalog()}) {
        CHECK(info->id == "ibm");
        CHECK(info->afcl_name == "IBM");
        CHECK_FALSE(info->limits.source.empty());
        CHECK_FALSE(info->memory.source.empty());
        for (const RuntimeInfo& runtime : info->runtimes)
            CHECK_FALSE(runtime.source.empty());
    }
    CHECK(ibm::catalog().regions.size() == 11);
    CHECK(ibm::catalog().memory.allows(2048));
    CHECK_FALSE(ibm::catalog().memory.allows(3072));
    CHECK(ibm::megabytes("4G") == 4096);
    CHECK(ibm::megabytes("1024Mi") == 1024);
    CHECK(ibm::megabytes("0.5G") == 512);
    CHECK(ibm::megabytes("lots") == 0);
}

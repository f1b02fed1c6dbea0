// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/target_rules.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;

namespace {

ProviderInfo cloud() {
    ProviderInfo info;
    info.id = "acme";
    info.title = "Acme";
    info.regions = {{"north", "", false}, {"south", "", false}};
    info.runtimes = {{"3.13", "py313", "", "2.36", "", "", "", false, ""},
                     {"3.11", "py311", "", "2.31", "2026-01-01", "2026-10-31", "", false, ""},
                     {"3.9", "py39", "", "2.24", "2025-01-01", "", "", false, ""}};
    info.memory.minimum = 128;
    info.memory.maximum = 512;
    info.memory.standard = 256;
    info.memory.sizes = {128, 256, 512};
    info.limits.timeout_maximum = 60;
    info.limits.environment_bytes = 64;
    info.limits.name_length = 30;
    return info;
}

struct Question {
    ProviderInfo info = cloud();
    FunctionSpec function;
    FdIdentity identity{"gate", "thumbnail", "acme", "north", Realm::real, "auto"};
    std::optional<int> memory;
    json::object settings;
    sdk::EnvironmentRule rule;
    std::string today = "2026-11-25";
    Diagnostics diagnostics;

    Target ask() {
        diagnostics = {};
        const ResolveRequest request{function,         identity,          memory, settings, "/functions/0",
                                     "/deployments/0", "/providers/acme", today};
        return sdk::resolve_target(info, request, rule, diagnostics);
    }
    /// "code path" of the only finding, or "" when there is none.
    std::string finding() {
        ask();
        REQUIRE(diagnostics.findings().size() <= 1);
        if (diagnostics.findings().empty()) return "";
        const Finding& one = diagnostics.findings().front();
        return one.code + " " + one.path;
    }
    std::string words() const {
        return diagnostics.findings().at(0).summary + "; " + diagnostics.findings().at(0).hint;
    }
};

} // namespace

TEST_CASE("a target takes the nearest runtime that functions can be made with") {
    Question one;
    one.function.python = "3.13";
    const Target target = one.ask();
    CHECK(one.diagnostics.findings().empty());
    CHECK(target.runtime == "py313");
    CHECK(target.glibc == "2.36");
    CHECK(target.memory_mb == 256);
    CHECK(target.cloud_name == "gate-thumbnail");

    one.function.python = "3.11"; // its end has come: 3.13 and 3.9 are as near
    CHECK(one.finding() == "python-version /functions/0");
    CHECK(one.words() == "Acme makes no new functions with Python 3.11: 3.13 is taken; "
                         "providers.acme.python chooses another");
    CHECK(one.ask().python == "3.13");
    one.today = "2026-10-30";
    CHECK(one.finding() == "runtime-deprecated /functions/0");
    CHECK(one.ask().python == "3.11");

    one.today = "2026-11-25";
    one.settings["python"] = "3.11"; // named for this provider: not silently another
    CHECK(one.finding() == "runtime-blocked /providers/acme/python");
    one.settings["python"] = "3.14";
    CHECK(one.finding() == "python-version /providers/acme/python");
    CHECK(one.words() == "Acme has no Python 3.14: 3.13 is taken; ");
}

TEST_CASE("what a provider does not offer becomes a finding with what it does") {
    Question one;
    one.function.python = "3.13";
    one.identity.region = "nort";
    CHECK(one.finding() == "unknown-region /deployments/0/regions");
    CHECK(one.words() == "Acme has no region 'nort'; did you mean 'north'?");
    one.identity.region = "north";
    one.memory = 300;
    CHECK(one.finding() == "memory /functions/0/memory");
    CHECK(one.words() == "Acme does not offer 300 MB; 128, 256, 512 MB can be had; the nearest is 512");
    one.memory = 512;
    CHECK(one.finding() == "");
    one.function.timeout_seconds = 61;
    CHECK(one.finding() == "timeout /functions/0/timeout");
    CHECK(one.words() == "Acme does not allow a timeout of 61 seconds; 1 to 60 seconds can be had");
}

TEST_CASE("the environment is held against the provider's rule and pyfOps's own names") {
    Question one;
    one.function.python = "3.13";
    const auto with = [&one](const char* name, const char* value) {
        one.function.environment = {{name, std::string(value)}};
        return one.finding();
    };
    CHECK(with("MODE", "fast") == "");
    CHECK(with("PYFOPS_MODE", "x") == "environment /functions/0/environment/PYFOPS_MODE");
    CHECK(with("1MODE", "x") == "environment /functions/0/environment/1MODE");
    CHECK(with("MODE", "0123456789012345678901234") == "environment-size /functions/0/environment");
    one.rule.reserved = [](const std::string& name) { return name == "PORT"; };
    CHECK(with("PORT", "1") == "environment /functions/0/environment/PORT");
    CHECK(one.words() == "'PORT' is reserved by Acme; use another name");
    one.rule.allowed = [](const std::string& name) { return name.size() > 1; };
    CHECK(with("M", "x") == "environment /functions/0/environment/M");
    CHECK(with("1M", "x") == "");
    one.rule.size = [](const std::map<std::string, std::string>& all) { return all.size() * 40; };
    CHECK(with("1M", "x") == "environment-size /functions/0/environment");
}

TEST_CASE("a mark that is no identity is none") {
    CHECK_FALSE(sdk::parse_identity("somebody's"));
    CHECK_FALSE(sdk::parse_identity(""));
    const FdIdentity identity{"gate", "thumbnail", "acme", "north", Realm::local, "256"};
    CHECK(sdk::parse_identity(identity.str()) == identity);
}

TEST_CASE("a group is named after its code base and two code bases never alike") {
    Question question;
    const auto grouped = [&question](const std::string& folder) {
        question.function.source_name = folder;
        Target target = question.ask();
        sdk::group_by_code_base(target, question.function, question.info);
        return target;
    };
    CHECK(grouped("text").group == "text");
    CHECK(grouped("text").cloud_name == "gate-text");
    CHECK(grouped("a/text").group != grouped("b/text").group);
    CHECK(grouped("Text").group.starts_with("text-"));
    CHECK(grouped(".").group.starts_with("code-"));
    question.identity.slot = "256";
    CHECK(grouped("text").cloud_name == "gate-text-256");
}

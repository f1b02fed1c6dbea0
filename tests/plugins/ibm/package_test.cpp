// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"
#include "marks.hpp"
#include "packager.hpp"
#include "plugins/ibm/names.hpp"
#include "plugins/ibm/world.hpp"

#include "pyfops/crypto.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using ibm_test::Names;
using ibm_test::World;

namespace {

SourceTree small_tree() {
    SourceTree tree;
    tree.add("thumbnail.py", {.content = "def handler(event): return event\n"});
    return tree;
}

Package package(World& world, const SourceTree& tree, std::filesystem::path requirements = {}) {
    StageContext context = world.host.context();
    PackageRequest request{world.function, tree, world.target, {}, world.settings};
    request.dependencies.requirements = std::move(requirements);
    return world.host.run(world.provider().packager().package(request, context));
}

std::shared_ptr<const DependencySet> set_with(const std::string& wheel) {
    auto set = std::make_shared<DependencySet>();
    set->distributions = {{"extra", "1.2", wheel, "", 10, false}};
    return set;
}

json::object build_settings() {
    return {{"build",
             {{"source_url", "https://git.test/us/functions.git"},
              {"context_dir", "functions/{function}"},
              {"revision", "main"},
              {"output_image", "private.de.icr.io/ns/{function}"},
              {"output_secret", "registry"}}}};
}

} // namespace

TEST_CASE("package: base85 as Python writes it") {
    CHECK(ibm::base85("") == "");
    CHECK(ibm::base85("hello world") == "Xk~0{Zy<MXa%^M");
    CHECK(ibm::base85(std::string("\0\0\0\0\xff", 5)) == "00000{{");
}

TEST_CASE("package: a small code base is one module of text") {
    World world;
    const Package made = package(world, small_tree());
    CHECK(made.suffix == ".py");
    const std::string text(made.archive.view());
    CHECK(text.find("from _pyfops_code_engine import main") != std::string::npos);
    CHECK(text.find("{{package}}") == std::string::npos);
    CHECK(made.archive_sha256 == sha256(text));
    CHECK(package(world, small_tree()).archive.view() == text);
}

TEST_CASE("package: what is too large to be sent is refused with its size and its parts") {
    World world;
    world.target.cloud_name = "x";
    SourceTree tree = small_tree();
    // The fake archive lists the files: many of them make it large.
    for (int i = 0; i < 900; ++i)
        tree.add("module_" + std::to_string(i) + ".py", {.content = "x"});
    try {
        package(world, tree);
        FAIL("it is too large");
    } catch (const Error& failure) {
        CHECK(failure.kind() == ErrorKind::limit_exceeded);
        CHECK(failure.message().find("100000 at most can be sent") != std::string::npos);
        CHECK(failure.hint().find("providers.ibm.build") != std::string::npos);
    }
    world.settings = build_settings();
    CHECK(package(world, tree).suffix == ".zip");
}

TEST_CASE("package: compiled wheels need a build") {
    World world;
    const std::string wheel = "extra-1.2-cp313-cp313-manylinux2014_x86_64.whl";
    world.host.packages.on_dependencies = [&](const DependencyRequest&) { return set_with(wheel); };
    try {
        package(world, small_tree(), "/p/requirements.txt");
        FAIL("it cannot be sent");
    } catch (const Error& failure) {
        CHECK(failure.message().find(wheel) != std::string::npos);
    }
    world.settings = build_settings();
    const Package made = package(world, small_tree(), "/p/requirements.txt");
    CHECK(made.suffix == ".zip");
    const SourceTree& tree = world.host.packages.build_requests.back().tree;
    REQUIRE(tree.find("requirements.txt"));
    CHECK(tree.find("requirements.txt")->content.view().find("extra==1.2") != std::string_view::npos);
    CHECK_FALSE(world.host.packages.build_requests.back().dependencies);
}

TEST_CASE("package: pure wheels are sent along although a build is configured") {
    World world;
    world.settings = build_settings();
    world.host.packages.on_dependencies = [](const DependencyRequest&) {
        return set_with("extra-1.2-py3-none-any.whl");
    };
    CHECK(package(world, small_tree(), "/p/requirements.txt").suffix == ".py");
    CHECK(world.host.packages.dependency_requests.back().platform.glibc == "2.17");
}

TEST_CASE("package: OpenWhisk takes the zip") {
    World world;
    world.settings["api"] = "openwhisk";
    world.target.runtime = "python:3.11";
    CHECK(package(world, small_tree()).suffix == ".zip");
}

TEST_CASE("wrap: the entry point of the platform that the target names") {
    World world;
    StageContext context = world.host.context();
    const SourceTree source = small_tree();
    const SourceTree code_engine =
        world.host.run(world.provider().wrapper().wrap({world.function, source, world.target}, context));
    CHECK(code_engine.find("__main__.py")->content.view().find("from _pyfops_code_engine import main") !=
          std::string_view::npos);
    CHECK(code_engine.find("_pyfops_code_engine.py"));
    world.target.runtime = "python:3.11";
    const SourceTree whisk =
        world.host.run(world.provider().wrapper().wrap({world.function, source, world.target}, context));
    CHECK(whisk.find("_pyfops_openwhisk.py"));
    CHECK_FALSE(whisk.find("_pyfops_code_engine.py"));
    SourceTree taken = small_tree();
    taken.add("__main__.py", {.content = "x"});
    CHECK_THROWS_AS(
        world.host.run(world.provider().wrapper().wrap({world.function, taken, world.target}, context)),
        Error);
}

TEST_CASE("build: from git to the function") {
    World world;
    world.settings = build_settings();
    world.set_package("bundle", ".zip");
    const Deployment made = world.deploy();
    CHECK(made.action == DeployAction::created);
    CHECK(world.writes() == Names{"codeengine:CreateProject", "codeengine:CreateSecret",
                                  "codeengine:CreateBuildRun", "codeengine:DeleteBuildRun",
                                  "codeengine:CreateFunction"});
    const json::object run = ibm_test::body(world.host.http.requests("POST */build_runs").back());
    CHECK(string_or(run, "source_type") == "git");
    CHECK(string_or(run, "source_context_dir") == "functions/thumbnail");
    CHECK(string_or(run, "source_revision") == "main");
    CHECK(string_or(run, "strategy_type") == "codebundle-python-3.13");
    CHECK(string_or(run, "output_secret") == "registry");
    const json::object& sent = world.functions.at("gate-thumbnail").body;
    CHECK(string_or(sent, "code_reference") == string_or(run, "output_image"));
    CHECK(string_or(sent, "code_reference").starts_with("private.de.icr.io/ns/thumbnail:"));
    CHECK(string_or(sent, "code_secret") == "registry");
    CHECK(sent.at("code_binary").as_bool());
    SUBCASE("again: nothing is built") {
        CHECK(world.deploy().action == DeployAction::unchanged);
        CHECK(world.writes() == Names{});
    }
    SUBCASE("other content: another image") {
        world.set_package("other", ".zip");
        CHECK(world.deploy().action == DeployAction::updated);
        CHECK(world.writes() ==
              Names{"codeengine:CreateBuildRun", "codeengine:DeleteBuildRun", "codeengine:UpdateFunction"});
    }
    SUBCASE("small again: the secret of the image is given back") {
        world.set_package("text", ".py");
        world.deploy();
        CHECK(ibm_test::body(world.host.http.requests("PATCH *").back()).at("code_secret").is_null());
    }
}

TEST_CASE("build: a failure is told with its reason and tried anew") {
    World world;
    world.settings = build_settings();
    world.set_package("bundle", ".zip");
    world.build_status = "failed";
    world.build_reason = "missing_registry_access";
    const Error failure = world.deploy_error();
    CHECK(failure.message().find("missing_registry_access") != std::string::npos);
    CHECK(failure.hint().find("'registry' may push") != std::string::npos);
    CHECK(world.functions.empty());
    world.host.http.once("DELETE */build_runs/*", [&](const HttpRequest& request) {
        world.build_status = "succeeded"; // the next one
        world.build_runs.clear();
        (void)request;
        return testing::reply(202);
    });
    CHECK(world.deploy().action == DeployAction::created);
}

TEST_CASE("build: the registry secret is made of the password that the environment holds") {
    World world;
    world.settings = build_settings();
    json::object& build = world.settings.at("build").as_object();
    build.erase("output_secret");
    build["registry_password"] = "env:REGISTRY_PASSWORD";
    world.set_package("bundle", ".zip");
    CHECK(world.deploy_error().kind() == ErrorKind::unauthenticated);
    world.host.system.environment["REGISTRY_PASSWORD"] = "push-me-please";
    world.deploy();
    const json::object& secret = world.secrets.at("pyfops-registry").body;
    CHECK(string_or(secret, "format") == "registry");
    CHECK(string_or(secret.at("data"), "server") == "private.de.icr.io");
    CHECK(string_or(secret.at("data"), "username") == "iamapikey");
    CHECK(string_or(secret.at("data"), "password") == "push-me-please");
    CHECK(world.host.log.text().find("push-me-please") == std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0
#include "config/support.hpp"
#include "pyfops_templates_embedded.hpp"

#include <set>

using namespace pyfops;

TEST_CASE("every template is a project without a finding") {
    std::set<std::string> names;
    for (const std::string_view path : templates::paths()) {
        REQUIRE(path.starts_with("project/"));
        names.emplace(path.substr(8, path.find('/', 8) - 8));
    }
    CHECK(names == std::set<std::string>{"minimal", "starter"});
    for (const std::string& name : names) {
        CAPTURE(name);
        test::ProjectFolder folder;
        const std::string prefix = "project/" + name + "/";
        std::set<std::string> files;
        for (const std::string_view path : templates::paths()) {
            if (!path.starts_with(prefix)) continue;
            std::string text(templates::text(path));
            for (auto at = text.find("{{project}}"); at != std::string::npos;
                 at = text.find("{{project}}", at))
                text.replace(at, 11, "demo");
            CHECK(text.find("{{") == std::string::npos);
            folder.write(std::string(path.substr(prefix.size())), text);
            files.emplace(path.substr(prefix.size()));
        }
        for (const char* file : {"pyfops.yaml", "README.md", ".gitignore"})
            CHECK(files.contains(file));
        Diagnostics diagnostics;
        const Project project = load_project(folder.path() / "pyfops.yaml", diagnostics);
        CHECK(folder.shown(diagnostics) == "");
        CHECK(project.name == "demo");
        CHECK_FALSE(project.deployments.empty());
        for (const FunctionSpec& function : project.functions)
            CHECK_FALSE(function.tests.empty());
    }
}

TEST_CASE("the starter has what its readers are promised") {
    test::ProjectFolder folder;
    const std::string prefix = "project/starter/";
    for (const std::string_view path : templates::paths())
        if (path.starts_with(prefix))
            folder.write(std::string(path.substr(prefix.size())), templates::text(path));
    std::string yaml(templates::text("project/starter/pyfops.yaml"));
    yaml.replace(yaml.find("{{project}}"), 11, "demo");
    Diagnostics diagnostics;
    const Project project = folder.load(yaml, diagnostics);
    REQUIRE(project.functions.size() == 3);
    CHECK(project.functions[0].requirements.empty());
    CHECK(project.functions[1].source == project.functions[2].source);
    CHECK(project.functions[1].source != project.functions[0].source);
    CHECK_FALSE(project.functions[1].requirements.empty());
    CHECK(project.functions[0].python == "3.11");
    std::set<std::string> providers, places;
    for (const auto& deployment : project.deployments) {
        providers.insert(deployment.provider);
        for (const std::string& region : deployment.regions)
            places.insert(deployment.provider + "/" + region);
    }
    CHECK(providers.size() == 5);
    CHECK(places.size() == 8);
}

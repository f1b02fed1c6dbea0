// SPDX-License-Identifier: Apache-2.0
// One app for the functions of a code base.
#include "plugins/azure/world.hpp"

#include "app_settings.hpp"
#include "marks.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace pyfops;
using azure_test::Names;
using azure_test::World;

namespace {

struct SharedWorld : World {
    SharedWorld() { take("thumbnail", "1111"); }

    /// The function that the next verbs are about.
    void take(const std::string& name, const std::string& content_hash) {
        function.name = target.identity.function = name;
        target.group = "images";
        target.cloud_name = "gate-images";
        mark = {"gate", target.identity.str(), content_hash};
    }

    void deploy_both() {
        deploy();
        take("resize", "2222");
        deploy();
        writes();
    }
};

std::string text_of(const std::string& name, const azure::Tags& tags) {
    return azure::value_of(tags, name);
}

} // namespace

TEST_CASE("azure group: the second function joins the app with tags alone") {
    SharedWorld world;
    CHECK(world.deploy().action == DeployAction::created);
    world.writes();
    world.take("resize", "2222");
    const Deployment joined = world.deploy();
    CHECK(joined.action == DeployAction::updated);
    CHECK(joined.link.ends_with("/api/resize"));
    CHECK(world.writes() == Names{"resources:PutTags", "resources:PutTags"});
    CHECK(world.sites.size() == 1);
    CHECK(world.deploy().action == DeployAction::unchanged);
    world.take("thumbnail", "1111");
    CHECK(world.deploy().action == DeployAction::unchanged);
    CHECK(world.writes().empty());
    CHECK(world.find()->mark.content_hash == "1111");
}

TEST_CASE("azure group: a function that leaves is disabled and the last one takes the app along") {
    SharedWorld world;
    world.deploy_both();
    world.remove();
    CHECK(world.writes() == Names{"web:PutSettings", "resources:PutTags"});
    CHECK(world.site().settings.at("AzureWebJobs.pyfops-resize.Disabled") == "true");
    CHECK_FALSE(world.find());

    world.deploy();
    CHECK_FALSE(world.site().settings.contains("AzureWebJobs.pyfops-resize.Disabled"));
    world.remove();
    world.writes();
    world.take("thumbnail", "1111");
    world.remove();
    CHECK(world.writes() == Names{"storage:DeleteContainer", "web:DeleteSite"}); // its plan goes with it
    CHECK(world.sites.empty());
    CHECK(world.plans.empty());
}

TEST_CASE("azure group: an app of one deployment does not become one of several nor the other way round") {
    SharedWorld shared;
    shared.deploy();
    shared.target.group.clear();
    CHECK(shared.deploy_error().kind() == ErrorKind::conflict);

    World alone;
    alone.deploy();
    alone.target.group = "images";
    const Error failure = alone.deploy_error();
    CHECK(failure.kind() == ErrorKind::conflict);
    CHECK(failure.hint().find("pyfops destroy") != std::string::npos);
}

TEST_CASE("azure group: marks of several functions") {
    azure::Tags tags{{azure::tag::project, "gate"}};
    const OwnershipMark one{"gate", "gate/a/azure/eastus/real/auto", "11"};
    const OwnershipMark other{"gate", "gate/b/azure/eastus/real/auto", "22"};
    azure::mark_finished(tags, azure::Holds::several, one, "package");
    azure::mark_unfinished(tags, azure::Holds::several, other);
    CHECK(text_of("pyfops-fd-a", tags) == one.fd + " 11");
    CHECK(text_of("pyfops-package-hash", tags) == "package");
    REQUIRE(azure::read_marks(tags).size() == 2);
    CHECK(azure::find_mark(tags, FdIdentity::parse(one.fd))->content_hash == "11");
    CHECK(azure::find_mark(tags, FdIdentity::parse(other.fd))->content_hash.empty());
    azure::unmark(tags, "a");
    CHECK(azure::read_marks(tags).size() == 1);
    tags.erase(azure::tag::project);
    CHECK(azure::read_marks(tags).empty()); // not ours
}

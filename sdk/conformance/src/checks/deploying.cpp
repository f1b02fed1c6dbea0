// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include "pyfops/crypto.hpp"
#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

void creates(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    require(made.action == DeployAction::created, "the first deployment does not say 'created'");
    require(made.identity == bench.identity(), "the deployment has another identity: " + made.identity.str());
    require(!made.link.empty() && made.link.size() <= 255, "the link is empty or longer than 255 characters");
    require(site.quirks.extends_names ? made.cloud_name.starts_with(bench.cloud_name())
                                      : made.cloud_name == bench.cloud_name(),
            "the deployment has another name: " + made.cloud_name);
    require(made.memory_mb == site.quirks.memory_mb, "the memory is " + std::to_string(made.memory_mb));
    require(made.timeout_seconds == 20, "the timeout is " + std::to_string(made.timeout_seconds));
    require(made.times.total.count() > 0, "the deployment took no time");
    require(bench.tell(made, {"version"}) == "1", "the function does not answer with its version");
    const std::optional<Deployment> found = site.bench().find();
    require(found.has_value(), "find does not see what was just deployed");
    require(found->link == made.link && found->mark.content_hash == made.mark.content_hash &&
                found->memory_mb == made.memory_mb && found->timeout_seconds == made.timeout_seconds,
            "find tells another deployment than deploy did");
}

void same(Site& site) {
    const Deployment first = site.bench().deploy();
    Bench& next = site.bench();
    for (int time = 0; time < 2; ++time) { // by a new process, and by one that deploys once more
        next.wire.clear();
        const Deployment second = next.deploy();
        require_equal(next.wire.writes(), {}, "the second deployment of the same writes");
        require(next.wire.count() > 0, "the second deployment of the same does not look at the cloud");
        require(second.action == DeployAction::unchanged, "the second deployment does not say 'unchanged'");
        require(second.link == first.link, "the second deployment has another link: " + second.link);
    }
}

void changed_byte(Site& site) {
    const Deployment first = site.bench().deploy();
    Bench& next = site.bench();
    const Deployment second = next.deploy({.version = "2"});
    require_equal(next.wire.writes(), site.quirks.changed_code, "the write calls of new code");
    require(second.action == DeployAction::updated, "new code does not say 'updated'");
    require(second.link == first.link, "new code has another link: " + second.link);
    require(next.tell(second, {"version"}) == "2", "the old code answers");
    require(site.bench().list().size() == 1, "there is more than one deployment after an update");
}

void environment(Site& site) {
    const std::string plain = "a plain value", secret = "conformance-secret-5d1c";
    const auto hash_of = [](const Deployment& deployment, Bench& bench, const char* name) {
        return bench.tell(deployment, {"environment", name});
    };
    Bench& bench = site.bench();
    Wanted wanted{.environment = {{"CONFORM_PLAIN", plain}}, .secrets = {{"CONFORM_SECRET", secret}}};
    const Deployment first = bench.deploy(wanted);
    require(hash_of(first, bench, "CONFORM_PLAIN") == sha256_hex(plain).c_str(),
            "a plain variable does not reach the function");
    require(hash_of(first, bench, "CONFORM_SECRET") == sha256_hex(secret).c_str(),
            "a secret variable does not reach the function");
    wanted.environment["CONFORM_PLAIN"] = "another value";
    wanted.secrets.clear();
    const Deployment second = bench.deploy(wanted);
    require(hash_of(second, bench, "CONFORM_PLAIN") == sha256_hex("another value").c_str(),
            "a changed variable is not in force");
    require(hash_of(second, bench, "CONFORM_SECRET") == sha256_hex("").c_str(),
            "a variable that was taken away is still there");
}

void regions(Site& site) {
    require(!site.quirks.second_region.empty(), "the quirks name no second region");
    Bench& bench = site.bench();
    const Wanted there{.region = site.quirks.second_region};
    const Deployment one = bench.deploy();
    const Deployment other = bench.deploy(there);
    require(one.link != other.link, "two regions have one link: " + one.link);
    require(string_or(bench.tell(other, {"context"}), "region") == there.region,
            "the function of the second region is told another region");
    bench.remove();
    require(!bench.find(), "the deployment of the first region is still there");
    require(bench.find(there).has_value(), "the deployment of the second region went with the first");
}

void context(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const json::value told = bench.tell(made, {"context"});
    require(string_or(told, "provider") == site.quirks.provider, "context.provider is wrong");
    require(string_or(told, "region") == site.quirks.region, "context.region is wrong");
    require(!string_or(told, "function_name").empty(), "context.function_name is empty");
    require(integer_or(told, "memory_mb") == site.quirks.memory_mb, "context.memory_mb is wrong");
    const auto left = integer_or(told, "remaining_ms");
    require(left > 1000 && left <= 20'000, "context.remaining_ms() is " + std::to_string(left));
}

void named_alike(Site& site) {
    Bench& bench = site.bench();
    site.cloud.mark();
    const Deployment made = bench.deploy();
    bench.tell(made, {"version"});
    bench.list();
    bench.remove();
    const std::vector<std::string> there = site.cloud.operations();
    for (const std::string& operation : bench.wire.operations())
        require(std::find(there.begin(), there.end(), operation) != there.end(),
                "the face does not know the plugin's operation '" + operation +
                    "' by that name; it saw: " + joined(there));
}

} // namespace

Checks deploying() {
    return {
        {"deploy.creates", "a deployment is created, found again, and answers", &creates},
        {"deploy.same", "the second deployment of the same makes no write call", &same},
        {"deploy.changed-byte", "a changed byte makes exactly the calls that the provider needs",
         &changed_byte},
        {"deploy.environment", "plain and secret variables reach the function, and so do their changes",
         &environment},
        {"deploy.regions", "deployments of two regions know nothing of each other", &regions},
        {"deploy.context", "the handler is told where it runs, with what memory and for how long", &context},
        {"deploy.operations", "plugin and local stand-in call the operations by the same names",
         &named_alike},
    };
}

} // namespace pyfops::conformance

// SPDX-License-Identifier: Apache-2.0
// Changes that the cloud makes by itself, after it has answered.
#include "groups.hpp"

#include "site.hpp"

namespace pyfops::conformance {
namespace {

void slow(Site& site) {
    site.cloud.faults({}, site.quirks.slow_states);
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    require(bench.tell(made, {"version"}) == "1", "what was deployed does not answer at once");
    require(!bench.clock.sleeps.empty(), "nothing was waited for");
    const Deployment updated = bench.deploy({.version = "2"});
    require(bench.tell(updated, {"version"}) == "2", "the old code answers after deploy has returned");
    const Deployment changed = bench.configure(updated, site.quirks.more_memory_mb, std::nullopt);
    require(integer_or(bench.tell(changed, {"context"}), "memory_mb") == site.quirks.more_memory_mb,
            "the old memory is in force after configure has returned");
    bench.remove();
    const Deployment again = bench.deploy({.version = "3"});
    require(bench.tell(again, {"version"}) == "3", "what was deployed after a removal does not answer");
}

/// The cloud takes it, works at it and gives up.
void given_up(Site& site, const Wanted& wanted) {
    const json::object& settings = site.quirks.failing_states;
    site.cloud.faults({}, settings);
    Bench& bench = site.bench();
    const auto failure = failure_of([&] { bench.deploy(wanted); });
    require(failure.has_value(), "a deployment goes well although the cloud's operation failed");
    require(failure->kind() != ErrorKind::internal && failure->kind() != ErrorKind::plugin &&
                failure->kind() != ErrorKind::timeout,
            "a failed operation ends as '" + std::string(to_string(failure->kind())) +
                "': " + failure->what());
    std::vector<std::string> words = site.quirks.failing_words;
    if (words.empty()) words = {string_or(settings, settings.begin()->key(), "out of order")};
    const std::string told = failure->what();
    require(std::any_of(words.begin(), words.end(),
                        [&](const std::string& one) { return told.find(one) != std::string::npos; }),
            "the cloud's own words '" + joined(words) + "' are not told: " + told);
    site.cloud.faults();
    Bench& next = site.bench();
    const Deployment made = next.deploy(wanted);
    require(next.tell(made, {"version"}) == wanted.version.c_str(),
            "deploying again after a failed operation does not help");
    require(next.list().size() == 1, "the list has not exactly one deployment after a failed operation");
}

void failing(Site& site) {
    given_up(site, {});
    given_up(site, {.version = "2"});
}

void deleting(Site& site) {
    site.bench().deploy();
    site.cloud.faults({}, site.quirks.deleting_states);
    // As another command would, that has not waited.
    Bench& first = site.bench();
    const auto left = failure_of([&] {
        first.remove();
        first.remove_shared();
    });
    require(!left, std::string("removing fails: ") + (left ? left->what() : ""));
    Bench& next = site.bench();
    const Deployment made = next.deploy({.version = "2"});
    require(next.tell(made, {"version"}) == "2", "the deployment that followed a removal does not answer");
    require(next.list().size() == 1, "the list has not exactly one deployment");
}

/// The removal is under way, and whoever began it is gone.
void deleting_twin(Site& site) {
    site.bench().deploy();
    site.cloud.faults({}, site.quirks.deleting_states);
    Bench& first = site.bench();
    first.wire.after = [&](const HttpRequest& request, HttpResponse&) {
        const std::string& begins = site.quirks.begins_deleting;
        if (begins.empty() ? !first.wire.is_write(request) : request.operation != begins) return;
        first.engine().cancel();
    };
    failure_of([&] {
        first.remove();
        first.remove_shared();
    });
    Bench& next = site.bench();
    const Deployment made = next.deploy({.version = "2"});
    require(next.tell(made, {"version"}) == "2", "a deployment beside its dying twin does not answer");
    require(next.list().size() == 1, "the list has not exactly one deployment beside a dying twin");
    next.remove();
    next.remove();
    require(!site.bench().find(), "what was removed twice is still found");
}

} // namespace

Checks states() {
    return {
        {"states.slow", "verbs return when the cloud says that the change is in force, however long it takes",
         &slow},
        {"states.failed", "a failed operation is told in the cloud's own words, and the next run repairs it",
         &failing},
        {"states.deleting", "a deployment that follows its own removal waits for the end of it", &deleting},
        {"states.deleting-twin", "a deleted twin that is still being deleted does not stop a deployment",
         &deleting_twin},
    };
}

} // namespace pyfops::conformance

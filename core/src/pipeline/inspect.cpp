// SPDX-License-Identifier: Apache-2.0
// Questions about what is deployed: one call, its logs, what the clouds hold.
#include "pipeline/inspect.hpp"

#include "pipeline/run.hpp"
#include "pipeline/stage_call.hpp"
#include "pipeline/task_group.hpp"
#include "pipeline/units.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <set>
#include <utility>

namespace pyfops {

namespace {

/// The one deployment that the selection leaves.
const Unit& only_unit(Run& run) {
    run.expand_units();
    if (run.units().size() == 1) return run.units().front();
    std::string candidates;
    for (const Unit& unit : run.units()) {
        const FdIdentity& identity = unit.target.identity;
        candidates += fmt::format("{}function={},provider={},region={}", candidates.empty() ? "" : "; ",
                                  identity.function, identity.provider, identity.region);
    }
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} deployments fit: {}", run.units().size(), candidates))
        .hint("narrow it down with --only");
}

} // namespace

Task<Invocation> Pipeline::invoke(RunRequest request, json::value event, bool probe) {
    Recorder recorder(host_, nullptr, nullptr);
    Run run(host_, plugins_, recorder, request);
    const Unit& unit = only_unit(run);
    auto finding = run.find_deployed(unit);
    const Deployment deployment = co_await std::move(finding);
    StageContext context = run.context(unit);
    const InvokeRequest call{deployment, std::move(event), probe, true, *unit.settings};
    auto invoking = unit.provider->tester().invoke(call, context);
    auto guarded = stage_call(host_, context.deadline, "calling " + unit.name(), std::move(invoking));
    co_return co_await std::move(guarded);
}

Task<std::vector<LogLine>> Pipeline::logs(RunRequest request, SystemTime since, int limit) {
    Recorder recorder(host_, nullptr, nullptr);
    Run run(host_, plugins_, recorder, request);
    const Unit& unit = only_unit(run);
    auto finding = run.find_deployed(unit);
    const Deployment deployment = co_await std::move(finding);
    StageContext context = run.context(unit);
    const LogsRequest wanted{deployment, since, limit, *unit.settings};
    auto reading = unit.provider->deployer().logs(wanted, context);
    auto guarded =
        stage_call(host_, context.deadline, "reading the logs of " + unit.name(), std::move(reading));
    co_return co_await std::move(guarded);
}

std::vector<Place> places_of(const Project& project, const std::vector<DeploymentRecord>& recorded) {
    std::set<Place> places;
    for (const DeploymentEntry& entry : project.deployments)
        for (const std::string& region : entry.regions)
            places.insert({entry.provider, region});
    for (const DeploymentRecord& record : recorded)
        places.insert({record.identity.provider, record.identity.region});
    return {places.begin(), places.end()};
}

Task<std::vector<Deployment>> list_place(Host& host, Provider& provider, const Project& project, Place place,
                                         Realm realm, Deadline deadline) {
    require_stand_in(host, realm, place.provider);
    StageContext context{host, deadline, {"", place.provider, place.region, ""}};
    const ListRequest request{project.name, place.region, realm, project.settings(place.provider)};
    auto listing = provider.deployer().list(request, context);
    auto guarded = stage_call(host, deadline, fmt::format("listing {}/{}", place.provider, place.region),
                              std::move(listing));
    co_return co_await std::move(guarded);
}

namespace {

struct Listing {
    std::vector<Deployment> found;
    std::exception_ptr failure;
};

Task<void> list_into(Host& host, Provider& provider, const Project& project, Place place, Realm realm,
                     Deadline deadline, Listing& into) {
    try {
        auto listing = list_place(host, provider, project, place, realm, deadline);
        into.found = co_await std::move(listing);
    } catch (...) {
        into.failure = std::current_exception();
    }
}

} // namespace

Task<std::vector<Deployment>> Pipeline::list_cloud(RunRequest request) {
    Recorder recorder(host_, store_, nullptr);
    auto reading = recorder.deployments({request.project.name, request.realm, true});
    const std::vector<DeploymentRecord> recorded = co_await std::move(reading);
    const std::vector<Place> places = places_of(request.project, recorded);
    std::vector<Listing> listings(places.size());
    TaskGroup asking(co_await boost::asio::this_coro::executor);
    for (std::size_t i = 0; i < places.size(); ++i)
        asking.spawn(list_into(host_, plugins_.get(places[i].provider), request.project, places[i],
                               request.realm, request.deadline, listings[i]));
    co_await asking.join();
    std::vector<Deployment> all;
    for (Listing& listing : listings) {
        if (listing.failure) throw to_error(listing.failure);
        for (Deployment& deployment : listing.found)
            if (request.selection.matches(deployment.identity)) all.push_back(std::move(deployment));
    }
    co_return all;
}

} // namespace pyfops

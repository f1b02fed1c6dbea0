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
        if (!unit.automatic()) candidates += ",slot=" + identity.slot;
    }
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} deployments fit: {}", run.units().size(), candidates))
        .hint("narrow it down with --only");
}

/// A question about one deployment: which it is, and what the cloud has of it.
class Question {
  public:
    Question(Host& host, PluginRegistry& plugins, const RunRequest& request)
        : recorder_(host, nullptr, nullptr),
          run_(host, plugins, recorder_, request),
          unit_(only_unit(run_)),
          context_(run_.context(unit_)) {}

    const Unit& unit() const noexcept { return unit_; }
    StageContext& context() noexcept { return context_; }
    Task<Deployment> deployment() { return run_.find_deployed(unit_); }
    template <class T>
    Task<T> guarded(std::string what, Task<T> work) {
        return stage_call(run_.host(), context_.deadline, std::move(what), std::move(work));
    }

  private:
    Recorder recorder_;
    Run run_;
    const Unit& unit_;
    StageContext context_;
};

} // namespace

Task<Invocation> Pipeline::invoke(RunRequest request, json::value event, bool probe) {
    Question question(host_, plugins_, request);
    const Unit& unit = question.unit();
    auto finding = question.deployment();
    const Deployment deployment = co_await std::move(finding);
    const InvokeRequest call{deployment, std::move(event), probe, true, *unit.settings};
    auto invoking = unit.provider->tester().invoke(call, question.context());
    auto guarded = question.guarded("calling " + unit.name(), std::move(invoking));
    co_return co_await std::move(guarded);
}

Task<std::vector<LogLine>> Pipeline::logs(RunRequest request, SystemTime since, int limit) {
    Question question(host_, plugins_, request);
    const Unit& unit = question.unit();
    auto finding = question.deployment();
    const Deployment deployment = co_await std::move(finding);
    const LogsRequest wanted{deployment, since, limit, *unit.settings};
    auto reading = unit.provider->deployer().logs(wanted, question.context());
    auto guarded = question.guarded("reading the logs of " + unit.name(), std::move(reading));
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

namespace {

Task<void> ask(Host& host, PluginRegistry& plugins, const RunRequest& request, PlaceListing& listing) {
    const Place& place = listing.place;
    std::exception_ptr failure;
    try {
        require_stand_in(host, request.realm, place.provider);
        StageContext context{host, request.deadline, {"", place.provider, place.region, ""}};
        const ListRequest wanted{request.project.name, place.region, request.realm,
                                 request.project.settings(place.provider)};
        auto work = plugins.get(place.provider).deployer().list(wanted, context);
        auto guarded =
            stage_call(host, request.deadline, fmt::format("listing {}/{}", place.provider, place.region),
                       std::move(work));
        listing.found = co_await std::move(guarded);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) listing.failure = to_error(failure);
}

} // namespace

Task<std::vector<PlaceListing>> list_places(Host& host, PluginRegistry& plugins, const RunRequest& request,
                                            std::vector<Place> places) {
    std::vector<PlaceListing> listings;
    for (Place& place : places)
        listings.push_back({std::move(place), {}, {}});
    TaskGroup asking(co_await boost::asio::this_coro::executor);
    for (PlaceListing& listing : listings)
        asking.spawn(ask(host, plugins, request, listing));
    co_await asking.join();
    co_return listings;
}

Task<CloudListing> Pipeline::list_cloud(RunRequest request) {
    Recorder recorder(host_, store_, nullptr);
    auto reading = recorder.deployments({request.project.name, request.realm, true});
    const std::vector<DeploymentRecord> recorded = co_await std::move(reading);
    std::vector<Place> places = places_of(request.project, recorded);
    std::erase_if(places, [&request](const Place& place) {
        return !request.selection.reaches(place.provider, place.region);
    });
    auto asking = list_places(host_, plugins_, request, std::move(places));
    CloudListing all;
    for (PlaceListing& listing : co_await std::move(asking)) {
        if (listing.failure) {
            all.unasked.push_back(
                {listing.place.provider, listing.place.region, std::move(*listing.failure)});
            continue;
        }
        ++all.asked;
        for (Deployment& deployment : listing.found)
            if (request.selection.matches(deployment.identity))
                all.deployments.push_back(std::move(deployment));
    }
    co_return all;
}

} // namespace pyfops

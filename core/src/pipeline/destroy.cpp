// SPDX-License-Identifier: Apache-2.0
// Removing what we made: the project file, the record and the clouds together say what there is.
#include "pipeline/inspect.hpp"
#include "pipeline/places.hpp"
#include "pipeline/run.hpp"
#include "pipeline/stage_call.hpp"
#include "pipeline/task_group.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;

namespace {

/// What is to be removed in one place, and what the place still holds besides.
struct Removal {
    FdIdentity identity;
    std::string cloud_name;
    DestroyOutcome outcome;
};

class Destruction {
  public:
    Destruction(Host& host, PluginRegistry& plugins, Recorder& recorder, const RunRequest& request)
        : host_(host),
          plugins_(plugins),
          recorder_(recorder),
          request_(request),
          places_(request.jobs) {}

    Task<std::vector<DestroyOutcome>> run() {
        auto collecting = collect();
        co_await std::move(collecting);
        TaskGroup removing(co_await asio::this_coro::executor);
        for (auto& [identity, removal] : removals_)
            removing.spawn(remove(removal));
        co_await removing.join();
        auto sharing = remove_shared();
        co_await std::move(sharing);
        std::vector<DestroyOutcome> outcomes;
        for (auto& [identity, removal] : removals_)
            outcomes.push_back(std::move(removal.outcome));
        for (DestroyOutcome& failure : place_failures_)
            outcomes.push_back(std::move(failure));
        co_return outcomes;
    }

  private:
    void add(const FdIdentity& identity, const std::string& cloud_name) {
        if (request_.selection.matches(identity))
            removals_.try_emplace(identity,
                                  Removal{identity, cloud_name, {identity, cloud_name, std::nullopt}});
        else
            still_used_.insert(identity.provider);
    }

    Task<void> collect() {
        // Places of what was destroyed as well: an interrupted run may have left there what was shared.
        auto reading = recorder_.deployments({request_.project.name, request_.realm, true});
        const std::vector<DeploymentRecord> recorded = co_await std::move(reading);
        for (const DeploymentRecord& record : recorded)
            if (record.state != "destroyed") add(record.identity, record.cloud_name);
        all_places_ = places_of(request_.project, recorded);
        for (const Place& place : all_places_) {
            std::exception_ptr failure;
            std::vector<Deployment> found;
            try {
                auto listing = list_place(host_, plugins_.get(place.provider), request_.project, place,
                                          request_.realm, request_.deadline);
                found = co_await std::move(listing);
            } catch (...) {
                failure = std::current_exception();
            }
            // A place that cannot be asked must be seen in the result: something may be left there.
            if (failure) {
                still_used_.insert(place.provider);
                place_failures_.push_back(
                    {{request_.project.name, "*", place.provider, place.region, request_.realm, "*"},
                     "",
                     to_error(failure)});
            }
            for (const Deployment& deployment : found)
                add(deployment.identity, deployment.cloud_name);
        }
    }

    Task<void> remove(Removal& removal) {
        std::exception_ptr failure;
        try {
            require_stand_in(host_, removal.identity.realm, removal.identity.provider);
            Provider& provider = plugins_.get(removal.identity.provider);
            auto alone = resources_.try_emplace(resource_key(removal.identity, removal.cloud_name), 1)
                             .first->second.enter();
            const auto resource = co_await std::move(alone);
            auto turn = places_.of(provider.info()).enter();
            const auto place = co_await std::move(turn);
            const FdIdentity& identity = removal.identity;
            StageContext context{host_,
                                 request_.deadline,
                                 {identity.function, identity.provider, identity.region, identity.slot}};
            const RemoveRequest request{identity, removal.cloud_name,
                                        request_.project.settings(identity.provider)};
            auto removing = provider.deployer().remove(request, context);
            auto guarded = stage_call(host_, context.deadline,
                                      fmt::format("removing '{}' from {}/{}", identity.function,
                                                  identity.provider, identity.region),
                                      std::move(removing));
            co_await std::move(guarded);
            auto recording = recorder_.destroyed(identity);
            co_await std::move(recording);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) removal.outcome.failure = to_error(failure);
    }

    /// Role, bucket and the like go once no deployment of the project is left that needs them: in every
    /// region, and also when the run that removed the last one was stopped before it came to this.
    Task<void> remove_shared() {
        std::set<std::string> asked;
        for (const auto& [identity, removal] : removals_) {
            asked.insert(identity.provider);
            if (removal.outcome.failure) still_used_.insert(identity.provider);
        }
        for (const auto& [id, region] : all_places_) {
            if (still_used_.contains(id)) continue;
            if (!asked.contains(id) && !request_.selection.everything()) continue;
            std::exception_ptr failure;
            try {
                require_stand_in(host_, request_.realm, id);
                StageContext context{host_, request_.deadline, {"", id, region, ""}};
                const ListRequest request{request_.project.name, region, request_.realm,
                                          request_.project.settings(id)};
                auto removing = plugins_.get(id).deployer().remove_shared(request, context);
                auto guarded = stage_call(host_, context.deadline, "removing what was shared on " + id,
                                          std::move(removing));
                co_await std::move(guarded);
            } catch (...) {
                failure = std::current_exception();
            }
            if (failure)
                place_failures_.push_back(
                    {{request_.project.name, "*", id, region, request_.realm, "*"}, "", to_error(failure)});
        }
    }

    Host& host_;
    PluginRegistry& plugins_;
    Recorder& recorder_;
    const RunRequest& request_;
    std::map<FdIdentity, Removal> removals_;
    std::vector<DestroyOutcome> place_failures_;
    std::vector<Place> all_places_;
    std::set<std::string> still_used_; ///< providers where something of the project stays
    Places places_;
    std::map<std::string, Semaphore> resources_; ///< by resource_key: removals from one take turns
};

} // namespace

Task<std::vector<DestroyOutcome>> Pipeline::destroy(RunRequest request) {
    Recorder recorder(host_, store_, journal_);
    auto beginning = recorder.begin(request);
    co_await std::move(beginning);
    Destruction destruction(host_, plugins_, recorder, request);
    auto running = destruction.run();
    std::vector<DestroyOutcome> outcomes = co_await std::move(running);
    std::size_t failed = 0;
    for (const DestroyOutcome& outcome : outcomes)
        failed += outcome.failure ? 1 : 0;
    auto finishing =
        recorder.finish(failed == 0, fmt::format("{} removed, {} failed", outcomes.size() - failed, failed));
    std::optional<Error> unrecorded = co_await std::move(finishing);
    if (unrecorded)
        outcomes.push_back(
            {{request.project.name, "*", "*", "*", request.realm, "*"}, "", std::move(unrecorded)});
    co_return outcomes;
}

} // namespace pyfops

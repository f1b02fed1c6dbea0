// SPDX-License-Identifier: Apache-2.0
// Removing what we made: the project file, the record and the clouds together say what there is.
#include "pipeline/inspect.hpp"
#include "pipeline/places.hpp"
#include "pipeline/run.hpp"
#include "pipeline/stage_call.hpp"
#include "pipeline/task_group.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace pyfops {

namespace asio = boost::asio;

namespace {

class Destruction {
  public:
    Destruction(Host& host, PluginRegistry& plugins, Recorder& recorder, const RunRequest& request)
        : host_(host),
          plugins_(plugins),
          recorder_(recorder),
          request_(request),
          places_(request.jobs) {}

    Task<DestroyReport> run() {
        auto collecting = collect();
        co_await std::move(collecting);
        TaskGroup removing(co_await asio::this_coro::executor);
        for (auto& [identity, removal] : removals_)
            removing.spawn(remove(removal));
        co_await removing.join();
        auto sharing = remove_shared();
        co_await std::move(sharing);
        for (auto& [identity, outcome] : removals_)
            report_.deployments.push_back(std::move(outcome));
        co_return std::move(report_);
    }

  private:
    void add(const FdIdentity& identity, const std::string& cloud_name) {
        if (request_.selection.matches(identity))
            removals_.try_emplace(identity, DestroyOutcome{identity, cloud_name, std::nullopt});
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
        auto listing = list_places(host_, plugins_, request_, all_places_);
        for (PlaceListing& there : co_await std::move(listing)) {
            for (const Deployment& deployment : there.found)
                add(deployment.identity, deployment.cloud_name);
            if (!there.failure) continue;
            // It must be seen in the result: something may be left there.
            still_used_.insert(there.place.provider);
            report_.places.push_back({there.place.provider, there.place.region, std::move(*there.failure)});
        }
    }

    Task<void> remove(DestroyOutcome& removal) {
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
        if (failure) removal.failure = to_error(failure);
    }

    /// Role, bucket and the like go once no deployment of the project is left that needs them: in every
    /// region, and also when the run that removed the last one was stopped before it came to this.
    Task<void> remove_shared() {
        std::set<std::string> asked;
        for (const auto& [identity, removal] : removals_) {
            asked.insert(identity.provider);
            if (removal.failure) still_used_.insert(identity.provider);
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
            if (failure) report_.places.push_back({id, region, to_error(failure)});
        }
    }

    Host& host_;
    PluginRegistry& plugins_;
    Recorder& recorder_;
    const RunRequest& request_;
    std::map<FdIdentity, DestroyOutcome> removals_;
    DestroyReport report_;
    std::vector<Place> all_places_;
    std::set<std::string> still_used_; ///< providers where something of the project stays
    Places places_;
    std::map<std::string, Semaphore> resources_; ///< by resource_key: removals from one take turns
};

} // namespace

bool DestroyReport::succeeded() const noexcept {
    return places.empty() && !record_failure &&
           std::none_of(deployments.begin(), deployments.end(),
                        [](const DestroyOutcome& outcome) { return outcome.failure.has_value(); });
}

Task<DestroyReport> Pipeline::destroy(RunRequest request) {
    Recorder recorder(host_, store_, journal_);
    auto beginning = recorder.begin(request);
    co_await std::move(beginning);
    Destruction destruction(host_, plugins_, recorder, request);
    auto running = destruction.run();
    DestroyReport report = co_await std::move(running);
    const auto removed = std::count_if(report.deployments.begin(), report.deployments.end(),
                                       [](const DestroyOutcome& outcome) { return !outcome.failure; });
    const std::size_t failed =
        report.deployments.size() + report.places.size() - static_cast<std::size_t>(removed);
    auto finishing =
        recorder.finish(report.succeeded(), fmt::format("{} removed, {} failed", removed, failed));
    report.record_failure = co_await std::move(finishing);
    co_return report;
}

} // namespace pyfops

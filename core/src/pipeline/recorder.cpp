// SPDX-License-Identifier: Apache-2.0
#include "pipeline/recorder.hpp"

#include "pyfops/version.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace pyfops {

namespace asio = boost::asio;

OutcomeRecord outcome_of(const Deployment& deployment, const Package& package) {
    OutcomeRecord record;
    record.identity = deployment.identity;
    record.link = deployment.link;
    record.memory_mb = deployment.memory_mb;
    record.timeout_seconds = deployment.timeout_seconds;
    record.package_bytes = package.archive.size();
    record.unzipped_bytes = package.unzipped_bytes;
    record.content_hash = deployment.mark.content_hash;
    record.action = deployment.action;
    record.times = deployment.times;
    return record;
}

Recorder::Recorder(Host& host, Store* store, Journal* journal)
    : host_(host),
      store_(store),
      journal_(journal),
      one_at_a_time_(1) {}

Task<void> Recorder::exclusively(std::function<void()> work) {
    if (!store_) co_return;
    auto turn = one_at_a_time_.enter();
    const auto place = co_await std::move(turn);
    auto running = host_.workers.run(std::move(work));
    co_await std::move(running);
}

Task<void> Recorder::begin(const RunRequest& request) {
    run_ = {host_.random.uuid(), request.project.name,     request.command,
            request.realm,       host_.clock.system_now(), PYFOPS_VERSION};
    std::function<void()> work = [this] {
        store_->migrate();
        std::vector<std::string> problems;
        if (journal_) journal_->replay(*store_, &problems);
        for (const std::string& problem : problems)
            host_.log.warning(problem);
        id_ = store_->begin_run(run_);
    };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
}

Task<std::optional<Error>> Recorder::finish(bool succeeded, std::string summary) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    std::function<void()> work = [this, succeeded, &summary] {
        store_->finish_run(id_, host_.clock.system_now(), succeeded, summary);
    };
    std::optional<Error> failure;
    try {
        auto done = exclusively(std::move(work));
        co_await std::move(done);
    } catch (...) {
        failure = to_error(std::current_exception()).context("recording the end of the run");
    }
    co_return failure;
}

Task<std::vector<std::string>> Recorder::intent(IntentRecord record) {
    std::vector<std::string> notices;
    std::function<void()> work = [this, &record, &notices] {
        const std::string entry = journal_ ? journal_->append(run_, record) : std::string();
        notices = store_->record_intent(id_, record).notices;
        if (journal_) journal_->settle(entry);
    };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
    co_return notices;
}

Task<void> Recorder::outcome(OutcomeRecord record) {
    std::function<void()> work = [this, &record] {
        const std::string entry = journal_ ? journal_->append(run_, record) : std::string();
        store_->record_outcome(id_, record);
        if (journal_) journal_->settle(entry);
    };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
}

Task<void> Recorder::stage(StageRecord record) {
    std::function<void()> work = [this, &record] { store_->record_stage(id_, record); };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
}

Task<void> Recorder::test(TestRecord record) {
    std::function<void()> work = [this, &record] { store_->record_test(id_, record); };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
}

Task<void> Recorder::probe(ProbeRecord record) {
    std::function<void()> work = [this, &record] { store_->record_probe(id_, record); };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
}

Task<void> Recorder::destroyed(FdIdentity identity) {
    std::function<void()> work = [this, &identity] {
        const SystemTime now = host_.clock.system_now();
        const std::string entry = journal_ ? journal_->append_destroyed(run_, identity, now) : std::string();
        store_->record_destroyed(id_, identity, now);
        if (journal_) journal_->settle(entry);
    };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
}

Task<std::vector<DeploymentRecord>> Recorder::deployments(DeploymentFilter filter) {
    std::vector<DeploymentRecord> rows;
    std::function<void()> work = [this, &filter, &rows] { rows = store_->deployments(filter); };
    auto done = exclusively(std::move(work));
    co_await std::move(done);
    co_return rows;
}

} // namespace pyfops

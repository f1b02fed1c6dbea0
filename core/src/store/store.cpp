// SPDX-License-Identifier: Apache-2.0
#include "pyfops/store.hpp"

#include "base/own_directories.hpp"
#include "store/demand.hpp"
#include "store/migrations.hpp"
#include "store/open.hpp"
#include "store/records.hpp"
#include "store/report.hpp"
#include "store/schema_check.hpp"

#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <type_traits>
#include <utility>

namespace pyfops {

namespace store {
namespace {

bool worth_repeating(Failure::Kind kind) {
    return kind == Failure::Kind::lost || kind == Failure::Kind::collided;
}

class DatabaseStore final : public Store {
  public:
    DatabaseStore(DatabaseUrl url, Log& log, SessionOptions options)
        : url_(std::move(url)),
          log_(log),
          options_(std::move(options)) {
        if (url_.kind == DatabaseUrl::Kind::sqlite && url_.path.has_parent_path()) {
            std::error_code failure;
            create_own_directories(url_.path.parent_path(), failure);
            if (failure)
                throw Error(ErrorKind::storage,
                            fmt::format("cannot create the folder of {}: {}", url_.str(), failure.message()))
                    .hint("choose a folder that can be written, with --database");
        }
        repeat_once([](Session&) { return 0; });
    }

    const DatabaseUrl& url() const override { return url_; }

    SchemaReport migrate() override {
        return repeat_once([&](Session& session) {
            if (store::migrate(session, url_)) return report(session);
            SchemaReport current;
            current.version = current.latest = latest_version();
            current.findings = checksum_findings(session);
            return current;
        });
    }

    SchemaReport check() override {
        return repeat_once([&](Session& session) { return report(session); });
    }

    RunId begin_run(const RunRecord& run) override {
        return unit(Access::write, [&](Session& session) { return store::begin_run(session, run); });
    }

    void finish_run(RunId run, SystemTime finished, bool succeeded, const std::string& summary) override {
        unit(Access::write, [&](Session& session) {
            store::finish_run(session, run, finished, succeeded, summary);
            return 0;
        });
    }

    RecordedIntent record_intent(RunId, const IntentRecord& intent) override {
        return unit(Access::catalogue,
                    [&](Session& session) { return store::record_intent(session, intent); });
    }

    void record_outcome(RunId run, const OutcomeRecord& outcome) override {
        unit(Access::catalogue, [&](Session& session) {
            store::record_outcome(session, url_, run, outcome);
            return 0;
        });
    }

    void record_stage(RunId run, const StageRecord& stage) override {
        unit(Access::write, [&](Session& session) {
            store::record_stage(session, run, stage);
            return 0;
        });
    }

    void record_test(RunId run, const TestRecord& test) override {
        unit(Access::counters, [&](Session& session) {
            store::record_test(session, run, test);
            return 0;
        });
    }

    void record_probe(RunId run, const ProbeRecord& probe) override {
        unit(Access::write, [&](Session& session) {
            store::record_probe(session, run, probe);
            return 0;
        });
    }

    void record_destroyed(RunId, const FdIdentity& identity, SystemTime at) override {
        unit(Access::catalogue, [&](Session& session) {
            store::record_destroyed(session, identity, at);
            return 0;
        });
    }

    std::vector<DemandRow> demand(const DemandFilter& filter) override {
        repeat_once([&](Session& session) {
            require_afcl(session, url_);
            return store::migrate(session, url_);
        });
        return unit(Access::read, [&](Session& session) { return store::demand(session, filter); });
    }

    std::vector<DeploymentRecord> deployments(const DeploymentFilter& filter) override {
        return unit(Access::read, [&](Session& session) { return store::deployments(session, filter); });
    }

    std::vector<ProbeRecord> probes(const DeploymentFilter& filter) override {
        return unit(Access::read, [&](Session& session) { return store::probes(session, filter); });
    }

    std::vector<RecordedRun> runs(const DeploymentFilter& filter) override {
        return unit(Access::read, [&](Session& session) { return store::runs(session, filter); });
    }

    AfclReport afcl_report(const DeploymentFilter& filter) override {
        return unit(Access::read, [&](Session& session) { return store::afcl_report(session, filter); });
    }

  private:
    /// Calls `work` with a connection, a second time when the connection broke or two writers met: every
    /// unit can be repeated, even when it was the answer to its COMMIT that got lost.
    template <class Work>
    std::invoke_result_t<Work, Session&> repeat_once(Work work) {
        for (bool again = false;; again = true) {
            try {
                if (!session_) session_ = std::make_unique<Session>(url_, options_);
                return work(*session_);
            } catch (const Failure& failure) {
                if (failure.kind() == Failure::Kind::lost) session_.reset();
                if (again || !worth_repeating(failure.kind())) throw to_error(failure, url_);
                log_.debug(fmt::format("{}: {}; once more", url_.str(), failure.what()));
            }
        }
    }

    /// `work` as one transaction.
    template <class Work>
    std::invoke_result_t<Work, Session&> unit(Access access, Work work) {
        return repeat_once([&](Session& session) {
            require_current(session, url_);
            Transaction transaction(session, url_, access);
            auto result = work(session);
            transaction.commit();
            return result;
        });
    }

    SchemaReport report(Session& session) {
        SchemaReport result;
        result.version = schema_version(session);
        result.latest = latest_version();
        result.differences = schema_differences(session);
        if (result.version > result.latest)
            result.differences.insert(
                result.differences.begin(),
                fmt::format("the schema has version {}, newer than this pyfOps knows ({})", result.version,
                            result.latest));
        result.findings = checksum_findings(session);
        for (std::string& finding : data_findings(session))
            result.findings.push_back(std::move(finding));
        return result;
    }

    DatabaseUrl url_;
    Log& log_;
    SessionOptions options_;
    std::unique_ptr<Session> session_;
};

} // namespace

std::unique_ptr<Store> open(const DatabaseUrl& url, Log& log, SessionOptions options) {
    return std::make_unique<DatabaseStore>(url, log, std::move(options));
}

} // namespace store

std::unique_ptr<Store> open_store(const DatabaseUrl& url, Log& log) {
    return store::open(url, log, {});
}

} // namespace pyfops

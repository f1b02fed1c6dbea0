// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/error.hpp"
#include "pyfops/export.hpp"
#include "pyfops/journal.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/project.hpp"
#include "pyfops/selection.hpp"
#include "pyfops/store.hpp"
#include "pyfops/tuning.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops {

/// Whether a run looks for the minimum memory of deployments with `memory: auto`.
enum class Tuning {
    never,
    when_unknown, ///< unless it is on record for the same package and configuration
    always        ///< of these deployments alone: others are left out of the run
};

/// What a command says about tuning beyond what the functions say.
struct TuneChanges {
    std::optional<Objective> objective;
    std::optional<int> repeat;
    bool exact = false;
};

/// How far the way is gone and for which deployments; every stage command is the same pipeline with a shorter
/// range. Verbs that run no stages (destroy, invoke, logs) use project, selection, realm, jobs and deadline.
struct RunRequest {
    const Project& project; ///< must outlive the task
    Selection selection;
    Realm realm = Realm::real;
    Stage last = Stage::test; ///< wrap, package, deploy, test
    bool test_only = false;   ///< test what is deployed, deploy nothing
    int jobs = 0;             ///< deployments at a time over all providers; 0: the providers' defaults
    int repeat = 1;           ///< of every test
    Tuning tuning = Tuning::never;
    TuneChanges tune_changes;
    Budget budget; ///< stands before every call of a function; a test's too
    Resolver resolver = Resolver::uv;
    bool update_lock = false;
    bool check_handlers = true; ///< import every handler in the sandbox before it is uploaded
    Deadline deadline;
    std::string command = "run";  ///< for the record
    std::filesystem::path output; ///< wrap and package: write the trees or archives here; empty: nowhere
};

struct TestOutcome {
    std::string name;
    int repetition = 0;
    bool passed = false;
    std::string reason; ///< why not: one line
    Invocation invocation;
};

/// What became of one function deployment: one row of the result.
struct PYFOPS_EXPORT UnitReport {
    FdIdentity identity;
    std::string cloud_name;
    Target target;
    Stage reached = Stage::plan; ///< last stage that was finished
    std::optional<Error> failure;
    std::optional<Stage> failed_stage;
    std::optional<Package> package;
    std::filesystem::path written; ///< tree or archive, where RunRequest::output asked for it
    std::optional<Deployment> deployment;
    std::optional<TuneReport> tuning; ///< of `memory: auto`, when it came to that
    std::vector<TestOutcome> tests;
    std::vector<std::string> notices;
    bool succeeded() const noexcept;
};

struct PYFOPS_EXPORT RunReport {
    std::vector<UnitReport> units; ///< in the project's order
    bool cancelled = false;
    bool succeeded() const noexcept;     ///< every unit, and not cancelled, and recorded
    std::optional<Error> record_failure; ///< the end of the run could not be recorded
};

/// What `deploy` would do to one deployment.
enum class PlannedAction {
    create,    ///< the cloud has nothing of ours under that name
    update,    ///< content, configuration, memory or timeout differ
    unchanged, ///< no write call
    unknown,   ///< the cloud could not be asked
    fail       ///< it does not come as far as the cloud: the package cannot be made
};
PYFOPS_EXPORT std::string_view to_string(PlannedAction action) noexcept;

struct PlannedUnit {
    Target target;
    PlannedAction action = PlannedAction::unknown;
    std::string reason;
    std::size_t package_bytes = 0;
    std::optional<Error> failure; ///< of `unknown` and `fail`
};

/// A place (a region of a provider) that could not be asked.
struct UnaskedPlace {
    std::string provider;
    std::string region;
    Error failure;
};

struct DestroyOutcome {
    FdIdentity identity;
    std::string cloud_name;
    std::optional<Error> failure;
};

struct PYFOPS_EXPORT DestroyReport {
    std::vector<DestroyOutcome> deployments;
    std::vector<UnaskedPlace> places;    ///< where more of the project's may be left, shared things too
    std::optional<Error> record_failure; ///< the end of the run could not be recorded
    bool succeeded() const noexcept;
};

/// What the clouds have with a project's mark.
struct CloudListing {
    std::vector<Deployment> deployments;
    std::vector<UnaskedPlace> unasked;
    std::size_t asked = 0; ///< places that answered
};

/// The one place that knows the order of the stages. Keeps nothing between runs. Used from the engine's
/// thread.
class PYFOPS_EXPORT Pipeline {
  public:
    /// The references must outlive the pipeline; `store` and `journal` may be null for commands that record
    /// nothing.
    Pipeline(Host& host, PluginRegistry& plugins, Store* store, Journal* journal);

    /// The function deployments of a project that the selection takes, resolved, in the project's order.
    static std::vector<Target> targets(const Project& project, const Selection& selection, Realm realm,
                                       PluginRegistry& plugins, const std::string& today,
                                       Diagnostics& diagnostics);

    /// One failing unit becomes a row with a reason; the others go on. Throws only for what stops all of
    /// them (invalid project, database). Cancellation ends with a report and recorded outcomes.
    Task<RunReport> run(RunRequest request);
    Task<std::vector<PlannedUnit>> plan(RunRequest request);
    /// Imports every selected handler in the sandbox, as the clouds will at a cold start; problems become
    /// findings at the handler's place in the project file. `diagnostics` must outlive the task.
    Task<void> check(RunRequest request, Diagnostics& diagnostics);
    /// Removes what the selection takes of: the project's deployments, the recorded ones and those that the
    /// cloud has with our mark. Shared resources go with the last deployment.
    Task<DestroyReport> destroy(RunRequest request);
    /// One call of the one deployment that the selection leaves; Error(invalid_input) names the candidates
    /// when there are several, not_found when it is not deployed.
    Task<Invocation> invoke(RunRequest request, json::value event, bool probe);
    /// Log lines of the one deployment that the selection leaves, oldest first.
    Task<std::vector<LogLine>> logs(RunRequest request, SystemTime since, int limit);
    /// What the clouds have with this project's mark, in every region that the project or the record names
    /// and the selection takes. A place that cannot be asked does not keep the others from being listed.
    Task<CloudListing> list_cloud(RunRequest request);

  private:
    Host& host_;
    PluginRegistry& plugins_;
    Store* store_;
    Journal* journal_;
};

/// Compares an answer with what its test expects: "" when it fits, else one line that says where and how it
/// differs, or that the call took too long. An expectation that is none (`schema`, `regex`) never fits.
PYFOPS_EXPORT std::string compare(const TestCase& test, const Invocation& invocation);
/// How much longer than the test's `max_duration` a call took, in one line: "" when it did not. The duration
/// is the handler's own where the provider or the wrapper tells it, else the round trip.
PYFOPS_EXPORT std::string too_slow(const TestCase& test, const Invocation& invocation);

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file_lock.hpp"
#include "pipeline/configuration.hpp"
#include "pipeline/places.hpp"
#include "pipeline/recorder.hpp"
#include "pipeline/units.hpp"
#include "pyfops/handler_check.hpp"
#include "pyfops/limiter.hpp"
#include "pyfops/tuning.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// A function implementation's way up to its package, shared by its units.
struct Implementation {
    std::optional<SourceTree> wrapped;
    std::optional<Package> package;
};

/// One run in progress: what the coroutines of its units share. Lives until all of them ended.
class Run {
  public:
    Run(Host& host, PluginRegistry& plugins, Recorder& recorder, const RunRequest& request);

    /// Resolves the units; throws Error(invalid_input) when a provider finds errors.
    void expand_units();
    std::vector<Unit>& units() noexcept { return units_; }

    /// Reads what earlier runs recorded: deployments of automatic memory keep the size that was found.
    Task<void> recall();
    /// Every unit through the stages that the request asks for.
    Task<RunReport> execute();
    /// Wraps and packages what the units need and fills `implementation(key)`; failures go to `report`.
    Task<void> build(RunReport& report, Stage last);
    Implementation& implementation(const Unit& unit) { return implementations_[unit.implementation_key()]; }

    /// What the handler check says of a function of the unit's code base, with the target's dependencies.
    Task<std::vector<HandlerProblem>> check(const Unit& unit, const FunctionSpec& function);

    StageContext context(const Unit& unit) const { return {host_, request_.deadline, unit.subject()}; }
    /// What the cloud has; nullopt when there is nothing of ours.
    Task<std::optional<Deployment>> find(const Unit& unit);
    /// As `find`; throws Error(not_found).
    Task<Deployment> find_deployed(const Unit& unit);
    /// A deployment that the record lost keeps the size that it has on the cloud.
    Task<void> adopt_size(Unit& unit);
    /// Calls a deployment with a test's input. Errors: limit_exceeded when the budget is used up.
    Task<Invocation> invoke(const Unit& unit, const Deployment& deployment, const TestCase& test, bool probe);
    /// USD of a call; nullopt: prices, or the time it took, are not known.
    std::optional<double> price(const Unit& unit, int memory_mb, double duration_ms) const;
    std::optional<double> cost_of(const Unit& unit, int memory_mb, const Invocation& invocation) const;
    Host& host() noexcept { return host_; }
    const RunRequest& request() const noexcept { return request_; }

  private:
    struct Group {
        std::vector<std::size_t> members; ///< indices into units_ and the report
    };
    std::map<std::string, Group> groups() const;
    Task<void> build_group(const Group& group, RunReport& report, Stage last);
    Task<void> group_to_end(const Group& group, RunReport& report);
    Task<void> unit_to_end(std::size_t index, UnitReport& report);
    Task<void> deploy(Unit& unit, UnitReport& report);

    /// A search for the smallest size, shared by the regions of a provider.
    struct Search {
        Semaphore turn{1};
        std::optional<TuneReport> found;
    };
    bool tunes(const Unit& unit) const;
    /// Keeps another command's search away from the unit's resource while this one deploys, tunes and tests
    /// it.
    Task<FileLock> lock_tuning(const Unit& unit);
    TuneSettings tune_settings(const FunctionSpec& function) const;
    const DeploymentRecord* recorded(const Unit& unit) const;
    /// Whether the minimum of exactly this deployment is on record.
    bool minimum_is_known(const Unit& unit, const Deployment& deployment) const;
    /// What other functions need that share the unit's memory.
    int needed_by_companions(const Unit& unit) const;
    Task<void> tune(const Unit& unit, UnitReport& report);
    Task<std::string> tune_unit(const Unit& unit, UnitReport& report);
    Task<void> find_size(const Unit& unit, UnitReport& report);
    /// The size after that of a deployment that was tuned and failed there; nullopt: it did not, or there is
    /// none.
    std::optional<int> next_size(const Unit& unit, const UnitReport& report) const;
    Task<std::string> enlarge(const Unit& unit, UnitReport& report, int memory_mb);
    /// To a larger size that it must have; throws Error(limit_exceeded) when the cloud refuses it.
    Task<void> grow(const Unit& unit, UnitReport& report, int memory_mb, std::string which);
    Task<void> give_back(const Unit& unit, UnitReport& report, int memory_mb);
    Task<void> record_tuning(const Unit& unit, const UnitReport& report, std::size_t first_probe);
    /// Tests; a deployment that was tuned grows until it passes.
    Task<void> test_to_end(const Unit& unit, UnitReport& report);
    Task<void> test(const Unit& unit, UnitReport& report);
    Task<std::string> test_all(const Unit& unit, UnitReport& report);
    Task<TestOutcome> test_once(const Unit& unit, const Deployment& deployment, const TestCase& test,
                                int repetition);
    Task<SourceTree> source(const FunctionSpec& function);
    DependencyRequest dependencies(const Unit& unit) const;
    Task<std::string> package(const Unit& unit, Implementation& result);
    Task<void> require_handler(const Unit& unit, const FunctionSpec& function);
    /// Where it was written.
    Task<std::filesystem::path> write_output(const Unit& unit, Stage last);
    /// Runs one stage of a unit with its events, its time and its record.
    Task<void> staged(const Unit& unit, UnitReport& report, Stage stage, Task<std::string> work);
    void announce_automatic_memory();
    void keep_automatic_units();

    Host& host_;
    PluginRegistry& plugins_;
    Recorder& recorder_;
    const RunRequest& request_;
    std::vector<Unit> units_;
    std::map<std::string, Implementation> implementations_;
    std::map<std::string, SourceTree> sources_;
    Semaphore reading_;
    Places places_;
    std::map<std::string, Semaphore> resources_; ///< by resource_key: deployments in one take turns
    std::map<FdIdentity, DeploymentRecord> recorded_;
    std::map<std::string, Search> searches_;                  ///< by implementation_key and function
    std::map<std::string, std::map<std::string, int>> needs_; ///< by resource_key, by function: MB
    long long invocations_ = 0;
    double spent_usd_ = 0;
};

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/interrupt.hpp"
#include "frame/progress.hpp"
#include "pyfops/afcl.hpp"
#include "pyfops/engine.hpp"
#include "pyfops/journal.hpp"
#include "pyfops/local_cloud.hpp"
#include "pyfops/pipeline.hpp"
#include "pyfops/project.hpp"
#include "pyfops/project_state.hpp"
#include "pyfops/store.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::cli {

/// What a person wrote or keeps has errors; they are shown with their places, and are part of the JSON error.
struct InvalidInput : Error {
    InvalidInput(std::string what, std::vector<Finding> all);
    std::vector<Finding> findings;
};

/// That is the project file.
struct InvalidProject : InvalidInput {
    explicit InvalidProject(std::vector<Finding> all);
};

/// What the commands share: the project, the engine, the local cloud, the database, each made when it is
/// first asked for and in the order that they need. One per command.
class Session {
  public:
    /// Throws Error(invalid_input) for values of --only, --jobs and --timeout that are none.
    Session(const Arguments& arguments, Console& console);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const Arguments& arguments() const noexcept { return arguments_; }
    Console& console() noexcept { return console_; }
    Realm realm() const { return arguments_.has("local") ? Realm::local : Realm::real; }

    std::filesystem::path project_file() const;
    /// Loads and checks the project file; warnings are shown. Throws InvalidProject.
    const Project& project();
    /// As `project`, and with what only the providers know; with --from-database its deployments are those
    /// that the database asks for. To be called once, before `engine`.
    const Project& checked_project();
    /// Whether the database was asked for deployments and has none for this command.
    bool nothing_demanded() { return arguments_.has("from-database") && project().deployments.empty(); }
    const Selection& selection() const noexcept { return selection_; }

    /// From here on events are shown and the first Ctrl-C cancels; `last` is the stage that completes a
    /// deployment. With `clouds` and --local the local cloud is joined or started.
    Engine& engine(Stage last, bool clouds);
    Engine& engine() { return *engine_; }
    /// The file of --credentials over the environment; its warnings are shown. Throws invalid_input.
    System& credentials();

    /// Where the project's runs are remembered; --database names another database.
    ProjectState state();
    DatabaseUrl database_url();
    Store& store();
    /// With `recording` the database and the journal are opened.
    Pipeline& pipeline(bool recording);
    RunRequest request(const std::string& command, Stage last);

    /// The end of all drawing; results follow.
    void finish_progress();
    /// What the run said of no deployment in particular.
    std::vector<std::string> notices() const;

  private:
    class Collector;
    void start_local_cloud();
    void take_demand(PluginRegistry& plugins, Diagnostics& diagnostics);

    const Arguments& arguments_;
    Console& console_;
    ConsoleLog log_;
    std::optional<Project> project_;
    Selection selection_;
    int jobs_ = 0;
    std::optional<std::chrono::seconds> timeout_;
    std::unique_ptr<LocalCloud> local_cloud_;
    std::optional<EngineCredentials> credentials_;
    std::unique_ptr<Collector> collector_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Pipeline> pipeline_;
    std::unique_ptr<Interrupt> interrupt_; ///< last: it calls into the engine
};

/// "2026-11-23"
std::string today(const Clock& clock);

} // namespace pyfops::cli

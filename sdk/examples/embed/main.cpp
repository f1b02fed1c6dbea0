// SPDX-License-Identifier: Apache-2.0
// Deploys a project to the local cloud with an Observer of its own and records it, then starts a second run
// and cancels it.
//   embed PROJECT_DIRECTORY
#include <pyfops/pyfops.hpp>

#include <iostream>
#include <memory>

namespace {

/// Prints what happens; asks the engine to stop as soon as a stage of `stop_at` starts.
class Narrator final : public pyfops::Observer {
  public:
    void on(const pyfops::Event& event) noexcept override {
        if (const auto* started = std::get_if<pyfops::StageStarted>(&event)) {
            std::cout << started->subject.function << "@" << started->subject.region << ": "
                      << pyfops::to_string(started->stage) << "\n";
            if (engine && started->stage == stop_at) engine->cancel();
        }
    }
    pyfops::Engine* engine = nullptr;
    pyfops::Stage stop_at = pyfops::Stage::deploy;
};

pyfops::RunReport deploy(const pyfops::Project& project, const pyfops::ProjectState& state,
                         const pyfops::LocalCloud& cloud, Narrator& narrator, bool cancel) {
    pyfops::EngineOptions options;
    options.observer = &narrator;
    options.overlay = cloud.environment();
    pyfops::Engine engine(options);
    narrator.engine = cancel ? &engine : nullptr;
    const std::unique_ptr<pyfops::Store> store = pyfops::open_store(state.database, pyfops::null_log());
    pyfops::Journal journal(state.journal);
    pyfops::Pipeline pipeline(engine.host(), engine.plugins(), store.get(), &journal);
    pyfops::RunRequest request{project, {}, pyfops::Realm::local};
    return engine.run(pipeline.run(request));
}

int print(const pyfops::Diagnostics& diagnostics) {
    for (const pyfops::Finding& finding : diagnostics.findings())
        std::cerr << pyfops::render(finding);
    return 2;
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::cerr << "usage: embed PROJECT_DIRECTORY\n";
        return 2;
    }
    pyfops::Diagnostics diagnostics;
    pyfops::Project project = pyfops::load_project(pyfops::find_project_file(argv[1]), diagnostics);
    if (diagnostics.has_errors()) return print(diagnostics);

    // The same places as 'pyfops run --local': one continues where the other stopped.
    const pyfops::ProjectState state =
        pyfops::project_state(project, pyfops::Realm::local, pyfops::real_system());
    pyfops::LocalCloudOptions local;
    local.state = state.directory;
    const pyfops::LocalCloud cloud(local, pyfops::real_system());

    Narrator narrator;
    const pyfops::RunReport first = deploy(project, state, cloud, narrator, false);
    for (const pyfops::UnitReport& unit : first.units)
        std::cout << (unit.succeeded() ? "ok " : "FAILED ") << unit.identity.str() << " "
                  << (unit.deployment ? unit.deployment->link
                      : unit.failure  ? unit.failure->what()
                                      : "")
                  << "\n";

    const pyfops::RunReport second = deploy(project, state, cloud, narrator, true);
    std::cout << (second.cancelled ? "the second run was cancelled\n" : "the second run was not cancelled\n");
    return first.succeeded() && second.cancelled ? 0 : 1;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << "\n";
    return 1;
}

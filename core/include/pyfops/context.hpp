// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/http.hpp"
#include "pyfops/limiter.hpp"
#include "pyfops/log.hpp"
#include "pyfops/observer.hpp"
#include "pyfops/process.hpp"
#include "pyfops/system.hpp"
#include "pyfops/workers.hpp"

namespace pyfops {

class Sandbox;
class PackageBuilder;

/// Everything the host owns and lends: a plugin opens no socket, file or process of its own. The references
/// live as long as the Engine.
struct Host {
    HttpClient& http;
    Processes& processes;
    Sandbox& sandbox;
    PackageBuilder& packages;
    Workers& workers;
    System& system;
    Clock& clock;
    Random& random;
    Limiter& limiter;
    Log& log;
    Observer& observer;
};

/// What one stage call gets; valid for the call. Built by the pipeline, or by a test from fakes.
struct StageContext {
    Host& host;
    Deadline deadline;
    Subject subject;

    void progress(Stage stage, std::string what, std::size_t done = 0, std::size_t total = 0) const {
        host.observer.on(StageProgress{subject, stage, std::move(what), done, total});
    }
};

} // namespace pyfops

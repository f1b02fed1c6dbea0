// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"
#include "fast_clock.hpp"
#include "pyfops/engine.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "wire.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops::conformance {

/// What is to be deployed; what is left out is the usual.
struct Wanted {
    std::string function = "conform";
    std::string version = "1"; ///< one byte of the code
    std::string region;        ///< "": the quirks'
    int memory_mb = 0;         ///< 0: the quirks'
    int timeout_seconds = 20;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> secrets;
    std::optional<FdIdentity> owner; ///< somebody else, who takes the same name
};

/// A deployment on its way, and everything that a request refers to.
struct Order {
    FunctionSpec function;
    Target target;
    Package package;
    std::map<std::string, std::string> environment;
    std::map<std::string, Secret> secrets;
    OwnershipMark mark;
};

/// A provider and its world, as one command has them: a new one has no memory of the last.
class Bench {
  public:
    Bench(const Quirks& quirks, Cloud& cloud, std::string project, bool with_credentials = true);

    Engine& engine() { return *engine_; }
    Provider& provider() { return registry_.get(quirks_.provider); }
    const ProviderInfo& offer() { return provider().offer(quirks_.settings); }

    FdIdentity identity(const Wanted& wanted = {}) const;
    std::string cloud_name(const Wanted& wanted = {});
    Order order(const Wanted& wanted = {});
    Deployment deploy(const Wanted& wanted = {});
    /// Several at the same time, each by a provider object of its own; how each ended.
    std::vector<std::optional<Error>> deploy_at_once(const std::vector<Wanted>& all);
    Deployment configure(const Deployment& deployment, std::optional<int> memory_mb,
                         std::optional<int> timeout_seconds);
    std::optional<Deployment> find(const Wanted& wanted = {});
    std::vector<Deployment> list();
    void remove(const Wanted& wanted = {});
    void remove_shared();
    std::vector<LogLine> logs(const Deployment& deployment, SystemTime since, int limit = 1000);
    Account account();
    Invocation invoke(const Deployment& deployment, json::value event, bool probe = false);
    /// What the deployed function says to a command of ours; Unmet when it fails.
    json::value tell(const Deployment& deployment, json::array command);

    FastClock clock;
    testing::RecordingObserver observer;
    testing::RecordingLog log;

  private:
    class Environment;
    StageContext context();
    Package package(const Order& order, const std::string& version);
    Task<void> deploy_into(Provider& provider, const Order& order, std::optional<Error>& failure);

    const Quirks& quirks_;
    Cloud& cloud_;
    std::string project_;
    std::unique_ptr<System> system_;
    std::unique_ptr<Engine> engine_;
    PluginRegistry registry_;

  public:
    Wire wire;

  private:
    Host host_;
};

} // namespace pyfops::conformance

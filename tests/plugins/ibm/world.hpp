// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "provider.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "support/stop_everywhere.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ibm_test {

/// A small Code Engine: remembers projects, functions, secrets and build runs. Tests change its mood through
/// the members. It says what the documentation says, and knows nothing of the code under test.
class World {
  public:
    World();

    pyfops::testing::FakeHost host;
    std::unique_ptr<pyfops::ibm::IbmProvider> process = std::make_unique<pyfops::ibm::IbmProvider>();
    pyfops::ibm::IbmProvider& provider() { return *process; }
    /// A new process: nothing is remembered.
    void restart() { process = std::make_unique<pyfops::ibm::IbmProvider>(); }

    struct Stored {
        pyfops::json::object body;
        int busy = 0; ///< reads until it has settled
        std::string status = "ready", reason = "ready";
        int tag = 1;
        int dying = 0; ///< it is being deleted: reads until it is gone; 0: it is not
    };
    std::map<std::string, std::string> projects; ///< id by name
    std::map<std::string, std::string> project_status;
    int projects_made = 0;
    std::map<std::string, Stored> functions;
    std::map<std::string, Stored> secrets;
    std::map<std::string, Stored> build_runs;
    std::string build_status = "succeeded", build_reason = "succeeded";
    int slow = 1;                                            ///< reads until a change is in force
    int slow_project = 1;                                    ///< reads until a project is active
    std::string settled = "ready", settled_reason = "ready"; ///< of the next change
    int page = 2;                                            ///< entries of a list: paging is always walked
    pyfops::Stop stop;                                       ///< of the requests to Code Engine
    std::string runtime = "python-3.13";                     ///< the one that the region has
    int tokens = 0;                                          ///< how many were given
    int token_seconds = 3600;

    std::vector<std::string> operations();
    /// The same without those that only read or get tokens.
    std::vector<std::string> writes();

    pyfops::FunctionSpec function;
    pyfops::Target target;
    pyfops::Package package;
    pyfops::OwnershipMark mark;
    pyfops::json::object settings;
    std::map<std::string, std::string> environment{{"MODE", "fast"}};
    std::map<std::string, pyfops::Secret> secret_values;

    pyfops::Deployment deploy();
    pyfops::Error deploy_error();
    std::optional<pyfops::Deployment> find();
    void remove();
    void remove_shared();
    std::vector<pyfops::Deployment> list();

    void set_package(const std::string& content, const std::string& suffix = ".py");
    /// The value of a variable of the function, "" when there is none; references as "secret/key".
    std::string variable(const std::string& name);

  private:
    pyfops::HttpResponse code_engine(const pyfops::HttpRequest& request);
    pyfops::HttpResponse acted(const pyfops::HttpRequest& request);
    pyfops::HttpResponse one_project(const std::string& rest, const pyfops::HttpRequest& request);
    pyfops::HttpResponse functions_of(const std::string& name, const pyfops::HttpRequest& request);
    pyfops::HttpResponse stored(std::map<std::string, Stored>& all, const std::string& name,
                                const pyfops::HttpRequest& request);
    pyfops::json::object describe(const std::string& name, Stored& one);
    std::size_t seen_ = 0;
};

pyfops::HttpResponse refuse(int status, const std::string& code, const std::string& message);
pyfops::json::object body(const pyfops::HttpRequest& request);

} // namespace ibm_test

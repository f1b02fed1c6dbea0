// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "provider.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "support/stop_everywhere.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace azure_test {

using Names = std::vector<std::string>;

/// A function app as the scripted Azure keeps it.
struct StoredSite {
    pyfops::json::object resource; ///< as it was put
    std::map<std::string, std::string> settings;
    std::string code;   ///< hash of the package that runs
    std::string coming; ///< of the one that was sent last
    int listing = 0;    ///< answers of /functions without the function
};

/// A small Azure: remembers groups, accounts, plans, apps. Tests change its mood through the members. It says
/// what the documents of Azure say, and knows nothing of the code under test.
class World {
  public:
    World();

    pyfops::testing::FakeHost host;
    std::unique_ptr<pyfops::azure::AzureProvider> provider;
    /// A new process: nothing is remembered.
    void restart() { provider = std::make_unique<pyfops::azure::AzureProvider>(); }

    std::map<std::string, pyfops::json::object> groups, accounts, plans;
    std::map<std::string, StoredSite> sites;
    std::set<std::string> containers; ///< "account/name"
    std::set<std::string> blobs;      ///< "/container/name"
    std::set<std::string> registered{"Microsoft.Web", "Microsoft.Storage"};
    int slow = 2;         ///< polls until an operation has ended
    int deploying = 2;    ///< polls until a deployment has ended
    int final_status = 4; ///< of a deployment
    pyfops::Stop stop;    ///< of the requests to the manager, deployment hosts and blobs

    /// The operations of all requests since the last call, without those that only read.
    Names writes();
    Names operations();

    pyfops::FunctionSpec function;
    pyfops::Target target;
    pyfops::Package package;
    pyfops::OwnershipMark mark;
    pyfops::json::object settings;
    std::map<std::string, std::string> environment{{"MODE", "fast"}};
    std::map<std::string, pyfops::Secret> secrets;

    pyfops::Deployment deploy();
    std::optional<pyfops::Deployment> find();
    void remove();
    void remove_shared();
    /// The Error that deploy throws.
    pyfops::Error deploy_error();
    void set_package(const std::string& content);
    StoredSite& site() { return sites.begin()->second; }

  private:
    using Part = pyfops::HttpResponse (World::*)(const pyfops::HttpRequest&);
    void serve(const std::string& pattern, Part part);
    pyfops::HttpResponse manager(const pyfops::HttpRequest& request);
    pyfops::HttpResponse storage(const pyfops::HttpRequest& request, const std::string& path);
    pyfops::HttpResponse web(const pyfops::HttpRequest& request, const std::string& path);
    pyfops::HttpResponse site(const pyfops::HttpRequest& request, const std::string& name,
                              const std::string& rest);
    pyfops::HttpResponse scm(const pyfops::HttpRequest& request);
    pyfops::HttpResponse blob(const pyfops::HttpRequest& request);
    pyfops::HttpResponse later(const std::string& header, const std::string& url);
    pyfops::json::object describe(const std::string& name);
    std::size_t seen_ = 0;
    int polls_ = 0;
    int deployment_polls_ = 0;
};

pyfops::HttpResponse error(int status, const std::string& code, const std::string& message);
pyfops::json::value body(const pyfops::HttpRequest& request);

} // namespace azure_test

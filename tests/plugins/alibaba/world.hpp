// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog.hpp"
#include "provider.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "support/stop_everywhere.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace alibaba_test {

/// One function as the scripted Alibaba Cloud keeps it.
struct StoredFunction {
    pyfops::json::object configuration;
    std::map<std::string, std::string> tags;
    std::map<std::string, pyfops::json::object> triggers;
    bool failed = false; ///< it could not be made
    int pending = 0;     ///< GetFunction answers until it is Active
    int in_progress = 0; ///< ... until the update is Successful
};

/// A small Alibaba Cloud: remembers functions, buckets, objects. Tests change its mood through the members.
/// It says what the contract says, and knows nothing of the code under test.
class World {
  public:
    World();

    pyfops::testing::FakeHost host;
    pyfops::ProviderInfo info = pyfops::alibaba::catalog();
    std::unique_ptr<pyfops::alibaba::AlibabaProvider> process;
    pyfops::alibaba::AlibabaProvider& provider() { return *process; }
    /// A new process: nothing is remembered.
    void restart() { process = std::make_unique<pyfops::alibaba::AlibabaProvider>(info); }

    std::map<std::string, StoredFunction> functions;
    std::map<std::string, std::map<std::string, std::string>> buckets; ///< tags
    std::set<std::string> objects;                                     ///< "bucket/key"
    int slow_create = 1; ///< GetFunction answers with Pending after a create
    int slow_update = 1;
    bool tags_in_answers = true; ///< GetFunction and ListFunctions have tags; else they must be asked for

    pyfops::Stop stop; ///< requests to STS do not count

    /// The operations of all requests since the last call.
    std::vector<std::string> operations();
    /// Without those that only read.
    std::vector<std::string> writes();

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

  private:
    pyfops::HttpResponse last_or_not(pyfops::HttpResponse (World::*service)(const pyfops::HttpRequest&),
                                     const pyfops::HttpRequest& request);
    pyfops::HttpResponse fc(const pyfops::HttpRequest& request);
    pyfops::HttpResponse list(const pyfops::HttpRequest& request);
    pyfops::HttpResponse tags(const pyfops::HttpRequest& request);
    pyfops::HttpResponse one_function(const std::string& name, const std::string& rest,
                                      const pyfops::HttpRequest& request);
    pyfops::HttpResponse triggers(StoredFunction& stored, const std::string& rest,
                                  const pyfops::HttpRequest& request);
    pyfops::HttpResponse oss(const pyfops::HttpRequest& request);
    pyfops::json::object describe(const std::string& name, const StoredFunction& stored) const;
    std::size_t seen_ = 0;
};

pyfops::HttpResponse error(int status, const std::string& code, const std::string& message);
pyfops::json::value body(const pyfops::HttpRequest& request);
/// A parameter of the query, decoded.
std::string query(const pyfops::HttpRequest& request, const std::string& name);

} // namespace alibaba_test

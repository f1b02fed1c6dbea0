// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugins/google/names.hpp"
#include "provider.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <boost/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace google_test {

/// One function as the scripted Google keeps it.
struct StoredFunction {
    pyfops::json::object resource;
    std::string state = "ACTIVE";
    std::string problem;
    int busy = 0; ///< GetFunction answers until nothing is under way any more
    pyfops::json::object policy{{"etag", "e1"}};
};

/// A small Google Cloud: remembers functions and operations. Tests change its mood through the members. It
/// says what the reference says, and knows nothing of the code under test.
class World {
  public:
    World();

    pyfops::testing::FakeHost host;
    pyfops::google::GoogleProvider provider;

    std::map<std::string, StoredFunction> functions;
    int slow = 1;                                   ///< GetOperation answers until an operation is done
    std::optional<pyfops::json::object> next_error; ///< of the next operation: google.rpc.Status
    std::vector<std::string> uploads;               ///< what was put, in order
    int policy_conflicts = 0;                       ///< SetIamPolicy answers that are refused for their etag

    Names operations(); ///< of all requests since the last call
    Names writes();     ///< those that change something

    pyfops::FunctionSpec function;
    pyfops::Target target;
    pyfops::Package package;
    pyfops::OwnershipMark mark;
    pyfops::json::object settings;
    std::map<std::string, std::string> environment{{"MODE", "fast"}};
    std::map<std::string, pyfops::Secret> secrets;

    pyfops::Deployment deploy();
    pyfops::Error deploy_error();
    std::optional<pyfops::Deployment> find();
    void remove();
    void set_package(const std::string& content);
    /// The last request of that operation.
    pyfops::HttpRequest last(const std::string& operation) const;

  private:
    pyfops::HttpResponse functions_api(const pyfops::HttpRequest& request);
    pyfops::HttpResponse one_function(const std::string& name, const pyfops::HttpRequest& request);
    pyfops::HttpResponse start(const std::string& name, bool deletes);
    pyfops::HttpResponse get_operation(const std::string& name);
    pyfops::HttpResponse run_api(const pyfops::HttpRequest& request);
    struct Pending {
        std::string function;
        bool deletes = false;
        int polls = 0;
        std::optional<pyfops::json::object> error;
    };
    std::map<std::string, Pending> pending_;
    std::size_t seen_ = 0;
};

/// A key file of a service account, with a key that is made once.
const pyfops::RsaKeyPair& key_pair();
std::string key_file(const std::string& email = "deployer@proj-1.iam.gserviceaccount.com");
pyfops::HttpResponse error(int status, const std::string& code, const std::string& message,
                           pyfops::json::array details = {});
pyfops::json::value body(const pyfops::HttpRequest& request);
/// The value of a field in a form body.
std::string form(const pyfops::HttpRequest& request, const std::string& name);
/// The value of a field of the query.
std::string query(const pyfops::HttpRequest& request, const std::string& name);
/// What a token endpoint makes of a service account's assertion, after it was verified.
pyfops::HttpResponse exchange_assertion(const pyfops::HttpRequest& request);

} // namespace google_test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog.hpp"
#include "provider.hpp"
#include "pyfops/testing/fake_host.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace aws_test {

/// One function as the scripted AWS keeps it.
struct StoredFunction {
    pyfops::json::object configuration;
    std::map<std::string, std::string> tags;
    int pending = 0;     ///< GetFunction answers until it is Active
    int in_progress = 0; ///< ... until the update is Successful
    bool url = false;
    std::vector<std::string> statements;
};

/// A small AWS: remembers functions, roles, buckets. Tests change its mood through the members. It says what
/// the recorded answers say, and knows nothing of the code under test.
class World {
  public:
    World();

    pyfops::testing::FakeHost host;
    pyfops::aws::AwsProvider provider;

    std::map<std::string, StoredFunction> functions;
    std::map<std::string, std::map<std::string, std::string>> roles; ///< tags
    std::set<std::string> attached;                                  ///< roles with the basic policy
    std::map<std::string, std::map<std::string, std::string>> buckets;
    std::set<std::string> objects; ///< "bucket/key"
    std::set<std::string> log_groups;
    int slow_create = 1; ///< GetFunction answers with Pending after a create
    int slow_update = 1;
    int role_unknown = 0; ///< creations that are refused because the role is not known yet

    /// The operations of all requests since the last call, without those that only read.
    std::vector<std::string> writes();
    std::vector<std::string> operations();

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
    /// The Error that deploy throws.
    pyfops::Error deploy_error();

    void set_package(const std::string& content);
    /// What this AWS makes of a request that was sent to another one.
    pyfops::Task<pyfops::HttpResponse> send(pyfops::HttpRequest request, pyfops::StageContext& context);

  private:
    pyfops::HttpResponse lambda(const pyfops::HttpRequest& request);
    pyfops::HttpResponse one_function(const std::string& name, const std::string& rest,
                                      const pyfops::HttpRequest& request);
    pyfops::HttpResponse iam(const pyfops::HttpRequest& request);
    pyfops::HttpResponse s3(const pyfops::HttpRequest& request);
    std::size_t seen_ = 0;
};

pyfops::HttpResponse error(int status, const std::string& code, const std::string& message);
/// The value of a field in a form body.
std::string form(const pyfops::HttpRequest& request, const std::string& name);
pyfops::json::value body(const pyfops::HttpRequest& request);

} // namespace aws_test

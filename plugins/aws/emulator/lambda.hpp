// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "iam.hpp"
#include "keys.hpp"
#include "logs.hpp"
#include "protocol.hpp"
#include "s3.hpp"
#include "world.hpp"

#include <map>
#include <memory>
#include <string>

namespace pyfops::aws_emulator {

/// A function's name as a request gives it: name, partial ARN or ARN, and the qualifier of the ARN or the
/// query.
struct FunctionReference {
    std::string name;
    std::string qualifier; ///< "" when none was given
    std::string region;
    /// arn:aws:lambda:region:account:function:name[:qualifier]
    std::string arn() const;
    std::string unqualified_arn() const;
};

/// Reads and checks FunctionName and Qualifier. Throws ApiError as recorded.
FunctionReference read_reference(const Call& call);
[[noreturn]] void function_not_found(const std::string& arn);

/// A stored function (JSON, see docs/emulator.md): "latest", "running" while an update is in progress, and
/// the "published" versions are records of code and configuration.
struct Function {
    json::object document;
    std::string name() const { return string_or(document, "name"); }
    std::string region() const { return string_or(document, "region"); }
    json::object& latest() { return document.at("latest").as_object(); }
    json::object& member(std::string_view key) { return document.at(key).as_object(); }
    FunctionReference reference(const std::string& qualifier = {}) const {
        return {name(), qualifier, region()};
    }
};

class Lambda {
  public:
    Lambda(World& world, Iam& iam, S3& s3, Logs& logs, Keys& keys)
        : world_(world),
          iam_(iam),
          s3_(s3),
          logs_(logs),
          keys_(keys) {}

    /// Operations of the control plane.
    ServerResponse handle(const Call& call);
    Task<ServerResponse> invoke(Call call);
    /// A request to "/<url id>.lambda-url.<region>.on.aws/...".
    Task<ServerResponse> call_url(ServerRequest request, Call call);
    /// The zip that the Location of GetFunction names.
    ServerResponse download(const Call& call);

    static bool is_url_host(std::string_view host);

  private:
    // lambda.cpp
    std::optional<Function> load(const std::string& region, const std::string& name);
    Function required(const FunctionReference& reference, const std::string& arn_in_error = {});
    void save(const Function& function);
    bool settle(Function& function);
    /// The record that a qualifier names; throws the 404 of the arn.
    const json::object& record(Function& function, const FunctionReference& reference);
    json::object describe(const json::object& record, const std::string& arn, bool state) const;
    json::object list_entry(const json::object& record, const std::string& arn) const;

    // lambda_functions.cpp
    ServerResponse create_function(const Call& call);
    ServerResponse get_function(const Call& call);
    ServerResponse list_functions(const Call& call);
    ServerResponse update_code(const Call& call);
    ServerResponse update_configuration(const Call& call);
    ServerResponse delete_function(const Call& call);
    Bytes read_code(const Call& call, const json::object& code, std::string_view operation);
    void set_code(json::object& record, const Bytes& archive);
    void start_update(Function& function, json::object changed);
    void check_updatable(Function& function, const json::object& body);

    // lambda_versions.cpp
    ServerResponse publish_version(const Call& call);
    ServerResponse list_versions(const Call& call);
    ServerResponse create_alias(const Call& call);
    ServerResponse update_alias(const Call& call);
    ServerResponse get_alias(const Call& call);
    ServerResponse list_aliases(const Call& call);
    ServerResponse delete_alias(const Call& call);
    json::object& publish(Function& function, const std::string& description, bool pending);
    json::object routing(Function& function, const json::object& body, const std::string& version);

    // lambda_policy.cpp
    ServerResponse add_permission(const Call& call);
    ServerResponse remove_permission(const Call& call);
    ServerResponse get_policy(const Call& call);
    json::object& policy_owner(Function& function, const FunctionReference& reference);

    // lambda_urls.cpp
    ServerResponse url_config(const Call& call);
    json::object describe_url(const Function& function, const std::string& qualifier,
                              const json::object& url) const;

    // lambda_settings.cpp
    ServerResponse tags(const Call& call);
    ServerResponse concurrency(const Call& call);
    ServerResponse account_settings(const Call& call);

    // lambda_invoke.cpp
    struct Execution {
        ExecutionResult result;
        std::string request_id;
        std::string version;
        std::string body;
        bool failed = false;
        std::string log; ///< with START, END and REPORT
    };
    struct Target {
        std::shared_ptr<const FunctionImage> image;
        std::string arn; ///< as invoked
        std::string version;
        std::string name, region, log_group, log_stream, runtime;
        int memory_mb = 0;
        std::int64_t timeout = 0;
        std::optional<std::int64_t> reserved;
    };
    Target target(const FunctionReference& reference);
    std::shared_ptr<const FunctionImage> image(const Function& function, const json::object& record);
    Task<Execution> execute(Target target, std::string request_id, std::string event, HttpHeaders headers);
    Task<void> execute_event(Target target, std::string request_id, std::string event, HttpHeaders headers);
    void write_log(Execution& execution, const Target& target);

    World& world_;
    Iam& iam_;
    S3& s3_;
    Logs& logs_;
    Keys& keys_;
    std::map<std::string, std::shared_ptr<const FunctionImage>> images_; ///< by image id
    /// Events under way, by region/name; shared with them, since they may end after this object.
    std::shared_ptr<std::map<std::string, std::int64_t>> running_ =
        std::make_shared<std::map<std::string, std::int64_t>>();
};

} // namespace pyfops::aws_emulator

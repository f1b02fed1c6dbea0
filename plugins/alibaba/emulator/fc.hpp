// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "logs.hpp"
#include "oss.hpp"
#include "protocol.hpp"
#include "world.hpp"

#include <map>
#include <memory>
#include <string>

namespace pyfops::alibaba_emulator {

/// A stored function (JSON): "latest", "running" while an update is under way, and the "versions" are records
/// of code and configuration.
struct Function {
    json::object document;
    std::string name() const { return string_or(document, "name"); }
    std::string region() const { return string_or(document, "region"); }
    std::string arn() const;
    json::object& latest() { return document.at("latest").as_object(); }
    json::object& member(std::string_view key) { return document.at(key).as_object(); }
};

/// Function Compute 3.0 (API 2023-03-30).
class FunctionCompute {
  public:
    FunctionCompute(World& world, Keys& keys, Oss& oss, Logs& logs)
        : world_(world),
          keys_(keys),
          oss_(oss),
          logs_(logs) {}
    /// Everything but invocations.
    ServerResponse handle(const Call& call);
    Task<ServerResponse> invoke(Call call);
    /// A request to a trigger's URL.
    Task<ServerResponse> call_trigger(ServerRequest request, Call call);
    ServerResponse download(const Call& call);

  private:
    // fc.cpp
    std::optional<Function> load(const std::string& region, const std::string& name);
    Function required(const Call& call);
    void save(const Function& function);
    bool settle(Function& function);
    const json::object& record(Function& function, const std::string& qualifier);
    json::object describe(const Function& function, const json::object& record) const;
    void retire(const json::value& record);

    // fc_functions.cpp
    ServerResponse create_function(const Call& call);
    ServerResponse update_function(const Call& call);
    ServerResponse get_function(const Call& call);
    ServerResponse get_code(const Call& call);
    ServerResponse list_functions(const Call& call);
    ServerResponse delete_function(const Call& call);
    void set_code(json::object& record, const json::object& body, const Call& call);
    void check_logs(const json::object& config, const Call& call) const;

    // fc_triggers.cpp
    ServerResponse triggers(const Call& call);
    ServerResponse create_trigger(const Call& call, Function& function);
    json::object describe_trigger(const Function& function, const json::object& trigger) const;

    // fc_versions.cpp
    ServerResponse versions(const Call& call);
    ServerResponse aliases(const Call& call);

    // fc_settings.cpp
    ServerResponse tags(const Call& call);
    ServerResponse concurrency(const Call& call);

    // fc_invoke.cpp
    struct Target {
        std::shared_ptr<const FunctionImage> image;
        std::string name, region, qualifier, version, checksum, log_project, log_store;
        std::int64_t timeout = 0;
        int memory_mb = 0;
        std::optional<std::int64_t> reserved;
        std::int64_t ready_at = 0;
    };
    struct Execution {
        ExecutionResult result;
        std::string body;
        std::string error_type; ///< X-Fc-Error-Type; "" when the function answered
        std::string log;
        double used_mb = 0;
    };
    Target target(Function& function, const std::string& qualifier);
    std::shared_ptr<const FunctionImage> image(const Function& function, const json::object& record,
                                               const std::string& qualifier, const std::string& version);
    Task<Execution> execute(Target target, std::string request_id, std::string event);
    Task<void> execute_async(Target target, std::string request_id, std::string event);
    void check_concurrency(const Target& target) const;
    void add_headers(ServerResponse& answer, const Execution& execution, const Target& target) const;

    World& world_;
    Keys& keys_;
    Oss& oss_;
    Logs& logs_;
    std::map<std::string, std::shared_ptr<const FunctionImage>> images_; ///< by image id
    /// Events under way, by region/name; shared with them, since they may end after this object.
    std::shared_ptr<std::map<std::string, std::int64_t>> running_ =
        std::make_shared<std::map<std::string, std::int64_t>>();
};

} // namespace pyfops::alibaba_emulator

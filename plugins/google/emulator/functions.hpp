// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "logs.hpp"
#include "protocol.hpp"
#include "tokens.hpp"
#include "uploads.hpp"
#include "world.hpp"

#include <map>
#include <memory>
#include <string>

namespace pyfops::google_emulator {

/// A stored function: "resource" as it was written, "serving" what invocations run (none before the first
/// build), "policy" of its service, "operation" that is under way.
struct Function {
    json::object document;
    std::string text(std::string_view key) const { return string_or(document, key); }
    std::string name() const { return text("name"); }
    std::string location() const { return text("location"); }
    std::string resource_name() const;
    std::string service_name() const;
    json::object& resource() { return document.at("resource").as_object(); }
    const json::object* serving() const;
};

/// Cloud Functions, the policies of their Cloud Run services, and invocations.
class Functions {
  public:
    Functions(World& world, Uploads& uploads, Tokens& tokens, Logs& logs)
        : world_(world),
          uploads_(uploads),
          tokens_(tokens),
          logs_(logs) {}

    ServerResponse handle(const Call& call);
    Task<ServerResponse> invoke(ServerRequest request, Call call);

  private:
    // functions.cpp
    std::optional<Function> load(const std::string& location, const std::string& name);
    Function required(const Call& call);
    void save(const Function& function);
    json::object describe(const Function& function) const;
    ServerResponse create(const Call& call);
    ServerResponse list(const Call& call);
    ServerResponse update(const Call& call);
    ServerResponse remove(const Call& call);
    ServerResponse policy(const Call& call);
    ServerResponse catalogue(const Call& call) const;

    // operations.cpp
    /// Starts an operation on a function and returns it as the API does.
    json::object start(Function& function, std::string_view type, std::string_view verb,
                       std::int64_t duration, std::optional<json::object> failure);
    /// Ends what is due; true when the function is gone.
    bool settle(Function& function);
    void serve(Function& function);
    void retire(const Function& function);
    /// The failure that the fault plan wants for operations with this verb.
    std::optional<json::object> wanted_failure(std::string_view verb) const;
    json::object describe_operation(const json::object& operation) const;
    ServerResponse operations(const Call& call);
    /// What Google's build would say of an archive that cannot be built.
    std::optional<json::object> build_failure(const json::object& resource, const std::string& blob) const;

    // invoke.cpp
    std::shared_ptr<const FunctionImage> image(const Function& function);
    ServerResponse answer_of(const Function& function, ExecutionResult result, Entry entry);
    bool is_public(const Function& function) const;
    std::string url(const Function& function) const;
    std::string uri(const Function& function) const;

    World& world_;
    Uploads& uploads_;
    Tokens& tokens_;
    Logs& logs_;
    std::map<std::string, std::shared_ptr<const FunctionImage>> images_; ///< by image id
    /// Requests under way, by location/name; shared with them, since they may end after this object.
    std::shared_ptr<std::map<std::string, std::int64_t>> running_ =
        std::make_shared<std::map<std::string, std::int64_t>>();
};

} // namespace pyfops::google_emulator

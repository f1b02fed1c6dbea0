// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/emulator/instances.hpp"
#include "pyfops/emulator/state.hpp"
#include "pyfops/export.hpp"
#include "pyfops/http.hpp"
#include "pyfops/log.hpp"
#include "pyfops/task.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// A request as the emulator's server read it. The target is as sent; the body is whole.
struct ServerRequest {
    std::string method;
    std::string target; ///< path and query, percent-encoded, starts with '/'
    HttpHeaders headers;
    std::string body;
    bool tls = false;
};

struct ServerResponse {
    int status = 200;
    HttpHeaders headers;
    Bytes body;
    bool drop = false; ///< close the connection instead of answering
};

/// What the emulator lends to a face; lives as long as the face.
struct EmulatorHost {
    EmulatorState& state;
    InstancePool& instances;
    Clock& clock;
    Random& random;
    Log& log;
    std::string base_url;     ///< "http://127.0.0.1:PORT"
    std::string base_url_tls; ///< "https://127.0.0.1:PORT2"
    /// Starts work that no request waits for; its failure is logged. It is cancelled when the emulator ends.
    std::function<void(Task<void>)> spawn;
    /// A setting of the fault plan ("iam.propagation_ms"), or nullopt: the face's own default.
    std::function<std::optional<json::value>(const std::string&)> setting;
};

/// The local stand-in for one provider's API: requests in, answers out. Signatures and tokens are checked for
/// real. One object per emulator, used from its thread; concurrent requests are concurrent tasks.
class PYFOPS_EXPORT EmulatorFace {
  public:
    virtual ~EmulatorFace();
    /// Called once, before the first request.
    virtual void start(EmulatorHost& host) = 0;
    /// Whether a request is for this provider: by the service in its signature, its host header or its path.
    virtual bool accepts(const ServerRequest& request) const = 0;
    /// What the API refuses is an answer in the provider's form, never thrown. Anything thrown is a fault of
    /// the face: the client gets a plain 500 with its text. Cancelled when the emulator ends.
    virtual Task<ServerResponse> handle(ServerRequest request) = 0;
    /// Operation name for fault rules and logs: "lambda:CreateFunction"; "" when unknown.
    virtual std::string operation(const ServerRequest& request) const = 0;
    /// The provider's own form of an injected failure.
    virtual ServerResponse failure(const ServerRequest& request, int status, std::string_view code) const = 0;
    /// Variables that point official clients here, credentials of the emulator included.
    virtual std::map<std::string, std::string> environment() const = 0;
    /// How official clients that read no variable are pointed here: lines that `--print-env` shows as
    /// comments; "" when the variables are enough.
    virtual std::string client_settings() const;
    /// Domains of the provider: requests that name one, or a name below it, in their Host header are served,
    /// beside those that name this machine. Lower case; none unless overridden.
    virtual std::vector<std::string> domains() const;
};

} // namespace pyfops

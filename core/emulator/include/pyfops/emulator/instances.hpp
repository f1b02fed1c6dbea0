// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/deployment.hpp"
#include "pyfops/export.hpp"
#include "pyfops/http.hpp"
#include "pyfops/task.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// A function as the instance pool runs it.
struct FunctionImage {
    std::string id;     ///< changes with every change of code or configuration
    Bytes archive;      ///< the uploaded zip
    std::string python; ///< wanted: "3.11"
    int memory_mb = 128;
    std::size_t max_answer_bytes = 6u * 1024 * 1024 + 100; ///< 413 to the runtime beyond
    Milliseconds timeout{3000};
    Milliseconds init_timeout{10'000};
    std::map<std::string, std::string> environment; ///< of the provider and of the user
    /// Program and arguments after the interpreter; "{task}" is replaced by the unpacked package's directory.
    std::vector<std::string> arguments;
    /// Files of the emulator's runtime, put beside the package (read-only) at /opt/pyfops-runtime, where
    /// `pyfops_instance.py` (events from the pool, answers back) lies for every one of them.
    std::map<std::string, std::string> runtime_files;
};

/// One event's end.
struct ExecutionResult {
    enum class Outcome { answered, function_error, init_error, timed_out, out_of_memory, exited };
    Outcome outcome = Outcome::answered;
    std::string body;       ///< answer, or the error document that the runtime posted
    std::string error_type; ///< Lambda-Runtime-Function-Error-Type
    std::string content_type;
    std::string logs; ///< what the function printed for this event (and its init when cold), bounded
    double duration_ms = 0;
    std::optional<double> init_ms; ///< present: cold start
    int memory_used_mb = 0;        ///< peak of the instance
    std::string ran_on;            ///< "3.11.2"
    int exit_code = 0;
    int signal = 0;
};

/// Runs functions in sandboxed processes behind the Lambda Runtime API (2018-06-01), which it serves to each
/// instance on a listener of that instance's own: warm instances are reused, one event at a time, concurrent
/// events on several instances; an instance that ran out of memory or time, or ended, is replaced. Used from
/// the emulator's thread.
class PYFOPS_EXPORT InstancePool {
  public:
    virtual ~InstancePool();
    /// `headers` go to the runtime as they are (Lambda-Runtime-*), beside request id and deadline.
    virtual Task<ExecutionResult> execute(std::shared_ptr<const FunctionImage> image, std::string request_id,
                                          std::string event, HttpHeaders headers) = 0;
    /// Ends every instance of that image id (after an update or removal); running events finish first.
    virtual void retire(const std::string& image_id) = 0;
    /// Sentences about what the sandbox does not enforce and which interpreters there are.
    virtual std::vector<std::string> notices() const = 0;
};

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_processes.hpp"

#include "pyfops/error.hpp"

namespace pyfops::testing {

Task<ProcessResult> FakeProcesses::run(ProcessRequest request, Deadline) {
    requests.push_back(request);
    if (!handler)
        throw Error(ErrorKind::not_found,
                    "program not found: " + (request.command.empty() ? std::string() : request.command[0]));
    co_return handler(request);
}

} // namespace pyfops::testing

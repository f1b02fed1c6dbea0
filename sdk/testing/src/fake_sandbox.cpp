// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_sandbox.hpp"

#include "pyfops/error.hpp"

namespace pyfops::testing {

std::unique_ptr<SandboxProcess> FakeSandbox::start(SandboxRequest) {
    throw Error(ErrorKind::internal, "FakeSandbox starts no process");
}

Task<Sandbox::Result> FakeSandbox::run(SandboxRequest request, Deadline) {
    requests.push_back(request);
    if (!handler) throw Error(ErrorKind::internal, "FakeSandbox has no handler");
    co_return handler(request);
}

} // namespace pyfops::testing

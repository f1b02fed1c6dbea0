// SPDX-License-Identifier: Apache-2.0
// Out-of-line parts of the small value types, and the key functions of the interfaces.
#include "pyfops/deployment.hpp"
#include "pyfops/http.hpp"
#include "pyfops/package.hpp"
#include "pyfops/process.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/sandbox.hpp"
#include "pyfops/store.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace pyfops {

HttpClient::~HttpClient() = default;
Processes::~Processes() = default;
SandboxProcess::~SandboxProcess() = default;
Sandbox::~Sandbox() = default;
PackageBuilder::~PackageBuilder() = default;
Wrapper::~Wrapper() = default;
Packager::~Packager() = default;
Deployer::~Deployer() = default;
Tester::~Tester() = default;
Provider::~Provider() = default;
Store::~Store() = default;

const ProviderInfo& Provider::offer(const json::object&) const {
    return info();
}

void Provider::validate_settings(const json::object&, const std::string&, Diagnostics&) const {}

const json::object& no_settings() noexcept {
    static const json::object none;
    return none;
}

PythonPlatform platform_of(const Target& target) {
    PythonPlatform platform;
    platform.python = target.python;
    platform.architecture = target.architecture == "arm64" ? "aarch64" : target.architecture;
    if (!target.glibc.empty()) platform.glibc = target.glibc;
    return platform;
}

std::string_view to_string(DeployAction action) noexcept {
    switch (action) {
    case DeployAction::created:
        return "created";
    case DeployAction::updated:
        return "updated";
    case DeployAction::unchanged:
        return "unchanged";
    }
    return "unchanged";
}

std::string_view to_string(FunctionError::Cause cause) noexcept {
    switch (cause) {
    case FunctionError::Cause::raised:
        return "raised";
    case FunctionError::Cause::timed_out:
        return "timed out";
    case FunctionError::Cause::out_of_memory:
        return "out of memory";
    case FunctionError::Cause::exited:
        return "exited";
    case FunctionError::Cause::not_loaded:
        return "not loaded";
    case FunctionError::Cause::bad_answer:
        return "bad answer";
    }
    return "raised";
}

bool MemoryRule::allows(int megabytes) const noexcept {
    if (!sizes.empty()) return std::find(sizes.begin(), sizes.end(), megabytes) != sizes.end();
    return megabytes >= minimum && megabytes <= maximum && (megabytes - minimum) % step == 0;
}

int MemoryRule::nearest(int megabytes) const noexcept {
    if (!sizes.empty()) {
        const auto next = std::lower_bound(sizes.begin(), sizes.end(), megabytes);
        return next == sizes.end() ? sizes.back() : *next;
    }
    const int clamped = std::clamp(megabytes, minimum, maximum);
    return std::min(maximum, minimum + (clamped - minimum + step - 1) / step * step);
}

} // namespace pyfops

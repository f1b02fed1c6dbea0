// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/sandbox_factory.hpp"
#include "pyfops/error.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace pyfops {

struct SandboxFixture {
    explicit SandboxFixture(SandboxOptions options = {})
        : sandbox(make_sandbox(context.get_executor(), real_clock(), null_log(), std::move(options))) {}

    static SandboxRequest python(const std::string& code) {
        SandboxRequest request;
        request.command = {"/usr/bin/python3", "-I", "-c", code};
        request.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}};
        return request;
    }
    static SandboxRequest shell(const std::string& script) {
        SandboxRequest request;
        request.command = {"/bin/sh", "-c", script};
        request.environment = {{"PATH", "/usr/bin:/bin"}};
        return request;
    }
    Sandbox::Result run(SandboxRequest request, Milliseconds limit = Milliseconds(30'000)) {
        return run_task(context, sandbox->run(std::move(request), Deadline::after(real_clock(), limit)));
    }

    boost::asio::io_context context;
    std::unique_ptr<Sandbox> sandbox;
};

/// Until the kernel has done it, at most ten seconds.
template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 5000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

/// Control groups of this process below any hierarchy.
inline std::vector<std::string> groups_named(const std::string& part) {
    std::vector<std::string> found;
    std::error_code failure;
    for (auto at = std::filesystem::recursive_directory_iterator("/sys/fs/cgroup", failure);
         at != std::filesystem::recursive_directory_iterator(); at.increment(failure))
        if (at->path().filename().string().starts_with("pyfops.") &&
            at->path().filename().string().find(part) != std::string::npos)
            found.push_back(at->path().string());
    return found;
}

} // namespace pyfops

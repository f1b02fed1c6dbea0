// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/pipeline.hpp"
#include "pyfops/system.hpp"
#include "pyfops/testing/fake_host.hpp"
#include "pyfops/testing/fake_provider.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <memory>

namespace pyfops {

/// A project of two functions on two regions of a fake provider.
struct World {
    World() {
        write_file(directory.path() / "code" / "a.py", "def handler(event):\n    return event\n");
        project.name = "shop";
        project.directory = directory.path();
        project.functions = {function("sell"), function("buy")};
        project.deployments = {{"fake", {"r1", "r2"}, {}, std::nullopt, "/deployments/0"}};
        auto owned = std::make_unique<testing::FakeProvider>();
        provider = owned.get();
        plugins.add(std::move(owned), "this test");
    }

    FunctionSpec function(const std::string& name) const {
        FunctionSpec spec;
        spec.name = name;
        spec.source = directory.path() / "code";
        spec.module = "a";
        spec.callable = "handler";
        spec.tests = {
            {"same", json::object{{"n", 1}}, {Expectation::Kind::exact, json::object{{"n", 1}}}, 1}};
        return spec;
    }

    /// Without the handler check: the host's sandbox is a fake.
    RunRequest request() const {
        RunRequest request{project};
        request.check_handlers = false;
        return request;
    }
    RunReport run(RunRequest request) {
        Pipeline pipeline(host.host, plugins, store.get(), journal.get());
        return host.run(pipeline.run(std::move(request)));
    }
    std::size_t count(const std::string& prefix) const {
        return static_cast<std::size_t>(
            std::count_if(provider->calls.begin(), provider->calls.end(),
                          [&](const auto& call) { return call.starts_with(prefix); }));
    }

    TemporaryDirectory directory;
    testing::FakeHost host;
    Project project;
    PluginRegistry plugins{{}};
    testing::FakeProvider* provider = nullptr;
    std::unique_ptr<Store> store;
    std::unique_ptr<Journal> journal;
};

} // namespace pyfops

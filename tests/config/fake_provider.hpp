// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/provider.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pyfops::test {

/// A provider that knows two regions and sizes in steps of 64 MB; it has no stages.
class FakeProvider : public Provider {
  public:
    FakeProvider() {
        info_.id = "fake";
        info_.title = "Fake Functions";
        info_.afcl_name = "Fakery";
        info_.afcl_short = "FK";
        info_.regions = {{"moon-1", "Tranquillity"}, {"mars-1", "Olympus"}};
        info_.memory.minimum = 128;
        info_.memory.maximum = 1024;
        info_.memory.step = 64;
        info_.memory.standard = 256;
        info_.limits.timeout_maximum = 60;
        info_.settings = {{"role", SettingInfo::Type::string, "Role of the functions.", {}},
                          {"tier", SettingInfo::Type::string, "How fast.", {"slow", "fast"}},
                          {"public", SettingInfo::Type::boolean, "Open to all.", {}},
                          {"retention", SettingInfo::Type::integer, "Days.", {}},
                          {"layers", SettingInfo::Type::string_list, "Shared code.", {}},
                          {"tags", SettingInfo::Type::object, "Labels.", {}}};
    }
    const ProviderInfo& info() const override { return info_; }
    Target resolve(const ResolveRequest& request, Diagnostics& diagnostics) const override {
        if (request.identity.function == "explosive") throw std::runtime_error("boom");
        const bool known =
            std::any_of(info_.regions.begin(), info_.regions.end(),
                        [&](const RegionInfo& region) { return region.code == request.identity.region; });
        if (!known)
            diagnostics.add({Severity::error,
                             "unknown-region",
                             "no region '" + request.identity.region + "'",
                             "known: moon-1, mars-1",
                             request.deployment_path + "/regions",
                             {}});
        if (request.function.timeout_seconds > info_.limits.timeout_maximum)
            diagnostics.add({Severity::error,
                             "timeout-limit",
                             "at most 60 seconds",
                             "",
                             request.function_path + "/timeout",
                             {}});
        Target target;
        target.identity = request.identity;
        target.memory_mb = info_.memory.nearest(request.memory_mb.value_or(info_.memory.standard));
        return target;
    }
    void validate_settings(const json::object& settings, const std::string& path,
                           Diagnostics& diagnostics) const override {
        if (settings.contains("role") && settings.contains("public"))
            diagnostics.add(
                {Severity::warning, "odd-role", "a public function needs no role", "", path + "/role", {}});
    }
    Task<Account> account(const json::object&, const std::string&, StageContext&) override {
        return none<Account>();
    }
    Wrapper& wrapper() override { return none<Wrapper&>(); }
    Packager& packager() override { return none<Packager&>(); }
    Deployer& deployer() override { return none<Deployer&>(); }
    Tester& tester() override { return none<Tester&>(); }

  private:
    template <class T>
    struct TaskOf {
        using type = Task<T>;
    };
    template <class T>
    struct TaskOf<T&> {
        using type = T&;
    };
    template <class T>
    static typename TaskOf<T>::type none() {
        throw Error(ErrorKind::internal, "the fake provider has no stages");
    }
    ProviderInfo info_;
};

} // namespace pyfops::test

// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include "pyfops/crypto.hpp"

#include <regex>

namespace pyfops::conformance {

Site::Site(const Quirks& its_quirks, Cloud& its_cloud)
    : quirks(its_quirks),
      cloud(its_cloud),
      project("conf" + hex(random_bytes(4))) {
    cloud.faults();
}

Bench& Site::add(std::unique_ptr<Bench> one) {
    benches_.push_back(std::move(one));
    return *benches_.back();
}

Bench& Site::bench() {
    return add(std::make_unique<Bench>(quirks, cloud, project));
}

Bench& Site::bench_without_credentials() {
    return add(std::make_unique<Bench>(quirks, cloud, project, false));
}

Bench& Site::stranger() {
    return add(std::make_unique<Bench>(quirks, cloud, "other" + project));
}

json::array Site::refusals(const std::vector<std::string>& operations, const Refusal& refusal, int times,
                           int retry_after) const {
    json::array rules;
    for (const std::string& operation : operations) {
        json::object rule{{"operation", operation}, {"action", "status"}, {"status", refusal.status}};
        if (!refusal.code.empty()) rule["code"] = refusal.code;
        if (times > 0) rule["times"] = times;
        if (retry_after >= 0) rule["retry_after"] = retry_after;
        rules.push_back(std::move(rule));
    }
    return rules;
}

std::vector<std::string> Site::left_behind(const std::set<std::string>& before) const {
    static const std::regex any_project("conf[0-9a-f]{8}");
    std::vector<std::string> left;
    for (const std::string& name : cloud.documents()) {
        const bool another = std::regex_search(name, any_project) && name.find(project) == std::string::npos;
        if (!before.contains(name) && !another) left.push_back(name);
    }
    return left;
}

void clear(Site& site) {
    site.cloud.faults();
    Bench& bench = site.bench();
    for (const Deployment& one : bench.list()) {
        Wanted wanted;
        wanted.function = one.identity.function;
        bench.remove(wanted);
    }
    bench.remove_shared();
}

} // namespace pyfops::conformance

// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"

#include "checks/groups.hpp"
#include "pyfops/diagnostics.hpp"
#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

const Check* find_check(const std::string& id) {
    const auto found =
        std::find_if(checks().begin(), checks().end(), [&](const Check& check) { return check.id == id; });
    return found == checks().end() ? nullptr : &*found;
}

void require_known(const std::string& id) {
    if (find_check(id)) return;
    std::vector<std::string> ids;
    for (const Check& check : checks())
        ids.emplace_back(check.id);
    const std::string close = nearest(id, ids);
    throw Error(ErrorKind::invalid_input, "there is no check named '" + id + "'")
        .hint(close.empty() ? "--list shows them all" : "did you mean '" + close + "'?");
}

CheckResult run_one(const Check& check, const Quirks& quirks, Cloud& cloud) {
    CheckResult result{std::string(check.id), std::string(check.sentence), Outcome::passed, {}, {}};
    const SteadyTime start = real_clock().steady_now();
    try {
        Site site(quirks, cloud);
        check.run(site);
    } catch (const Unmet& reason) {
        result.outcome = Outcome::failed;
        result.reason = reason.reason;
    } catch (const std::exception& failure) {
        result.outcome = Outcome::failed;
        result.reason = failure.what();
    }
    result.duration = std::chrono::duration_cast<Milliseconds>(real_clock().steady_now() - start);
    return result;
}

} // namespace

const std::vector<Check>& checks() {
    static const std::vector<Check> all = [] {
        std::vector<Check> list;
        for (const Checks& group :
             {deploying(), configuring(), removing(), listing(), lost_answers(), refusals(), states(),
              ownership(), interruptions(), network(), secrets(), answers(), endings(), instances()})
            list.insert(list.end(), group.begin(), group.end());
        return list;
    }();
    return all;
}

std::string_view to_string(Outcome outcome) noexcept {
    switch (outcome) {
    case Outcome::passed:
        return "passed";
    case Outcome::failed:
        return "failed";
    case Outcome::not_applicable:
        return "not applicable";
    }
    return "";
}

bool Report::passed() const noexcept {
    return std::none_of(results.begin(), results.end(),
                        [](const CheckResult& result) { return result.outcome == Outcome::failed; });
}

bool Report::applies() const noexcept {
    return std::any_of(results.begin(), results.end(),
                       [](const CheckResult& result) { return result.outcome != Outcome::not_applicable; });
}

json::object Report::to_json() const {
    json::array list;
    for (const CheckResult& result : results)
        list.push_back(json::object{{"id", result.id},
                                    {"sentence", result.sentence},
                                    {"outcome", to_string(result.outcome)},
                                    {"reason", result.reason},
                                    {"duration_ms", result.duration.count()}});
    return {{"schema", "pyfops.conformance/1"},
            {"provider", provider},
            {"passed", passed()},
            {"checks", std::move(list)}};
}

Report run(const Quirks& quirks, const SuiteOptions& options) {
    for (const auto& [id, reason] : quirks.not_applicable)
        require_known(id);
    for (const std::string& id : options.only)
        require_known(id);
    const auto wanted = [&](const Check& check) {
        return options.only.empty() ||
               std::find(options.only.begin(), options.only.end(), check.id) != options.only.end();
    };
    Report report{quirks.provider, {}};
    std::unique_ptr<Cloud> cloud;
    for (const Check& check : checks()) {
        if (!wanted(check)) continue;
        const auto why_not = quirks.not_applicable.find(std::string(check.id));
        if (why_not != quirks.not_applicable.end()) {
            report.results.push_back({std::string(check.id),
                                      std::string(check.sentence),
                                      Outcome::not_applicable,
                                      why_not->second,
                                      {}});
        } else {
            if (!cloud) cloud = std::make_unique<Cloud>(quirks, options.plugin_path);
            report.results.push_back(run_one(check, quirks, *cloud));
        }
        if (options.on_result) options.on_result(report.results.back());
    }
    return report;
}

} // namespace pyfops::conformance

// SPDX-License-Identifier: Apache-2.0
// What every provider must do, bundled or not: its real stages, through a real host, against its own local
// stand-in, which runs what is deployed. See docs/conformance.md.
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/conformance/quirks.hpp"

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::conformance {

class Site;

/// One demand: a name, and a sentence that is true of a provider that passes.
struct Check {
    std::string_view id;
    std::string_view sentence;
    void (*run)(Site&); ///< throws when the sentence is not true
};

/// All of them, in the order in which they are run.
const std::vector<Check>& checks();

enum class Outcome { passed, failed, not_applicable };
std::string_view to_string(Outcome outcome) noexcept;

struct CheckResult {
    std::string id;
    std::string sentence;
    Outcome outcome = Outcome::passed;
    std::string reason; ///< of `failed` and `not_applicable`
    Milliseconds duration{};
};

struct Report {
    std::string provider;
    std::vector<CheckResult> results;
    bool passed() const noexcept;  ///< nothing failed
    bool applies() const noexcept; ///< something was checked
    json::object to_json() const;
};

struct SuiteOptions {
    std::vector<std::filesystem::path> plugin_path; ///< where provider and face lie; empty: the usual places
    std::vector<std::string> only;                  ///< ids of checks; empty: all
    std::function<void(const CheckResult&)> on_result;
};

/// Runs the checks against one local cloud in a temporary directory. Blocking. Throws Error(invalid_input)
/// for an unknown check in `options` or `quirks`, and what keeps the cloud from starting.
Report run(const Quirks& quirks, const SuiteOptions& options);

/// The whole main() of a test program: [--list] [--json] [--plugins DIR]... [--check ID]...
/// Returns 0 when all checks passed, 1 when one failed, 77 when none applies, 2 for wrong usage.
int main(int argc, char** argv, const Quirks& quirks);

} // namespace pyfops::conformance

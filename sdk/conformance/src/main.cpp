// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"
#include "pyfops/error.hpp"

#include <iomanip>
#include <iostream>
#include <string_view>

namespace pyfops::conformance {
namespace {

constexpr const char* usage =
    "[--list] [--json] [--plugins DIRECTORY]... [--check ID]...\n"
    "  --list      the checks, one a line, and run none\n"
    "  --json      the report as JSON on standard output\n"
    "  --plugins   where provider and face lie (default: where pyfOps looks for plugins)\n"
    "  --check     run this one only\n";

/// What ctest takes for "skipped" (SKIP_RETURN_CODE), as automake does.
constexpr int nothing_applies = 77;

struct Wish {
    bool list = false;
    bool json = false;
    SuiteOptions options;
};

std::optional<Wish> read(int argc, char** argv) {
    Wish wish;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--list")
            wish.list = true;
        else if (word == "--json")
            wish.json = true;
        else if (word == "--plugins" && i + 1 < argc)
            wish.options.plugin_path.emplace_back(argv[++i]);
        else if (word == "--check" && i + 1 < argc)
            wish.options.only.emplace_back(argv[++i]);
        else
            return std::nullopt;
    }
    return wish;
}

void print(const CheckResult& result) {
    const char* word = result.outcome == Outcome::passed   ? "passed "
                       : result.outcome == Outcome::failed ? "FAILED "
                                                           : "skipped";
    std::cout << word << ' ' << std::left << std::setw(26) << result.id << ' ' << result.sentence;
    if (result.outcome == Outcome::passed) std::cout << " (" << result.duration.count() << " ms)";
    std::cout << '\n';
    if (!result.reason.empty()) std::cout << "         " << result.reason << '\n';
    std::cout.flush();
}

} // namespace

int main(int argc, char** argv, const Quirks& quirks) {
    std::optional<Wish> wish = read(argc, argv);
    if (!wish) {
        std::cerr << "usage: " << argv[0] << ' ' << usage;
        return 2;
    }
    if (wish->list) {
        for (const Check& check : checks())
            std::cout << check.id << '\t' << check.sentence << '\n';
        return 0;
    }
    try {
        if (!wish->json) wish->options.on_result = &print;
        const Report report = run(quirks, wish->options);
        if (wish->json) std::cout << pretty_json(report.to_json()) << '\n';
        if (!report.passed()) return 1;
        return report.applies() ? 0 : nothing_applies;
    } catch (const Error& failure) {
        std::cerr << failure.what() << '\n';
        return failure.kind() == ErrorKind::invalid_input ? 2 : 1;
    }
}

} // namespace pyfops::conformance

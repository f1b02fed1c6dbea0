// SPDX-License-Identifier: Apache-2.0
// What the sandbox costs: the start of a program and of Python in it, and a function's event on a warm
// instance of the local cloud. Usage: sandbox_bench
#include "instances/pool_fixture.hpp"
#include "sandbox/sandbox_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace pyfops;

namespace {

/// In milliseconds, the shortest first.
template <class Work>
std::vector<double> times(int rounds, Work work) {
    std::vector<double> all;
    for (int i = 0; i < rounds; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        all.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(all.begin(), all.end());
    return all;
}

void measure_starts() {
    SandboxFixture fixture;
    fixture.sandbox->abilities();
    SandboxRequest offline = SandboxFixture::python("pass");
    offline.network = false;
    const auto line = [&fixture](const char* what, const SandboxRequest& request) {
        fmt::print("{:<44} {:8.2f} ms\n", what, times(15, [&] { fixture.run(request); })[7]);
    };
    line("start of true, median", SandboxFixture::shell("true"));
    line("start of python3, median", SandboxFixture::python("pass"));
    line("start of python3 without network, median", offline);
}

void measure_events() {
    PoolFixture fixture;
    const auto image = PoolFixture::app("def handler(e, c):\n    return e\n");
    const ExecutionResult cold = fixture.run(image);
    const std::vector<double> warm =
        times(300, [&] { fixture.run(image, R"({"width": 200, "names": ["a", "b"]})"); });
    fmt::print("{:<44} {:8.2f} ms\n", "initialisation of a cold instance", cold.init_ms.value_or(0));
    fmt::print("{:<44} {:8.2f} ms\n", "event on a warm instance, median", warm[150]);
    fmt::print("{:<44} {:8.2f} ms\n", "event on a warm instance, 95 % are below", warm[285]);
}

} // namespace

int main() {
    measure_starts();
    measure_events();
}

// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include "site.hpp"

#include <algorithm>
#include <thread>

namespace pyfops::conformance {
namespace {

Invocation probed(Bench& bench, const Deployment& made) {
    Invocation answer = bench.invoke(made, json::object{{"n", 1}}, true);
    require(!answer.error && answer.output && canonical_json(*answer.output) == R"({"n":1})",
            "a probe call does not give the function's answer");
    require(answer.cold.has_value(), "a probe call does not tell whether the instance was cold");
    require(!answer.instance.empty() && !answer.ran_on.empty(),
            "a probe call does not tell the instance or its Python");
    require(answer.peak_rss_kb.value_or(0) > 1000, "a probe call does not tell the memory that was used");
    require(answer.duration_ms.has_value(), "a probe call does not tell how long the handler ran");
    return answer;
}

void cold_and_warm(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const Invocation first = probed(bench, made);
    require(*first.cold, "the first call of a new deployment is not cold");
    const Invocation second = probed(bench, made);
    require(!*second.cold, "the second call is not warm");
    require(second.instance == first.instance, "the second call is answered by another instance");
    const Deployment updated = bench.deploy({.version = "2"});
    const Invocation third = probed(bench, updated);
    require(*third.cold && third.instance != first.instance, "new code is run by an old instance");
    const Invocation usual = bench.invoke(updated, 1);
    require(usual.ran_on.empty() || usual.ran_on == third.ran_on, "two calls ran on different Pythons");
    require(usual.round_trip.count() > 0, "a call took no time");
}

void probe_key(Site& site) {
    Bench& bench = site.bench();
    Deployment made = bench.deploy();
    require(!made.probe_key.empty(), "deploy does not give the probe key");
    const std::optional<Deployment> found = site.bench().find();
    require(found && found->probe_key.expose() == made.probe_key.expose(), "find gives another probe key");
    const Deployment updated = bench.deploy({.version = "2"});
    require(updated.probe_key.expose() == made.probe_key.expose(), "new code changes the probe key");
    made.probe_key = Secret("a-guessed-probe-key");
    require_failure(failure_of([&] { bench.invoke(made, 1, true); }), ErrorKind::conflict,
                    "a probe call with a guessed key");
}

bool holds(const std::vector<LogLine>& lines, const std::string& text) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const LogLine& line) { return line.text.find(text) != std::string::npos; });
}

void logs(Site& site) {
    Bench& bench = site.bench();
    const SystemTime start = real_clock().system_now() - std::chrono::seconds(2);
    const Deployment made = bench.deploy();
    require(bench.tell(made, {"print", {"first-mark", "Grüße-mark", "last-mark"}}) == 3, "print fails");
    std::vector<LogLine> lines;
    for (int attempt = 0; attempt < 100 && !holds(lines, "last-mark"); ++attempt) {
        std::this_thread::sleep_for(Milliseconds(50));
        lines = bench.logs(made, start);
    }
    for (const char* mark : {"first-mark", "Grüße-mark", "last-mark"})
        require(holds(lines, mark), std::string("the log does not have the printed line ") + mark);
    const auto older = [](const LogLine& a, const LogLine& b) { return a.time < b.time; };
    require(std::is_sorted(lines.begin(), lines.end(), older),
            "log lines are not in the order of their times");
    for (const LogLine& line : lines)
        require(line.time >= start && line.time < real_clock().system_now() + std::chrono::minutes(1),
                "a log line has the time " + to_iso8601(line.time));
    const std::vector<LogLine> newest = bench.logs(made, start, 2);
    require(newest.size() == 2, "two log lines were asked for, and others come");
    require(!holds(newest, "first-mark"), "of more lines than were asked for the newest must come");
    require(bench.logs(made, real_clock().system_now() + std::chrono::hours(1)).empty(),
            "log lines come that are older than was asked for");
}

} // namespace

Checks instances() {
    return {
        {"instance.cold-and-warm", "a new deployment starts cold, then warm; new code starts cold again",
         &cold_and_warm},
        {"instance.probe-key", "only who knows a deployment's probe key is told what was measured",
         &probe_key},
        {"instance.logs", "what a function prints is in its log", &logs},
    };
}

} // namespace pyfops::conformance

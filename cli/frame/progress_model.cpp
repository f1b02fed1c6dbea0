// SPDX-License-Identifier: Apache-2.0
#include "frame/progress_model.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

/// What a stage is called while it runs.
std::string_view doing(Stage stage) {
    switch (stage) {
    case Stage::plan:
        return "planning";
    case Stage::wrap:
        return "wrapping";
    case Stage::package:
        return "packaging";
    case Stage::deploy:
        return "deploying";
    case Stage::tune:
        return "tuning";
    case Stage::test:
        return "testing";
    case Stage::record:
        return "recording";
    }
    return "working";
}

std::string amount(std::size_t done, std::size_t total) {
    if (total == 0) return {};
    // Small totals count things, large ones bytes.
    return total > 4096 ? fmt::format("{} of {}", human_size(done), human_size(total))
                        : fmt::format("{}/{}", done, total);
}

std::string bar(std::size_t done, std::size_t total, std::size_t width) {
    const std::size_t filled = total == 0 ? 0 : std::min(width, done * width / total);
    std::string text(filled, '=');
    if (filled < width) text += '>';
    return "[" + pad_right(text, width) + "]";
}

std::string retry_line(const RetryScheduled& event) {
    return escape_control(fmt::format("{}: {}; attempt {} in {}", event.operation, event.reason,
                                      event.attempt + 1, human_duration(event.delay)));
}

} // namespace

std::string name_of(const Subject& subject) {
    std::string name = subject.function;
    if (!subject.provider.empty()) {
        if (!name.empty()) name += ' ';
        name += subject.provider;
        if (!subject.region.empty()) name += "/" + subject.region;
    }
    if (!subject.slot.empty() && subject.slot != "auto") name += " [" + subject.slot + "]";
    return escape_control(name);
}

void ProgressModel::take(const Event& event, SteadyTime now) {
    std::visit(Overloaded{
                   [&](const RunStarted& e) {
                       deployments_ = e.deployments;
                       started_ = now;
                   },
                   [&](const RunFinished&) { running_.clear(); },
                   [&](const StageStarted& e) {
                       running_[name_of(e.subject)] = {name_of(e.subject), e.stage, {}, 0, 0, now};
                   },
                   [&](const StageProgress& e) {
                       Step& step = running_[name_of(e.subject)];
                       if (step.started == SteadyTime{}) step = {name_of(e.subject), e.stage, {}, 0, 0, now};
                       step.what = e.what;
                       step.done = e.done;
                       step.total = e.total;
                   },
                   [&](const StageFinished& e) {
                       const std::string key = name_of(e.subject);
                       running_.erase(key);
                       if (e.subject.region.empty()) return; // shared by several deployments
                       if (e.failure) failed_.insert(key);
                       if (e.failure || e.stage == last_) through_.insert(key);
                   },
                   [](const RetryScheduled&) {},
                   [](const Notice&) {},
               },
               event);
}

std::vector<std::string> ProgressModel::lines(std::size_t width, std::size_t height, SteadyTime now,
                                              bool colour) const {
    if (!started_ && running_.empty()) return {};
    std::vector<const Step*> steps;
    for (const auto& [key, step] : running_)
        steps.push_back(&step);
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step* a, const Step* b) { return a->started < b->started; });
    const auto since = [now](SteadyTime time) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - time);
        return seconds.count() < 60 ? fmt::format("{} s", seconds.count()) : human_duration(seconds);
    };
    std::size_t title_width = 0;
    for (const Step* step : steps)
        title_width = std::max(title_width, display_width(step->title));
    title_width = std::min(title_width, width / 2);

    std::vector<std::string> result;
    const std::size_t room = height > 2 ? height - 2 : 1;
    const std::size_t shown = steps.size() <= room ? steps.size() : room - 1;
    for (std::size_t i = 0; i < shown; ++i) {
        const Step& step = *steps[i];
        std::string text = "  " + pad_right(cut_to_width(step.title, title_width), title_width) + "  ";
        text += doing(step.stage);
        if (!step.what.empty()) text += ": " + escape_control(step.what);
        if (const std::string how_much = amount(step.done, step.total); !how_much.empty())
            text += " " + how_much;
        if (now - step.started >= std::chrono::seconds(2)) text += " " + since(step.started);
        result.push_back(cut_to_width(text, width));
    }
    if (shown < steps.size())
        result.push_back(cut_to_width(fmt::format("  and {} more", steps.size() - shown), width));
    if (started_ && deployments_ > 0) {
        std::string total = fmt::format(" {}/{} deployments", through_.size(), deployments_);
        const std::string failures = failed_.empty() ? "" : fmt::format(", {} failed", failed_.size());
        const std::string time = " " + since(*started_);
        const std::size_t used = total.size() + failures.size() + time.size() + 2;
        std::string line = used + 10 <= width
                               ? bar(through_.size(), deployments_, std::min<std::size_t>(40, width - used))
                               : std::string();
        if (line.empty()) {
            line = cut_to_width(total.substr(1) + failures + time, width);
        } else {
            line += total + coloured(failures, "31", colour) + time;
        }
        result.push_back(line);
    }
    return result;
}

std::string plain_line(const Event& event, int verbose, std::size_t longest) {
    return std::visit(
        Overloaded{
            [](const RunStarted& e) {
                return e.deployments == 0 ? std::string() : counted(e.deployments, "deployment");
            },
            [](const RunFinished&) { return std::string(); },
            [&](const StageStarted& e) {
                return verbose < 1 ? std::string()
                                   : fmt::format("{}: {}", name_of(e.subject), doing(e.stage));
            },
            [&](const StageProgress& e) {
                if (verbose < 2) return std::string();
                return escape_control(fmt::format("{}: {}: {} {}", name_of(e.subject), doing(e.stage), e.what,
                                                  amount(e.done, e.total)));
            },
            [&](const StageFinished& e) {
                const bool quick =
                    e.stage == Stage::plan || e.stage == Stage::wrap || e.stage == Stage::record;
                if (!e.failure && quick && verbose < 1) return std::string();
                const std::string outcome =
                    e.failure ? "failed: " + (longest > 0 ? cut_to_width(*e.failure, longest) : *e.failure)
                    : e.outcome.empty() ? "done"
                                        : e.outcome;
                return escape_control(fmt::format("{}: {}: {} ({})", name_of(e.subject), to_string(e.stage),
                                                  outcome, human_duration(e.duration)));
            },
            [&](const RetryScheduled& e) {
                return verbose < 1 && e.delay < Milliseconds(2000) ? std::string() : retry_line(e);
            },
            [&](const Notice& e) {
                // Those of a deployment stand below the result.
                if (!e.subject.function.empty() && verbose < 1) return std::string();
                const std::string name = name_of(e.subject);
                return "note: " + escape_control(name.empty() ? e.text : name + ": " + e.text);
            },
        },
        event);
}

} // namespace pyfops::cli

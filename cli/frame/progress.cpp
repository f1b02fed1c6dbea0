// SPDX-License-Identifier: Apache-2.0
#include "frame/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace pyfops::cli {

namespace {

constexpr Milliseconds redraw_interval{80};
constexpr std::size_t longest_reason = 160;

struct Size {
    std::size_t width, height;
};

/// Asked again for each picture: windows are resized.
Size terminal_size(std::size_t width) {
    winsize size{};
    if (::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
        return {size.ws_col, size.ws_row};
    return {width, 24};
}

} // namespace

Progress::Progress(Console& console, Stage last)
    : console_(console),
      live_(console.err().terminal && !console.options().quiet),
      model_(last) {
    if (live_) ticker_ = std::thread([this] { tick(); });
}

Progress::~Progress() {
    finish();
}

void Progress::finish() {
    {
        const std::lock_guard lock(mutex_);
        if (finished_) return;
        finished_ = true;
    }
    wake_.notify_all();
    if (ticker_.joinable()) ticker_.join();
    if (live_) console_.screen().clear();
}

void Progress::on(const Event& event) noexcept {
    try {
        const Console::Options& options = console_.options();
        if (options.quiet) return;
        // On a terminal the region tells what went well; what did not stays readable above it.
        const auto* finished = std::get_if<StageFinished>(&event);
        const bool drawn_anyway =
            live_ && options.verbose == 0 &&
            (std::holds_alternative<RunStarted>(event) || (finished && !finished->failure));
        // On a terminal the whole reason stands below the result in a moment; a log is searched by its lines.
        const std::size_t longest = console_.err().terminal ? longest_reason : 0;
        const std::string line = drawn_anyway ? std::string() : plain_line(event, options.verbose, longest);
        if (!line.empty()) console_.screen().print(line);
        if (!live_) return;
        const std::lock_guard lock(mutex_);
        const SteadyTime now = std::chrono::steady_clock::now();
        model_.take(event, now);
        if (now - drawn_ >= redraw_interval) draw();
    } catch (...) {
        // A picture less; the run goes on.
    }
}

void Progress::tick() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, redraw_interval, [this] { return finished_; }))
        draw();
}

void Progress::draw() {
    if (finished_) return;
    drawn_ = std::chrono::steady_clock::now();
    const Size size = terminal_size(console_.err().width);
    // One column is left free: a full last column makes some terminals wrap.
    std::vector<std::string> lines =
        model_.lines(size.width > 1 ? size.width - 1 : 1, size.height, drawn_, console_.err().colour);
    if (!lines.empty()) console_.screen().draw(std::move(lines));
}

} // namespace pyfops::cli

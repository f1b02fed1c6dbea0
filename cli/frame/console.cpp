// SPDX-License-Identifier: Apache-2.0
#include "frame/console.hpp"

#include "frame/text.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pyfops::cli {

namespace {

std::atomic<bool> cursor_hidden{false};
bool stdout_was_closed = false;

/// 0, or the error number.
int write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN) {
                ::usleep(1000); // somebody made the shared terminal non-blocking
                continue;
            }
            return errno;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

std::size_t terminal_width(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    if (const char* columns = std::getenv("COLUMNS"))
        if (const long width = std::strtol(columns, nullptr, 10); width > 0 && width < 10'000)
            return static_cast<std::size_t>(width);
    return 80;
}

StreamTraits traits_of(int descriptor, bool colour_wanted) {
    StreamTraits traits;
    traits.terminal = ::isatty(descriptor) == 1;
    traits.colour = traits.terminal && colour_wanted;
    if (traits.terminal) traits.width = terminal_width(descriptor);
    return traits;
}

bool dumb_terminal() {
    const char* terminal = std::getenv("TERM");
    return terminal == nullptr || std::string_view(terminal) == "dumb" || *terminal == '\0';
}

bool colour_wanted() {
    const char* no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && !dumb_terminal();
}

} // namespace

void secure_standard_streams() {
    for (int descriptor = 0; descriptor <= 2; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        if (descriptor == 1) stdout_was_closed = true;
        if (::open("/dev/null", O_RDWR) != descriptor) std::_Exit(1);
    }
}

void Screen::print(std::string_view lines) {
    if (lines.empty()) return;
    const std::lock_guard lock(mutex_);
    std::string text = erase();
    text += lines;
    if (text.back() != '\n') text += '\n';
    for (const std::string& line : region_)
        text += line + "\n";
    write_all(2, text);
}

void Screen::draw(std::vector<std::string> lines) {
    if (!terminal_) return;
    const std::lock_guard lock(mutex_);
    std::string text = erase();
    if (!cursor_hidden.exchange(true)) text += "\x1b[?25l";
    for (const std::string& line : lines)
        text += line + "\n";
    region_ = std::move(lines);
    write_all(2, text);
}

void Screen::clear() {
    const std::lock_guard lock(mutex_);
    std::string text = erase();
    region_.clear();
    if (cursor_hidden.exchange(false)) text += "\x1b[?25h";
    write_all(2, text);
}

std::string Screen::erase() {
    if (region_.empty()) return {};
    return "\x1b[" + std::to_string(region_.size()) + "A\r\x1b[J";
}

void Screen::restore_from_signal() noexcept {
    if (cursor_hidden.load()) write_all(2, "\x1b[?25h");
}

Console::Console() : screen_(::isatty(2) == 1 && !dumb_terminal()) {
    configure({});
}

void Console::configure(const Options& options) {
    options_ = options;
    const bool colour = !options.no_color && colour_wanted();
    out_ = traits_of(1, colour);
    err_ = traits_of(2, colour);
    stdin_terminal_ = ::isatty(0) == 1;
    if (stdout_was_closed) out_ = {};
}

void Console::result(std::string_view text) {
    screen_.clear();
    const int failure = stdout_was_closed ? EBADF : write_all(1, text);
    if (failure != 0 && !text.empty()) throw OutputFailed(failure);
}

void Console::result(const json::object& document) {
    result(pretty_json(document) + "\n");
}

std::string Console::shown(std::string_view untrusted, bool keep_lines) const {
    return out_.terminal ? escape_control(untrusted, keep_lines) : std::string(untrusted);
}

bool ConsoleLog::enabled(LogLevel level) const noexcept {
    switch (console_.options().verbose) {
    case 0:
        return level >= LogLevel::warning;
    case 1:
        return level >= LogLevel::info;
    default:
        return true;
    }
}

void ConsoleLog::write(LogLevel level, std::string_view message) noexcept {
    constexpr std::string_view names[] = {"trace", "debug", "info", "warning", "error"};
    try {
        std::string line = escape_control(message);
        line.insert(0, std::string(names[static_cast<std::size_t>(level)]) + ": ");
        console_.screen().print(line);
    } catch (...) {
        // No memory for a log line: the work matters more.
    }
}

} // namespace pyfops::cli

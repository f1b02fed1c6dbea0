// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/json.hpp"
#include "pyfops/log.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::cli {

/// The result could not be written: nobody reads it any more (broken pipe), or it has no place to go.
struct OutputFailed : std::exception {
    explicit OutputFailed(int number) : error_number(number) {}
    int error_number;
};

/// What one of the two output streams can do.
struct StreamTraits {
    bool terminal = false;
    bool colour = false;
    std::size_t width = 0; ///< columns; 0: not limited, since it is no terminal
};

/// Standard error: messages, and on a terminal a region below them that is drawn again and again.
/// Thread-safe; failures to write are ignored (the work goes on when nobody watches).
class Screen {
  public:
    explicit Screen(bool terminal) : terminal_(terminal) {}
    ~Screen() { clear(); }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// Whole lines, above the region. Adds the last line's end when it is missing.
    void print(std::string_view lines);
    /// Replaces the region; each line must fit the width.
    void draw(std::vector<std::string> lines);
    void clear();
    /// For a signal handler: shows the cursor again below what is there.
    static void restore_from_signal() noexcept;

  private:
    std::string erase();
    const bool terminal_;
    std::mutex mutex_;
    std::vector<std::string> region_;
};

/// The two streams of a command: results on stdout, everything else on stderr.
class Console {
  public:
    struct Options {
        bool json = false;
        bool quiet = false;
        int verbose = 0;
        bool no_color = false;
    };
    Console();
    void configure(const Options& options);

    const Options& options() const noexcept { return options_; }
    bool json() const noexcept { return options_.json; }
    const StreamTraits& out() const noexcept { return out_; }
    const StreamTraits& err() const noexcept { return err_; }
    bool stdin_is_terminal() const noexcept { return stdin_terminal_; }
    Screen& screen() noexcept { return screen_; }

    /// Results. Throws OutputFailed.
    void result(std::string_view text);
    /// A result document with its line end. Throws OutputFailed.
    void result(const json::object& document);
    /// For the person, on stderr: always / unless --quiet.
    void error(std::string_view lines) { screen_.print(lines); }
    void note(std::string_view lines) {
        if (!options_.quiet) screen_.print(lines);
    }
    /// Untrusted text as it may be shown on stdout: as it is in a file, without tricks on a terminal.
    std::string shown(std::string_view untrusted, bool keep_lines = false) const;

  private:
    Options options_;
    StreamTraits out_, err_;
    bool stdin_terminal_ = false;
    Screen screen_;
};

/// Diagnostic messages on stderr: warnings always, more with -v and -vv.
class ConsoleLog final : public Log {
  public:
    explicit ConsoleLog(Console& console) : console_(console) {}
    bool enabled(LogLevel level) const noexcept override;
    void write(LogLevel level, std::string_view message) noexcept override;

  private:
    Console& console_;
};

/// Makes sure that 0, 1 and 2 are open, so that no file of ours gets one of these numbers and takes what is
/// meant for a stream. Called once, first. A closed stdout makes `Console::result` fail.
void secure_standard_streams();

} // namespace pyfops::cli

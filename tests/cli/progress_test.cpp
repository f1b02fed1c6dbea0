// SPDX-License-Identifier: Apache-2.0
#include "frame/progress_model.hpp"
#include "frame/text.hpp"

#include <doctest/doctest.h>

using namespace pyfops;
using namespace pyfops::cli;

namespace {

const SteadyTime start = SteadyTime(std::chrono::hours(1));
const Subject eu{"thumbnail", "aws", "eu-central-1", "auto"};
const Subject us{"thumbnail", "aws", "us-east-1", "256"};

SteadyTime after(int seconds) {
    return start + std::chrono::seconds(seconds);
}

} // namespace

TEST_CASE("the region shows what runs and the total") {
    ProgressModel model(Stage::test);
    CHECK(model.lines(80, 24, start, false).empty());
    model.take(RunStarted{3}, start);
    model.take(StageStarted{eu, Stage::deploy}, start);
    model.take(StageStarted{us, Stage::package}, after(1));
    model.take(StageProgress{us, Stage::package, "resolving", 2, 7}, after(1));
    CHECK(model.lines(80, 24, after(4), false) ==
          std::vector<std::string>{"  thumbnail aws/eu-central-1     deploying 4 s",
                                   "  thumbnail aws/us-east-1 [256]  packaging: resolving 2/7 3 s",
                                   "[>                                       ] 0/3 deployments 4 s"});
    model.take(StageFinished{eu, Stage::deploy, Milliseconds(10), {}, "created"}, after(4));
    model.take(StageStarted{eu, Stage::test}, after(4));
    model.take(StageFinished{eu, Stage::test, Milliseconds(10), {}, "1/1 passed"}, after(5));
    model.take(StageFinished{us, Stage::package, Milliseconds(10), "too large", ""}, after(5));
    CHECK(
        model.lines(80, 24, after(5), false) ==
        std::vector<std::string>{"[==========================>             ] 2/3 deployments, 1 failed 5 s"});
}

TEST_CASE("no picture is wider or higher than the terminal") {
    ProgressModel model(Stage::test);
    model.take(RunStarted{100}, start);
    for (int i = 0; i < 100; ++i) {
        const Subject subject{"function-with-a-long-name-" + std::to_string(i), "alibaba", "cn-hangzhou",
                              "auto"};
        model.take(StageStarted{subject, Stage::deploy}, start);
        model.take(StageProgress{subject, Stage::deploy, "waiting \x1b[31m for the state Active", 5'000'000,
                                 9'000'000},
                   start);
    }
    for (const std::size_t width : {1, 10, 33, 80, 200})
        for (const std::size_t height : {1, 3, 10, 50}) {
            CAPTURE(width);
            CAPTURE(height);
            const auto lines = model.lines(width, height, after(100), false);
            CHECK(lines.size() <= std::max<std::size_t>(height, 2));
            for (const std::string& line : lines) {
                CHECK(display_width(line) <= width);
                CHECK(line.find('\x1b') == std::string::npos);
            }
        }
}

TEST_CASE("plain lines tell what matters") {
    CHECK(plain_line(StageFinished{eu, Stage::deploy, Milliseconds(1234), {}, "created"}, 0) ==
          "thumbnail aws/eu-central-1: deploy: created (1.2 s)");
    CHECK(plain_line(StageFinished{eu, Stage::wrap, Milliseconds(1), {}, "3 files"}, 0).empty());
    CHECK(plain_line(StageFinished{eu, Stage::wrap, Milliseconds(1), {}, "3 files"}, 1) ==
          "thumbnail aws/eu-central-1: wrap: 3 files (1 ms)");
    CHECK(plain_line(StageFinished{us, Stage::wrap, Milliseconds(1), "no\x1b[2J", ""}, 0) ==
          "thumbnail aws/us-east-1 [256]: wrap: failed: no\\x1b[2J (1 ms)");
    // The end of a reason says what to do.
    const std::string reason = std::string(300, 'x') + " (remove it)";
    const StageFinished failed{us, Stage::deploy, Milliseconds(1), reason, ""};
    CHECK(plain_line(failed, 0).find("xx (remove it) (1 ms)") != std::string::npos);
    CHECK(plain_line(failed, 0, 20).find("failed: xxxxxxxxxxxxxxxxx... (1 ms)") != std::string::npos);
    CHECK(plain_line(StageStarted{eu, Stage::deploy}, 0).empty());
    CHECK(plain_line(RetryScheduled{"lambda:CreateFunction", 1, Milliseconds(300), "throttled"}, 0).empty());
    CHECK(plain_line(RetryScheduled{"lambda:CreateFunction", 1, Milliseconds(3000), "throttled"}, 0) ==
          "lambda:CreateFunction: throttled; attempt 2 in 3.0 s");
    CHECK(plain_line(Notice{{"", "aws", "", ""}, "default size"}, 0) == "note: aws: default size");
    CHECK(plain_line(Notice{eu, "shown below the table"}, 0).empty());
}

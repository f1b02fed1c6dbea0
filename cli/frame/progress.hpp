// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"
#include "frame/progress_model.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace pyfops::cli {

/// Shows a run on stderr: a region that is redrawn on a terminal, plain lines elsewhere, nothing with
/// --quiet.
class Progress final : public Observer {
  public:
    Progress(Console& console, Stage last);
    ~Progress() override;
    void on(const Event& event) noexcept override;
    /// No more drawing; the region is gone. Idempotent.
    void finish();

  private:
    void tick();
    void draw();
    Console& console_;
    const bool live_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool finished_ = false;
    SteadyTime drawn_{};
    ProgressModel model_;
    std::thread ticker_;
};

} // namespace pyfops::cli

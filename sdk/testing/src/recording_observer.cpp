// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/recording_observer.hpp"

namespace pyfops::testing {
namespace {

struct Text {
    std::string& out;
    void line(const std::string& text) const { out += text + "\n"; }
    void operator()(const RunStarted&) const {}
    void operator()(const RunFinished&) const {}
    void operator()(const StageStarted& e) const { line(e.subject.function); }
    void operator()(const StageFinished& e) const {
        line(e.outcome);
        if (e.failure) line(*e.failure);
    }
    void operator()(const StageProgress& e) const { line(e.what); }
    void operator()(const RetryScheduled& e) const { line(e.operation + ": " + e.reason); }
    void operator()(const Notice& e) const { line(e.text); }
};

} // namespace

std::string RecordingObserver::text() const {
    std::string out;
    for (const Event& event : events)
        std::visit(Text{out}, event);
    return out;
}

} // namespace pyfops::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/observer.hpp"

#include <string>
#include <variant>
#include <vector>

namespace pyfops::testing {

/// Keeps every event.
class RecordingObserver final : public Observer {
  public:
    std::vector<Event> events;

    void on(const Event& event) noexcept override { events.push_back(event); }

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (const auto* one = std::get_if<T>(&event)) found.push_back(*one);
        return found;
    }
    /// Every text of every event, a line each: to look for what must not be in it.
    std::string text() const;
};

} // namespace pyfops::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "child.hpp"
#include "database.hpp"

#include "store/open.hpp"

namespace pyfops::testing {

/// Migrates in processes that die: each gets one statement further than the last one, and within each step of
/// the schema from its beginning, so that each state in between is met. Returns how many died.
inline int migrate_with_kills(TestDatabase& database, const std::function<void()>& after_kill = {}) {
    int kills = 0, version = 0;
    for (int fatal = 1;; ++fatal) {
        Child child([&] {
            Countdown countdown(fatal);
            store::SessionOptions options;
            options.before_statement = [&](std::string_view) { countdown.step(); };
            store::open(database.url(), null_log(), options)->migrate();
        });
        if (child.wait() == 0) return kills;
        ++kills;
        if (after_kill) after_kill();
        if (const int reached = database.open()->check().version; reached != version) {
            version = reached;
            fatal = 0;
        }
    }
}

} // namespace pyfops::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/error.hpp"
#include "pyfops/task.hpp"

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pyfops::sdk {

/// Lets tasks wait until one of them is done. Used from one thread.
class Gate {
  public:
    Gate();
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    /// Returns when `open` was called, at once when that is so already. Throws cancelled.
    Task<void> wait();
    void open();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Something shared that is made when first needed (a role, a bucket, a token): tasks that need the same key
/// at the same time make it once. A failure is given to those who waited and then forgotten; when the one who
/// made it was cancelled or ran out of its own time, the next takes over. Used from one thread; must outlive
/// its tasks.
template <class T>
class Once {
  public:
    Task<T> get(std::string key, std::function<Task<T>()> make) {
        for (;;) {
            const std::shared_ptr<Entry> entry = entries_[key];
            if (!entry) break;
            if (entry->value) co_return *entry->value;
            Task<void> waiting = entry->gate.wait();
            co_await std::move(waiting);
            if (entry->failure) std::rethrow_exception(entry->failure);
        }
        auto entry = std::make_shared<Entry>();
        entries_[key] = entry;
        const Cleanup cleanup{*this, key, entry};
        try {
            Task<T> making = make();
            entry->value.emplace(co_await std::move(making));
        } catch (const Error& failure) {
            const bool mine_alone =
                failure.kind() == ErrorKind::cancelled || failure.kind() == ErrorKind::timeout;
            if (!mine_alone) entry->failure = std::current_exception();
            throw;
        }
        co_return *entry->value;
    }

    void forget(const std::string& key) { entries_.erase(key); }

  private:
    struct Entry {
        std::optional<T> value;
        std::exception_ptr failure;
        Gate gate;
    };
    /// Also when the task is destroyed half-way: nobody may wait for ever.
    struct Cleanup {
        Once& once;
        std::string key;
        std::shared_ptr<Entry> entry;
        ~Cleanup() {
            if (!entry->value) {
                const auto found = once.entries_.find(key);
                if (found != once.entries_.end() && found->second == entry) once.entries_.erase(found);
            }
            entry->gate.open();
        }
    };
    std::map<std::string, std::shared_ptr<Entry>> entries_;
};

} // namespace pyfops::sdk

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/http.hpp"
#include "pyfops/json.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// What an emulated cloud remembers: JSON documents by collection and key, and blobs. Kept in memory and on
/// disk; a change is durable when the call returns. Used from the emulator's thread.
class PYFOPS_EXPORT EmulatorState {
  public:
    explicit EmulatorState(std::filesystem::path directory);
    ~EmulatorState();
    EmulatorState(const EmulatorState&) = delete;
    EmulatorState& operator=(const EmulatorState&) = delete;

    std::optional<json::object> get(const std::string& collection, const std::string& key) const;
    void put(const std::string& collection, const std::string& key, json::object document);
    bool erase(const std::string& collection, const std::string& key);
    /// Keys in bytewise order.
    std::vector<std::string> keys(const std::string& collection, const std::string& prefix = {}) const;

    /// Content-addressed; returns the SHA-256 (hex) of the content.
    std::string put_blob(std::string_view content);
    Bytes blob(const std::string& sha256_hex) const; ///< throws Error(not_found)
    std::filesystem::path directory() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops

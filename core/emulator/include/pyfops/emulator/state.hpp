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

/// What an emulated cloud remembers: JSON documents by collection and key (any bytes), and blobs. Kept in
/// memory and on disk; a change is durable when the call returns. Used from the emulator's thread. A call
/// that throws has changed nothing.
class PYFOPS_EXPORT EmulatorState {
  public:
    /// Takes over what lies in `directory`, which nobody else may use meanwhile; blobs that no document names
    /// are removed. Throws Error(invalid_input) for a file that cannot be read or is no JSON, Error(storage)
    /// for one that is no document; both name it.
    explicit EmulatorState(std::filesystem::path directory);
    ~EmulatorState();
    EmulatorState(const EmulatorState&) = delete;
    EmulatorState& operator=(const EmulatorState&) = delete;

    /// A copy; nullopt: there is none. Reads memory alone.
    std::optional<json::object> get(const std::string& collection, const std::string& key) const;
    /// Creates or replaces. Throws Error(invalid_input) naming the file that cannot be written.
    void put(const std::string& collection, const std::string& key, json::object document);
    /// Whether there was one. Throws Error(storage) when its file cannot be removed.
    bool erase(const std::string& collection, const std::string& key);
    /// In bytewise order, those that begin with `prefix`. Reads memory alone.
    std::vector<std::string> keys(const std::string& collection, const std::string& prefix = {}) const;

    /// Content-addressed; returns the SHA-256 (hex) of the content. A blob lasts until the next start unless
    /// a document names its digest. Throws Error(limit_exceeded) where less than 1 GiB of the disk would stay
    /// free, Error(invalid_input) naming the file that cannot be written.
    std::string put_blob(std::string_view content);
    /// Throws Error(not_found) for what is no digest or no blob, Error(invalid_input) when it cannot be read.
    Bytes blob(const std::string& sha256_hex) const;
    std::filesystem::path directory() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"

#include <string>
#include <string_view>

namespace pyfops {

/// Real clouds and the emulator are never mixed: the realm is part of every identity and every query.
enum class Realm { real, local };
PYFOPS_EXPORT std::string_view to_string(Realm realm) noexcept;

/// What makes a function deployment (FD) the same one over time: its memory of the moment does not.
struct PYFOPS_EXPORT FdIdentity {
    std::string project;
    std::string function;
    std::string provider;
    std::string region;
    Realm realm = Realm::real;
    std::string slot = "auto"; ///< "auto", or the MB that the user listed, as text

    /// "gate-change/thumbnail/aws/eu-central-1/real/auto": the key in journal, marks and database.
    std::string str() const;
    /// The inverse of `str`; throws Error(invalid_input). Marks read from a cloud are untrusted.
    static FdIdentity parse(std::string_view text);
    /// The first 16 hex digits of its SHA-256: short enough for a tag.
    std::string id() const;
    bool operator==(const FdIdentity&) const = default;
    auto operator<=>(const FdIdentity&) const = default;
};

/// `<project>-<function>[-<slot>]`, at most `max_length` characters; longer names are cut and carry a hash.
/// The slot is named only when it is not "auto".
PYFOPS_EXPORT std::string cloud_name(const FdIdentity& identity, std::size_t max_length);

/// A provider x region x memory, resolved: what the provider will really run.
struct Target {
    FdIdentity identity;
    int memory_mb = 0; ///< to deploy at
    int timeout_seconds = 0;
    std::string python;  ///< "3.11": the provider's nearest to what was wanted
    std::string runtime; ///< the provider's name of it: "python3.11"
    std::string architecture = "x86_64";
    std::string glibc; ///< of the runtime: "2.26"
    std::string cloud_name;
    /// What the provider puts into one resource: targets that differ in the function alone and have the same
    /// group and cloud name share package, memory, timeout and environment. "": a resource of its own.
    std::string group;
};

} // namespace pyfops

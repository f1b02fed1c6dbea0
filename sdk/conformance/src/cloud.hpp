// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/conformance/quirks.hpp"
#include "pyfops/engine.hpp"
#include "pyfops/local_cloud.hpp"
#include "pyfops/package.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pyfops::conformance {

/// A fresh directory that is gone with its owner.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The local cloud of one run of the suite, and its control API.
class Cloud {
  public:
    Cloud(const Quirks& quirks, std::vector<std::filesystem::path> plugin_path);
    ~Cloud();
    Cloud(const Cloud&) = delete;
    Cloud& operator=(const Cloud&) = delete;

    const std::vector<std::filesystem::path>& plugin_path() const { return plugin_path_; }
    std::map<std::string, std::string> environment() const { return local_->environment(); }
    std::filesystem::path directory() const { return folder_.path(); }
    std::filesystem::path authority() const { return folder_.path() / "state" / "tls" / "ca.pem"; }

    /// Made once in a run, by what they are of: resolving dependencies takes its time.
    std::map<std::string, Package> packages;

    /// A new fault plan; the quirks' settings belong to every one.
    void faults(const json::array& rules = {}, const json::object& settings = {});
    /// The operation of each request since `mark()`, as the face names it.
    std::vector<std::string> operations();
    void mark();
    /// "<collection>/<key>" of every document that the provider's account holds.
    std::set<std::string> documents() const;

  private:
    json::value control(const std::string& method, const std::string& path, const std::string& body = {});

    const Quirks& quirks_;
    std::vector<std::filesystem::path> plugin_path_;
    Folder folder_;
    std::unique_ptr<LocalCloud> local_;
    Engine engine_;
    std::string token_;
    long long pid_ = 0;
    long long next_ = 1; ///< number of the next request in the journal
};

} // namespace pyfops::conformance

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

#include <functional>
#include <map>
#include <string>

namespace pyfops::sdk {

/// Dependencies for the target's platform beside the wrapped code, in one zip within the provider's limits.
class ZipPackager final : public Packager {
  public:
    /// `prefix`: where dependencies go inside the archive, "" for its root. `info` must outlive the packager.
    explicit ZipPackager(const ProviderInfo& info, std::string prefix = {})
        : info_(info),
          prefix_(std::move(prefix)) {}
    Task<Package> package(const PackageRequest& request, StageContext& context) override;

  private:
    const ProviderInfo& info_;
    std::string prefix_;
};

/// The user's tree and entry files beside it. The names of the entry files must be ones that a user does not
/// take: "_pyfops_...". Throws conflict when the code base has one of them.
class TemplateWrapper final : public Wrapper {
  public:
    using EntryFiles = std::function<std::map<std::string, std::string>(const WrapRequest&)>;
    explicit TemplateWrapper(EntryFiles files) : files_(std::move(files)) {}
    Task<SourceTree> wrap(const WrapRequest& request, StageContext& context) override;

  private:
    EntryFiles files_;
};

} // namespace pyfops::sdk

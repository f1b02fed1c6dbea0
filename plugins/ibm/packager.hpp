// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"
#include "pyfops/sdk/default_stages.hpp"

#include <string>
#include <string_view>

namespace pyfops::ibm {

/// What goes to Code Engine: one module of source text that unpacks the code base when an instance starts
/// (suffix ".py"), while that is small enough to be sent. What is too large, or has compiled wheels, is a zip
/// of what the project's git repository is to hold, for Code Engine to build. OpenWhisk takes the zip itself.
class IbmPackager final : public Packager {
  public:
    IbmPackager();
    Task<Package> package(const PackageRequest& request, StageContext& context) override;

  private:
    Task<Package> code_engine(const PackageRequest& request, StageContext& context);
    sdk::ZipPackager zip_;
};

/// The module for a zip.
std::string self_unpacking_module(std::string_view zip);
/// Characters of a module as code_reference: "data:text/plain;base64,..."
std::size_t inline_size(std::size_t module_bytes);
/// Bytes as Python's base64.b85decode reads them.
std::string base85(std::string_view bytes);

} // namespace pyfops::ibm

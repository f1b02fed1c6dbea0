// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/provider.hpp"

namespace pyfops::ibm {

/// Adds `__main__.py`, where both platforms look for `main`, and what it needs.
class IbmWrapper final : public Wrapper {
  public:
    Task<SourceTree> wrap(const WrapRequest& request, StageContext& context) override;
};

} // namespace pyfops::ibm

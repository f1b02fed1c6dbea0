// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pyfops {

/// How far two numbers may be apart and still count as equal: |a - b| <= absolute + relative x max(|a|, |b|).
struct Tolerance {
    double absolute = 0;
    double relative = 1e-9;
};

} // namespace pyfops

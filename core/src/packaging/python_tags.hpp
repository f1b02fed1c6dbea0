// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/package.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pyfops::packaging {

/// The parts of a wheel's file name (PEP 427).
struct WheelName {
    std::string file;
    std::string distribution; ///< normalised (PEP 503)
    std::string version;
    std::string build; ///< "" or "1" of "...-1-py3-none-any.whl"
    std::vector<std::string> pythons, abis, platforms;
    /// Nothing compiled inside: runs on every platform.
    bool pure() const;
};

/// Throws Error(invalid_input) for what is not the name of a wheel.
WheelName parse_wheel_name(std::string_view file);

/// PEP 503: lower case, runs of '-', '_' and '.' are one '-'.
std::string normalise_name(std::string_view name);

/// "manylinux_2_26_x86_64", ..., "manylinux2014_x86_64", ..., "linux_x86_64": best first. Perennial names are
/// listed beside the minor version that they stand for.
std::vector<std::string> platform_tags(const PythonPlatform& platform);

/// Every tag that the runtime takes ("cp311-abi3-manylinux_2_17_x86_64"), best first, in the order of PEP 425
/// as pip sorts it.
std::vector<std::string> compatible_tags(const PythonPlatform& platform);

/// Why the runtime cannot load this wheel, as a clause: "it needs glibc 2.34, the runtime has 2.26". Empty:
/// it can.
std::string why_incompatible(const WheelName& wheel, const PythonPlatform& platform);

/// The minor of a glibc version, "2.26" gives 26. Throws Error(invalid_input).
int glibc_minor(std::string_view version);

/// "python3.11 manylinux_2_26 x86_64": how a platform is named in the lock and in messages.
std::string platform_name(const PythonPlatform& platform);

} // namespace pyfops::packaging

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/store.hpp"

#include <string>
#include <vector>

namespace pyfops::store {

/// The names that a function type may take, the first free one wins: as given, then with the project.
std::vector<std::string> type_names(const FdIdentity& identity);

/// Beginnings of implementation and deployment names: "thumbnailAWSPython", then with the project.
std::vector<std::string> stems(const FdIdentity& identity, const std::string& provider_short);

/// "thumbnailAWSPython", "thumbnailAWSPythonLocal".
std::string implementation_name(const std::string& stem, Realm realm);
/// The stem of an implementation's name.
std::string stem_of(const std::string& implementation_name, Realm realm);

/// "thumbnailAWSPython-eu-central-1-512-Local".
std::string deployment_name(const std::string& stem, const FdIdentity& identity);

/// Key of an implementation: that of a deployment without region and slot.
std::string implementation_id(const FdIdentity& identity);

} // namespace pyfops::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pyfops {

/// Files of the emulator's own certificate authority and of the server certificate it issued.
struct LocalCertificates {
    std::filesystem::path ca;          ///< PEM; what clients trust (AWS_CA_BUNDLE and the like)
    std::filesystem::path certificate; ///< PEM chain of 127.0.0.1, ::1 and localhost
    std::filesystem::path key;         ///< PEM, mode 0600
};

/// Makes the files in `directory`, or takes those that are there when they fit and are valid for another
/// month. The authority's own key is thrown away: nobody can issue a second certificate with it. Throws
/// Error(invalid_input) when the directory cannot be written.
PYFOPS_EXPORT LocalCertificates local_certificates(const std::filesystem::path& directory,
                                                   const Clock& clock);

/// A certificate and its key, both PEM.
struct IssuedCertificate {
    std::string certificate;
    std::string key;
};

struct CertificateRequest {
    std::string common_name;
    std::vector<std::string> names; ///< DNS names and IP addresses
    SystemTime from{};
    SystemTime until{};
    bool authority = false;
    const IssuedCertificate* issuer = nullptr; ///< null: self-signed
};

PYFOPS_EXPORT IssuedCertificate issue_certificate(const CertificateRequest& request);

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "pyfops_azure/sas.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/http.hpp"

namespace pyfops::azure {

std::string sign_blob(const BlobSignature& signature, const Secret& account_key) {
    const std::string none;
    // Fields in the order that the version fixes; those that are not used are empty lines.
    const std::string* fields[] = {&signature.permissions, &none, &signature.expiry,
                                   &signature.resource,    &none, &none};
    std::string text;
    for (const std::string* field : fields)
        text += *field + "\n";
    text += std::string("https\n") + signature_version + "\nb\n"; // protocol, version, kind of resource
    text += "\n\n";                                               // snapshot, encryption scope
    text += "\n\n\n\n";                                           // four of the five headers of the answer
    return base64(hmac_sha256(base64_decode(account_key.expose()), text));
}

std::string signed_query(const BlobSignature& signature, const Secret& account_key) {
    return std::string("sv=") + signature_version + "&se=" + percent_encode(signature.expiry) +
           "&sr=b&sp=" + percent_encode(signature.permissions) +
           "&spr=https&sig=" + percent_encode(sign_blob(signature, account_key));
}

} // namespace pyfops::azure

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/export.hpp"
#include "pyfops/http.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/system.hpp"

#include <optional>

namespace pyfops {

/// An HTTP proxy; spoken to in the clear, as is usual.
struct Proxy {
    Url url;
    Secret authorization; ///< value of Proxy-Authorization; empty: none

    std::string str() const { return url.authority(); }
};

/// The proxy for a URL after https_proxy, http_proxy and no_proxy (upper case too, but not HTTP_PROXY: a CGI
/// program's caller could set it). Never one for localhost and loopback addresses. Throws
/// Error(invalid_input) for a proxy that is no http:// URL.
PYFOPS_EXPORT std::optional<Proxy> proxy_for(const Url& url, const System& system);

} // namespace pyfops

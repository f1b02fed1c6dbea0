// SPDX-License-Identifier: Apache-2.0
#include "endpoints.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/endpoint.hpp"

#include <regex>

namespace pyfops::ibm {
namespace {

void strip_slashes(Url& url) {
    while (url.target.ends_with('/'))
        url.target.pop_back();
}

} // namespace

Url code_engine_url(const std::string& region, const std::string& configured) {
    if (configured.empty()) return Url::parse("https://api." + region + ".codeengine.cloud.ibm.com/v2");
    static const std::regex own(R"((api\.(?:private\.)?)[a-z0-9-]+(\.codeengine\.cloud\.ibm\.com))");
    Url url = Url::parse(std::regex_replace(configured, own, "$1" + region + "$2"));
    strip_slashes(url);
    return url;
}

Url openwhisk_url(const std::string& host) {
    Url url = Url::parse(host.find("://") == std::string::npos ? "https://" + host : host);
    strip_slashes(url);
    if (!url.target.ends_with("/api/v1")) url.target += "/api/v1";
    return url;
}

Url below(const Url& base, const std::string& target) {
    Url url = base;
    strip_slashes(url);
    url.target += target;
    return url;
}

void require_secure(const Url& url, const std::string& what) {
    if (url.scheme == "https" || sdk::is_loopback(url.host)) return;
    throw Error(ErrorKind::invalid_input,
                what + " " + url.host + " is not asked without TLS: the key would be readable")
        .hint("write https:// in front of the host");
}

} // namespace pyfops::ibm

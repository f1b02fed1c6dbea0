// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include "pyfops/error.hpp"

#include <algorithm>

namespace pyfops::google_emulator {
namespace {

constexpr std::string_view api_domain = ".googleapis.com";

/// "functions/NAME:verb" split at the colon of the last segment.
std::pair<std::string, std::string> with_verb(const std::string& segment) {
    const auto colon = segment.find(':');
    return colon == std::string::npos ? std::pair(segment, std::string())
                                      : std::pair(segment.substr(0, colon), segment.substr(colon + 1));
}

std::string function_operation(const std::string& method, bool one, const std::string& verb) {
    if (!one) {
        if (verb == "generateUploadUrl") return method == "POST" ? "GenerateUploadUrl" : "";
        if (!verb.empty()) return {};
        return method == "POST" ? "CreateFunction" : method == "GET" ? "ListFunctions" : "";
    }
    if (!verb.empty()) return {};
    return method == "GET"      ? "GetFunction"
           : method == "PATCH"  ? "UpdateFunction"
           : method == "DELETE" ? "DeleteFunction"
                                : "";
}

/// Everything below /v2/projects/P/locations: of Cloud Functions, and services of Cloud Run.
void route_locations(Call& call) {
    const auto& segments = call.http.segments;
    const std::string& method = call.http.method;
    call.project = segments[2];
    if (segments.size() > 4) call.location = segments[4];
    const bool get = method == "GET";
    if (call.service == "run") {
        if (segments.size() != 7 || segments[5] != "services") return;
        const auto [name, verb] = with_verb(segments[6]);
        call.name = name;
        if (verb == "getIamPolicy" && get) call.operation = "GetIamPolicy";
        if (verb == "setIamPolicy" && method == "POST") call.operation = "SetIamPolicy";
        return;
    }
    if (segments.size() == 4) call.operation = get ? "ListLocations" : "";
    if (segments.size() != 6 && segments.size() != 7) return;
    const auto [kind, verb] = with_verb(segments[5]);
    const bool one = segments.size() == 7;
    const auto [name, own_verb] = one ? with_verb(segments[6]) : std::pair<std::string, std::string>();
    call.name = name;
    if (kind == "functions") call.operation = function_operation(method, one, one ? own_verb : verb);
    if (kind == "operations" && get) call.operation = one ? "GetOperation" : "ListOperations";
    if (kind == "runtimes" && get && !one) call.operation = "ListRuntimes";
}

void route_credentials(Call& call) {
    // /v1/projects/-/serviceAccounts/EMAIL:verb
    const auto& segments = call.http.segments;
    if (segments.size() != 5 || segments[3] != "serviceAccounts" || call.http.method != "POST") return;
    const auto [name, verb] = with_verb(segments[4]);
    call.name = name;
    if (verb == "generateAccessToken") call.operation = "GenerateAccessToken";
    if (verb == "generateIdToken") call.operation = "GenerateIdToken";
}

/// "REGION-PROJECT.cloudfunctions.net/NAME/...", "NAME-NUMBER.REGION.run.app/...".
bool route_function(Call& call) {
    const std::string& host = call.http.host;
    constexpr std::string_view first = ".cloudfunctions.net", second = ".run.app";
    if (host.ends_with(first)) {
        const std::string label = host.substr(0, host.size() - first.size());
        // A region ends in a digit, a project's id begins with a letter.
        for (std::size_t at = 1; at + 1 < label.size(); ++at)
            if (label[at] == '-' && label[at - 1] >= '0' && label[at - 1] <= '9') {
                call.location = label.substr(0, at);
                call.project = label.substr(at + 1);
                break;
            }
        if (!call.http.segments.empty()) call.name = call.http.segments.front();
    } else if (host.ends_with(second)) {
        const std::string labels = host.substr(0, host.size() - second.size());
        const auto dot = labels.find('.');
        const std::string name = labels.substr(0, dot);
        call.location = dot == std::string::npos ? "" : labels.substr(dot + 1);
        call.name = name.substr(0, name.rfind('-'));
    } else {
        return false;
    }
    call.service = "function";
    call.operation = "Invoke";
    return true;
}

} // namespace

std::optional<Call> route(const ServerRequest& request) {
    Call call;
    try {
        call.http = read_call(request);
    } catch (const Error&) {
        return std::nullopt;
    }
    if (route_function(call)) return call;
    const auto& segments = call.http.segments;
    const bool below_locations = segments.size() >= 4 && segments[0] == "v2" && segments[1] == "projects" &&
                                 segments[3] == "locations";
    if (call.http.host.ends_with(api_domain)) {
        call.service = call.http.host.substr(0, call.http.host.size() - api_domain.size());
    } else if (below_locations && call.http.prefix.empty()) {
        // A client that sends no prefix.
        call.service = segments.size() > 5 && segments[5] == "services" ? "run" : "cloudfunctions";
    } else {
        return std::nullopt;
    }
    const std::string& method = call.http.method;
    if (call.service == "oauth2" && method == "POST" && call.http.path == "/token") call.operation = "Token";
    if (call.service == "sts" && method == "POST" && call.http.path == "/v1/token")
        call.operation = "ExchangeToken";
    if (call.service == "iamcredentials") route_credentials(call);
    if (call.service == "storage" && method == "PUT" && segments.size() == 2) {
        call.operation = "PutObject";
        call.name = segments[0] + "/" + segments[1];
    }
    if (call.service == "logging" && method == "POST" && call.http.path == "/v2/entries:list")
        call.operation = "ListLogEntries";
    if ((call.service == "cloudfunctions" || call.service == "run") && below_locations) route_locations(call);
    return call;
}

} // namespace pyfops::google_emulator

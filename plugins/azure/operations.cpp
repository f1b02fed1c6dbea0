// SPDX-License-Identifier: Apache-2.0
#include "operations.hpp"

#include "pyfops/text.hpp"

namespace pyfops::azure {
namespace {

std::string provisioning_state(const json::value& body) {
    const json::value* properties = find(body, "properties");
    return properties ? string_or(*properties, "provisioningState") : std::string();
}

} // namespace

Progress progress_of(const std::string& status) {
    const std::string text = lower_case(status);
    if (text.empty() || text.find("succeeded") != std::string::npos) return Progress::succeeded;
    if (text.find("fail") != std::string::npos || text.find("cancel") != std::string::npos)
        return Progress::failed;
    return Progress::running;
}

Follow follow_of(const std::string& method, const HttpResponse& answer, const json::value& body) {
    const bool taken = answer.status == 201 || answer.status == 202;
    const bool resource = method == "PUT" || method == "PATCH";
    if (taken) {
        if (const std::string* url = answer.headers.find("Azure-AsyncOperation"))
            return {Follow::Where::operation, *url};
        // A 201 with a Location and a finished resource only says where the resource is.
        const std::string* location = answer.headers.find("Location");
        if (location && answer.status == 202) return {Follow::Where::location, *location};
    }
    if (resource && progress_of(provisioning_state(body)) == Progress::running)
        return {Follow::Where::resource, {}};
    return {};
}

std::string state_of(Follow::Where where, const HttpResponse& answer, const json::value& body) {
    switch (where) {
    case Follow::Where::operation: {
        const std::string status = string_or(body, "status");
        return status.empty() && answer.status == 202 ? "InProgress" : status;
    }
    case Follow::Where::location:
        return answer.status == 202 ? "InProgress" : "Succeeded";
    case Follow::Where::resource:
        return provisioning_state(body);
    case Follow::Where::nowhere:
        break;
    }
    return {};
}

} // namespace pyfops::azure

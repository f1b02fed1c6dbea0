// SPDX-License-Identifier: Apache-2.0
#include "scm.hpp"

#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"

#include <array>
#include <vector>

namespace pyfops::azure::scm {
namespace {

ApiCall call(std::string operation, std::string method, const std::string& host, std::string target) {
    ApiCall one;
    one.operation = "scm:" + std::move(operation);
    one.method = std::move(method);
    one.to = ApiCall::To::site;
    one.host = host;
    one.target = std::move(target);
    one.headers.set("Accept", "application/json");
    return one;
}

} // namespace

ApiCall publish(const std::string& host, Bytes archive) {
    ApiCall one = call("Publish", "POST", host, "/api/publish?RemoteBuild=false&Deployer=pyfops");
    one.headers.set("Content-Type", "application/zip");
    one.headers.set("If-Match", "*");
    one.body = std::move(archive);
    one.attempts = 10; // the host of a new app answers 503 for a while
    return one;
}

std::string read_deployment_id(const HttpResponse& answer) {
    try {
        const json::value body = parse_json(answer.body, "the answer of scm:Publish");
        if (const auto* text = body.if_string(); text && !text->empty()) return std::string(*text);
        if (std::string id = string_or(body, "id"); !id.empty()) return id;
    } catch (const Error&) { // told below
    }
    throw Error(ErrorKind::unavailable, "Azure took the package and named no deployment")
        .hint("deploy again");
}

ApiCall get_deployment(const std::string& host, const std::string& id) {
    return call("GetDeployment", "GET", host, "/api/deployments/" + percent_encode(id));
}

ApiCall get_log(const std::string& host, const std::string& id) {
    return call("GetDeploymentLog", "GET", host, "/api/deployments/" + percent_encode(id) + "/log");
}

ApiCall get_log_details(const std::string& host, const std::string& link) {
    return call("GetDeploymentLogDetails", "GET", host, link);
}

Status read_status(const json::value& deployment) {
    const auto number = integer_or(deployment, "status", -1);
    return number < -1 || number > 6 ? Status::cancelled : static_cast<Status>(number);
}

std::string text_of(Status status) {
    static constexpr std::array<const char*, 8> texts{"cancelled", "pending", "building", "deploying",
                                                      "failed",    "success", "conflict", "partial success"};
    return texts[static_cast<std::size_t>(static_cast<int>(status) + 1)];
}

std::string details_link(const json::value& log) {
    std::string link;
    if (log.is_array())
        for (const json::value& line : log.get_array())
            if (const std::string url = string_or(line, "details_url"); !url.empty())
                if (const auto path = url.find("/api/deployments/"); path != std::string::npos)
                    link = url.substr(path);
    return link;
}

std::string read_log(const json::value& log) {
    if (!log.is_array()) return {};
    constexpr std::size_t last = 3, longest = 400;
    const json::array& lines = log.get_array();
    std::string text;
    for (std::size_t i = lines.size() - std::min(lines.size(), last); i < lines.size(); ++i)
        text += (text.empty() ? "" : "; ") + string_or(lines[i], "message");
    return excerpt(text, longest);
}

} // namespace pyfops::azure::scm

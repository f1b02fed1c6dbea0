// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include "routes.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/xml.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

namespace pyfops::alibaba_emulator {

namespace {

constexpr std::string_view cloud = ".aliyuncs.com";
constexpr std::string_view trigger_domain = ".fcapp.run";

/// The part of a host name before its n-th last label: "a.b.c.d", 2 -> "a.b".
std::string label_before(const std::string& host, std::string_view suffix) {
    const std::string rest = host.substr(0, host.size() - suffix.size());
    return rest.substr(rest.rfind('.') + 1);
}

/// "fcv3.cn-hangzhou.aliyuncs.com", "123.cn-hangzhou.fc.aliyuncs.com", "x.cn-hangzhou.fcapp.run",
/// "bucket.oss-cn-hangzhou.aliyuncs.com", "project.cn-hangzhou.log.aliyuncs.com"; "" when it names none.
std::string region_of(const std::string& host) {
    if (host.ends_with(trigger_domain)) return label_before(host, trigger_domain);
    if (host.ends_with(".fc.aliyuncs.com")) return label_before(host, ".fc.aliyuncs.com");
    if (host.ends_with(".log.aliyuncs.com")) return label_before(host, ".log.aliyuncs.com");
    if (!host.ends_with(cloud)) return {};
    const std::string label = label_before(host, cloud);
    if (label.starts_with("oss-")) return label.substr(4);
    return host.starts_with("fcv3.") ? label : std::string();
}

bool is_oidc(const ServerRequest& request) {
    return request.target.find("Action=AssumeRoleWithOIDC") != std::string::npos &&
           request.target.find("Version=2015-04-01") != std::string::npos;
}

Service service_of_host(const std::string& host) {
    if (host.ends_with(trigger_domain)) return Service::trigger;
    if (!host.ends_with(cloud)) return Service::none;
    if (host.starts_with("fc-code.")) return Service::code;
    if (host.ends_with(".log.aliyuncs.com")) return Service::log;
    if (host.starts_with("sts.") || host.starts_with("sts-vpc.")) return Service::sts;
    if (host.starts_with("fcv3.") || host.ends_with(".fc.aliyuncs.com")) return Service::fc;
    if (host.starts_with("oss-") || host.find(".oss-") != std::string::npos) return Service::oss;
    return Service::none;
}

} // namespace

std::string_view name_of(Service service) noexcept {
    switch (service) {
    case Service::fc:
    case Service::trigger:
    case Service::code:
        return "fc";
    case Service::sts:
        return "sts";
    case Service::oss:
        return "oss";
    case Service::log:
        return "log";
    case Service::none:
        break;
    }
    return "";
}

void invalid_argument(const std::string& message) {
    throw ApiError(400, "InvalidArgument", message);
}

Service service_of(const ServerRequest& request) {
    if (const Service named = service_of_host(addressed_host(request).host); named != Service::none)
        return named;
    const std::string authorization = request.headers.get("Authorization");
    if (authorization.starts_with("OSS4-HMAC-SHA256")) return Service::oss;
    if (authorization.starts_with("SLS4-HMAC-SHA256")) return Service::log;
    const std::string version = request.headers.get("x-acs-version");
    if (version == "2015-04-01" || is_oidc(request)) return Service::sts;
    if (version == "2023-03-30" || authorization.starts_with("ACS3-HMAC-SHA256")) return Service::fc;
    return Service::none;
}

Call make_call(const ServerRequest& request, const std::string& default_region) {
    Call call;
    static_cast<HttpCall&>(call) = read_call(request);
    call.service = service_of(request);
    call.region = region_of(call.host);
    if (call.region.empty()) call.region = request.headers.get("x-acs-region-id");
    if (call.region.empty()) call.region = default_region;
    call.operation = route(call);
    return call;
}

std::string element(std::string_view name, std::string_view text) {
    return fmt::format("<{0}>{1}</{0}>", name, sdk::xml_escape(text));
}

ServerResponse xml_answer(int status, const std::string& body) {
    return text_response(status, "application/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + body);
}

ServerResponse error_answer(Service service, const ApiError& error, const std::string& request_id) {
    if (service == Service::oss)
        return xml_answer(error.status,
                          fmt::format("<Error>{}{}{}</Error>", element("Code", error.code),
                                      element("Message", error.message), element("RequestId", request_id)));
    if (service == Service::log)
        return json_response(error.status,
                             json::object{{"errorCode", error.code}, {"errorMessage", error.message}});
    return json_response(
        error.status,
        json::object{{"RequestId", request_id}, {"Code", error.code}, {"Message", error.message}});
}

json::object json_body(const Call& call) {
    if (call.body.empty()) return {};
    try {
        auto value = parse_json(call.body, "the request", {.max_bytes = 128u << 20, .max_depth = 64});
        if (auto* object = value.if_object()) return std::move(*object);
    } catch (const Error& error) {
        invalid_argument(error.message());
    }
    invalid_argument("the body is not a JSON object");
}

} // namespace pyfops::alibaba_emulator

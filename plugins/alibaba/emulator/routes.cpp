// SPDX-License-Identifier: Apache-2.0
#include "routes.hpp"

#include "pyfops/text.hpp"

namespace pyfops::alibaba_emulator {

namespace {

struct Route {
    std::string_view method;
    std::string_view pattern; ///< below "/2023-03-30"
    std::string_view operation;
};

constexpr Route fc_routes[] = {
    {"POST", "/functions", "CreateFunction"},
    {"GET", "/functions", "ListFunctions"},
    {"GET", "/functions/{functionName}", "GetFunction"},
    {"PUT", "/functions/{functionName}", "UpdateFunction"},
    {"DELETE", "/functions/{functionName}", "DeleteFunction"},
    {"GET", "/functions/{functionName}/code", "GetFunctionCode"},
    {"POST", "/functions/{functionName}/invocations", "InvokeFunction"},
    {"POST", "/functions/{functionName}/triggers", "CreateTrigger"},
    {"GET", "/functions/{functionName}/triggers", "ListTriggers"},
    {"GET", "/functions/{functionName}/triggers/{triggerName}", "GetTrigger"},
    {"PUT", "/functions/{functionName}/triggers/{triggerName}", "UpdateTrigger"},
    {"DELETE", "/functions/{functionName}/triggers/{triggerName}", "DeleteTrigger"},
    {"POST", "/functions/{functionName}/versions", "PublishFunctionVersion"},
    {"GET", "/functions/{functionName}/versions", "ListFunctionVersions"},
    {"DELETE", "/functions/{functionName}/versions/{versionId}", "DeleteFunctionVersion"},
    {"POST", "/functions/{functionName}/aliases", "CreateAlias"},
    {"GET", "/functions/{functionName}/aliases", "ListAliases"},
    {"GET", "/functions/{functionName}/aliases/{aliasName}", "GetAlias"},
    {"PUT", "/functions/{functionName}/aliases/{aliasName}", "UpdateAlias"},
    {"DELETE", "/functions/{functionName}/aliases/{aliasName}", "DeleteAlias"},
    {"PUT", "/functions/{functionName}/concurrency", "PutConcurrencyConfig"},
    {"GET", "/functions/{functionName}/concurrency", "GetConcurrencyConfig"},
    {"DELETE", "/functions/{functionName}/concurrency", "DeleteConcurrencyConfig"},
    {"POST", "/tags-v2", "TagResources"},
    {"GET", "/tags-v2", "ListTagResources"},
    {"DELETE", "/tags-v2", "UntagResources"},
    {"GET", "/regions", "DescribeRegions"},
};

bool fits(std::string_view pattern, Call& call) {
    const auto parts = split(pattern.substr(1), '/');
    if (parts.size() + 1 != call.segments.size()) return false;
    std::map<std::string, std::string> labels;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string& segment = call.segments[i + 1];
        if (parts[i].front() == '{')
            labels[std::string(parts[i].substr(1, parts[i].size() - 2))] = segment;
        else if (parts[i] != segment)
            return false;
    }
    call.labels = std::move(labels);
    return true;
}

std::string bucket_operation(const Call& call) {
    if (call.has_parameter("tagging")) return call.method == "PUT" ? "PutBucketTags" : "GetBucketTags";
    if (call.method == "PUT") return "PutBucket";
    if (call.method == "DELETE") return "DeleteBucket";
    if (call.method == "GET" && call.has_parameter("bucketInfo")) return "GetBucketInfo";
    if (call.method == "GET") return "ListObjectsV2";
    return {};
}

/// The bucket is part of the host name or the first segment of the path; everything after it is the key.
std::string oss_route(Call& call) {
    std::string path = call.path;
    const auto in_host = call.host.find(".oss-");
    if (in_host != std::string::npos) {
        call.labels["bucket"] = call.host.substr(0, in_host);
    } else {
        if (call.segments.empty()) return {};
        call.labels["bucket"] = call.segments.front();
        const auto slash = path.find('/', 1);
        path = slash == std::string::npos ? "/" : path.substr(slash);
    }
    call.labels["key"] = percent_decode(std::string_view(path).substr(1));
    if (call.label("key").empty()) return bucket_operation(call);
    if (call.method == "PUT") return "PutObject";
    if (call.method == "GET") return "GetObject";
    if (call.method == "HEAD") return "HeadObject";
    if (call.method == "DELETE") return "DeleteObject";
    return {};
}

std::string log_route(Call& call) {
    call.labels["project"] = call.host.substr(0, call.host.find('.'));
    if (call.method != "GET" || call.segments.size() != 2 || call.segments[0] != "logstores" ||
        call.parameter("type") != "log")
        return {};
    call.labels["logstore"] = call.segments[1];
    return "GetLogs";
}

} // namespace

std::string route(Call& call) {
    switch (call.service) {
    case Service::trigger:
        return "InvokeHTTPTrigger";
    case Service::code:
        return "DownloadCode";
    case Service::sts: {
        const std::string action = call.headers.get("x-acs-action");
        return action.empty() ? call.parameter("Action") : action;
    }
    case Service::oss:
        return oss_route(call);
    case Service::log:
        return log_route(call);
    case Service::fc:
        if (!call.segments.empty() && call.segments.front() == "2023-03-30")
            for (const Route& candidate : fc_routes)
                if (call.method == candidate.method && fits(candidate.pattern, call))
                    return std::string(candidate.operation);
        return {};
    case Service::none:
        break;
    }
    return {};
}

} // namespace pyfops::alibaba_emulator

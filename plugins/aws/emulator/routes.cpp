// SPDX-License-Identifier: Apache-2.0
#include "routes.hpp"

#include <array>

namespace pyfops::aws_emulator {

namespace {

struct Route {
    std::string_view method;
    std::string_view pattern; ///< "/2015-03-31/functions/{FunctionName}/code"
    std::string_view operation;
};

constexpr Route lambda_routes[] = {
    {"POST", "/2015-03-31/functions", "CreateFunction"},
    {"GET", "/2015-03-31/functions", "ListFunctions"},
    {"GET", "/2015-03-31/functions/{FunctionName}", "GetFunction"},
    {"DELETE", "/2015-03-31/functions/{FunctionName}", "DeleteFunction"},
    {"GET", "/2015-03-31/functions/{FunctionName}/configuration", "GetFunctionConfiguration"},
    {"PUT", "/2015-03-31/functions/{FunctionName}/configuration", "UpdateFunctionConfiguration"},
    {"PUT", "/2015-03-31/functions/{FunctionName}/code", "UpdateFunctionCode"},
    {"POST", "/2015-03-31/functions/{FunctionName}/invocations", "Invoke"},
    {"POST", "/2015-03-31/functions/{FunctionName}/versions", "PublishVersion"},
    {"GET", "/2015-03-31/functions/{FunctionName}/versions", "ListVersionsByFunction"},
    {"POST", "/2015-03-31/functions/{FunctionName}/aliases", "CreateAlias"},
    {"GET", "/2015-03-31/functions/{FunctionName}/aliases", "ListAliases"},
    {"GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", "GetAlias"},
    {"PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", "UpdateAlias"},
    {"DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", "DeleteAlias"},
    {"POST", "/2015-03-31/functions/{FunctionName}/policy", "AddPermission"},
    {"GET", "/2015-03-31/functions/{FunctionName}/policy", "GetPolicy"},
    {"DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", "RemovePermission"},
    {"POST", "/2021-10-31/functions/{FunctionName}/url", "CreateFunctionUrlConfig"},
    {"GET", "/2021-10-31/functions/{FunctionName}/url", "GetFunctionUrlConfig"},
    {"PUT", "/2021-10-31/functions/{FunctionName}/url", "UpdateFunctionUrlConfig"},
    {"DELETE", "/2021-10-31/functions/{FunctionName}/url", "DeleteFunctionUrlConfig"},
    {"GET", "/2021-10-31/functions/{FunctionName}/urls", "ListFunctionUrlConfigs"},
    {"PUT", "/2017-10-31/functions/{FunctionName}/concurrency", "PutFunctionConcurrency"},
    {"GET", "/2019-09-30/functions/{FunctionName}/concurrency", "GetFunctionConcurrency"},
    {"DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", "DeleteFunctionConcurrency"},
    {"GET", "/2017-03-31/tags/{Resource}", "ListTags"},
    {"POST", "/2017-03-31/tags/{Resource}", "TagResource"},
    {"DELETE", "/2017-03-31/tags/{Resource}", "UntagResource"},
    {"GET", "/2016-08-19/account-settings", "GetAccountSettings"},
};

bool fits(std::string_view pattern, Call& call) {
    std::map<std::string, std::string> labels;
    std::size_t at = 0;
    pattern.remove_prefix(1);
    for (;;) {
        const auto end = pattern.find('/');
        const auto part = pattern.substr(0, end);
        if (at == call.segments.size()) return false;
        if (part.starts_with('{'))
            labels[std::string(part.substr(1, part.size() - 2))] = call.segments[at];
        else if (part != call.segments[at])
            return false;
        ++at;
        if (end == std::string_view::npos) break;
        pattern.remove_prefix(end + 1);
    }
    if (at != call.segments.size()) return false;
    call.labels = std::move(labels);
    return true;
}

std::string s3_bucket_operation(const Call& call) {
    struct Sub {
        std::string_view method, query, operation;
    };
    static constexpr std::array<Sub, 7> subs{{{"GET", "list-type", "ListObjectsV2"},
                                              {"GET", "location", "GetBucketLocation"},
                                              {"GET", "tagging", "GetBucketTagging"},
                                              {"PUT", "tagging", "PutBucketTagging"},
                                              {"PUT", "publicAccessBlock", "PutPublicAccessBlock"},
                                              {"POST", "delete", "DeleteObjects"},
                                              {"PUT", "lifecycle", ""}}};
    for (const Sub& sub : subs)
        if (call.method == sub.method && call.parameter(sub.query)) return std::string(sub.operation);
    if (call.method == "PUT" && call.query.empty()) return "CreateBucket";
    if (call.method == "HEAD") return "HeadBucket";
    if (call.method == "DELETE" && call.query.empty()) return "DeleteBucket";
    return {};
}

std::string s3_object_operation(const Call& call) {
    const bool upload = call.parameter("uploadId").has_value();
    if (call.method == "POST" && call.parameter("uploads")) return "CreateMultipartUpload";
    if (call.method == "POST" && upload) return "CompleteMultipartUpload";
    if (call.method == "PUT" && upload) return "UploadPart";
    if (call.method == "DELETE" && upload) return "AbortMultipartUpload";
    if (call.method == "PUT" && !call.headers.has("x-amz-copy-source")) return "PutObject";
    if (call.method == "GET") return "GetObject";
    if (call.method == "HEAD") return "HeadObject";
    if (call.method == "DELETE") return "DeleteObject";
    return {};
}

std::string s3_route(Call& call) {
    if (call.segments.empty()) return call.method == "GET" ? "ListBuckets" : "";
    call.labels["Bucket"] = call.segments.front();
    // Everything after the bucket is the key, slashes at its end and twice in a row included.
    const auto slash = call.path.find('/', 1);
    if (slash == std::string::npos || slash + 1 == call.path.size()) return s3_bucket_operation(call);
    call.labels["Key"] = percent_decode(std::string_view(call.path).substr(slash + 1));
    return s3_object_operation(call);
}

} // namespace

std::string route(std::string_view service, Call& call) {
    if (service == "s3") return s3_route(call);
    if (service == "iam" || service == "sts") return field(parse_fields(call.body, true), "Action");
    if (service == "logs") {
        const std::string target = call.headers.get("X-Amz-Target");
        constexpr std::string_view prefix = "Logs_20140328.";
        return target.starts_with(prefix) ? target.substr(prefix.size()) : std::string();
    }
    if (service != "lambda") return {};
    for (const Route& candidate : lambda_routes)
        if (call.method == candidate.method && fits(candidate.pattern, call))
            return std::string(candidate.operation);
    return {};
}

} // namespace pyfops::aws_emulator

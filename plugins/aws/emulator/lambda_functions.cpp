// SPDX-License-Identifier: Apache-2.0
#include "lambda.hpp"

#include "lambda_checks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"
#include "zip.hpp"

#include <fmt/format.h>

namespace pyfops::aws_emulator {

namespace {

constexpr std::size_t max_request = 70'167'211;
constexpr std::size_t max_zipped = 52'428'800;
constexpr std::uint64_t max_unzipped = 262'144'000;
constexpr std::size_t page = 50;

std::size_t page_size(const Call& call) {
    const auto text = call.parameter("MaxItems").value_or("");
    if (text.empty()) return page;
    const long long number = to_integer(text).value_or(0);
    if (number < 1 || number > 10000) {
        Violations violations;
        violations.add(text, "maxItems", "Member must have value between 1 and 10000");
        violations.check();
    }
    return std::min(static_cast<std::size_t>(number), page);
}

} // namespace

Bytes Lambda::read_code(const Call& call, const json::object& code, std::string_view operation) {
    if (call.body.size() > max_request)
        throw ApiError(413, "RequestEntityTooLargeException",
                       fmt::format("Request must be smaller than {} bytes for the {} operation", max_request,
                                   operation));
    Bytes archive;
    if (const auto zip = find(code, "ZipFile"); zip && zip->is_string()) {
        try {
            archive = Bytes(base64_decode(zip->as_string()));
        } catch (const Error&) {
            throw ApiError(400, "SerializationException", "ZipFile is not base64");
        }
        if (archive.size() > max_zipped)
            throw ApiError(413, "RequestEntityTooLargeException",
                           fmt::format("Zipped size must be smaller than {} bytes", max_zipped));
    } else if (const auto bucket = string_or(code, "S3Bucket"); !bucket.empty()) {
        try {
            archive = s3_.fetch(bucket, string_or(code, "S3Key"));
        } catch (const ApiError& error) {
            invalid_parameter(
                fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                            error.code, error.message));
        }
        const auto region =
            string_or(world_.state().get("aws/buckets", bucket).value_or(json::object()), "region");
        if (region != call.region)
            invalid_parameter(
                fmt::format("Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error "
                            "Message: The bucket is in this region: {}. Please use this region to "
                            "retry the request",
                            region));
    } else {
        invalid_parameter("Please provide a source for function code.");
    }
    const auto unzipped = unzipped_size(archive.view());
    if (!unzipped)
        invalid_parameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
    if (*unzipped > max_unzipped)
        invalid_parameter(fmt::format("Unzipped size must be smaller than {} bytes", max_unzipped));
    return archive;
}

void Lambda::set_code(json::object& record, const Bytes& archive) {
    record["blob"] = world_.state().put_blob(archive.view());
    record["sha"] = base64(sha256(archive.view()));
    record["size"] = archive.size();
}

ServerResponse Lambda::create_function(const Call& call) {
    if (call.body.size() > max_request) read_code(call, {}, call.operation);
    const json::object body = json_body(call);
    const FunctionReference reference = read_reference(call);
    json::object config;
    apply_configuration(body, config, true);
    json::object tags;
    if (const auto* given = body.if_contains("Tags"); given && given->is_object()) tags = given->as_object();
    check_tags(tags);
    if (load(reference.region, reference.name))
        throw ApiError(409, "ResourceConflictException", "Function already exist: " + reference.name);
    const auto* code = body.if_contains("Code");
    const Bytes archive =
        read_code(call, code && code->is_object() ? code->as_object() : json::object(), call.operation);
    if (!iam_.assumable_by_lambda(string_or(config, "Role")))
        invalid_parameter("The role defined for the function cannot be assumed by Lambda.");
    json::object record{{"config", config},
                        {"version", "$LATEST"},
                        {"revision", world_.uuid()},
                        {"modified", lambda_time(world_.now())},
                        {"state", "Pending"},
                        {"update", ""},
                        {"image", world_.uuid()},
                        {"ready_at", world_.now_ms() + world_.setting("lambda.pending_ms", 150)}};
    set_code(record, archive);
    Function function{{{"name", reference.name},
                       {"region", reference.region},
                       {"latest", record},
                       {"published", json::object()},
                       {"next", 1},
                       {"aliases", json::object()},
                       {"urls", json::object()},
                       {"policies", json::object()},
                       {"tags", tags}}};
    json::object answer = describe(record, reference.unqualified_arn(), true);
    if (const auto* wanted = body.if_contains("Publish"); wanted && wanted->is_bool() && wanted->as_bool()) {
        publish(function, string_or(config, "Description"), true);
        answer["Version"] = "1";
    }
    save(function);
    return json_response(201, answer);
}

ServerResponse Lambda::get_function(const Call& call) {
    const FunctionReference reference = read_reference(call);
    Function function = required(reference);
    const json::object& found = record(function, reference);
    const json::object configuration = describe(found, reference.arn(), true);
    if (call.operation == "GetFunctionConfiguration") return json_response(200, configuration);
    const std::string blob = string_or(found, "blob");
    // Unguessable for who cannot read the state, as a presigned URL is.
    const std::string token = sha256_hex(keys_.client().secret.expose() + blob);
    json::object answer{
        {"Configuration", configuration},
        {"Code",
         {{"RepositoryType", "S3"},
          {"Location",
           fmt::format("{}/awslambda-{}-tasks.s3.{}.amazonaws.com/snapshots/{}?X-Amz-Security-Token={}",
                       world_.host().base_url, reference.region, reference.region, blob, token)}}}};
    if (!function.member("tags").empty()) answer["Tags"] = function.member("tags");
    if (const auto* reserved = function.document.if_contains("reserved"))
        answer["Concurrency"] = {{"ReservedConcurrentExecutions", *reserved}};
    return json_response(200, answer);
}

ServerResponse Lambda::download(const Call& call) {
    const std::string blob = call.segments.back();
    if (!equal_secret(call.parameter("X-Amz-Security-Token").value_or(""),
                      sha256_hex(keys_.client().secret.expose() + blob)))
        throw ApiError(403, "AccessDenied", "Access Denied");
    auto answer = empty_response(200);
    answer.headers.set("Content-Type", "application/zip");
    answer.body = world_.state().blob(blob);
    return answer;
}

ServerResponse Lambda::list_functions(const Call& call) {
    const std::string wanted = call.parameter("FunctionVersion").value_or("");
    if (!wanted.empty() && wanted != "ALL") {
        Violations violations;
        violations.add(wanted, "functionVersion", "Member must satisfy enum value set: [ALL]");
        violations.check();
    }
    const std::size_t limit = world_.page(page_size(call));
    const std::string marker = call.parameter("Marker").value_or("");
    const std::string prefix = call.region + "/";
    json::array list;
    std::string last;
    json::value next;
    for (const auto& key : world_.state().keys("aws/functions", prefix)) {
        const std::string name = key.substr(prefix.size());
        if (!marker.empty() && name <= base64url_decode(marker)) continue;
        if (list.size() >= limit) {
            next = json::string(base64url(last));
            break;
        }
        auto function = load(call.region, name);
        if (!function) continue;
        last = name;
        const bool all = wanted == "ALL";
        list.push_back(list_entry(function->latest(), function->reference(all ? "$LATEST" : "").arn()));
        if (!all) continue;
        for (const auto& version : function->member("published"))
            list.push_back(list_entry(version.value().as_object(), function->reference(version.key()).arn()));
    }
    json::object answer{{"Functions", std::move(list)}};
    if (next.is_string()) answer["NextMarker"] = next;
    return json_response(200, answer);
}

void Lambda::check_updatable(Function& function, const json::object& body) {
    const auto& latest = function.latest();
    const std::string arn = function.reference().unqualified_arn();
    if (string_or(latest, "state") == "Pending")
        throw ApiError(
            409, "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the following "
            "state: Pending");
    if (string_or(latest, "update") == "InProgress")
        throw ApiError(
            409, "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for resource: " + arn);
    if (const auto revision = string_or(body, "RevisionId");
        !revision.empty() && revision != string_or(latest, "revision"))
        throw ApiError(
            412, "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
            "API to retrieve the latest Revision Id");
}

void Lambda::start_update(Function& function, json::object changed) {
    // Invocations use what was there before until the update is done.
    if (!function.document.contains("running")) function.document["running"] = function.latest();
    changed["revision"] = world_.uuid();
    changed["modified"] = lambda_time(world_.now());
    changed["image"] = world_.uuid();
    changed["update"] = "InProgress";
    changed["ready_at"] = world_.now_ms() + world_.setting("lambda.update_ms", 100);
    function.document["latest"] = std::move(changed);
}

ServerResponse Lambda::update_code(const Call& call) {
    if (call.body.size() > max_request) read_code(call, {}, call.operation);
    const json::object body = json_body(call);
    const FunctionReference reference = read_reference(call);
    Function function = required(reference);
    check_updatable(function, body);
    const Bytes archive = read_code(call, body, call.operation);
    json::object changed = function.latest();
    if (const auto* architectures = body.if_contains("Architectures"))
        apply_configuration({{"Architectures", *architectures}}, changed["config"].as_object(), false);
    const auto flag = [&](std::string_view name) {
        const auto* value = body.if_contains(name);
        return value && value->is_bool() && value->as_bool();
    };
    set_code(changed, archive);
    if (flag("DryRun")) return json_response(200, describe(changed, reference.unqualified_arn(), true));
    start_update(function, std::move(changed));
    json::object answer;
    if (flag("Publish")) {
        const auto& version =
            publish(function, string_or(function.latest().at("config"), "Description"), true);
        answer = describe(version, function.reference(string_or(version, "version")).arn(), true);
    } else {
        answer = describe(function.latest(), reference.unqualified_arn(), true);
    }
    save(function);
    return json_response(200, answer);
}

ServerResponse Lambda::update_configuration(const Call& call) {
    const json::object body = json_body(call);
    const FunctionReference reference = read_reference(call);
    json::object checked;
    apply_configuration(body, checked, false);
    Function function = required(reference);
    check_updatable(function, body);
    json::object changed = function.latest();
    auto& config = changed["config"].as_object();
    json::object before = config;
    apply_configuration(body, config, false);
    if (string_or(config, "Role") != string_or(before, "Role") &&
        !iam_.assumable_by_lambda(string_or(config, "Role")))
        invalid_parameter("The role defined for the function cannot be assumed by Lambda.");
    start_update(function, std::move(changed));
    const auto answer = describe(function.latest(), reference.unqualified_arn(), true);
    save(function);
    return json_response(200, answer);
}

ServerResponse Lambda::delete_function(const Call& call) {
    const FunctionReference reference = read_reference(call);
    if (reference.qualifier == "$LATEST")
        invalid_parameter("$LATEST version cannot be deleted without deleting the function.");
    if (!reference.qualifier.empty() &&
        reference.qualifier.find_first_not_of("0123456789") != std::string::npos)
        invalid_parameter("Deletion of aliases is not currently supported.");
    auto function = load(reference.region, reference.name);
    if (!function) function_not_found(reference.unqualified_arn());
    const auto retire = [&](const json::value& record) {
        const std::string id = string_or(record, "image");
        images_.erase(id);
        world_.host().instances.retire(id);
    };
    if (!reference.qualifier.empty()) {
        auto& published = function->member("published");
        if (const auto* version = published.if_contains(reference.qualifier)) {
            retire(*version);
            published.erase(reference.qualifier);
            save(*function);
        }
        return empty_response(204);
    }
    retire(function->document.at("latest"));
    if (const auto* running = function->document.if_contains("running")) retire(*running);
    for (const auto& version : function->member("published"))
        retire(version.value());
    for (const auto& url : function->member("urls"))
        world_.state().erase("aws/urls", string_or(url.value(), "id"));
    world_.state().erase("aws/functions", reference.region + "/" + reference.name);
    return empty_response(204);
}

} // namespace pyfops::aws_emulator

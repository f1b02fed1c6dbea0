// SPDX-License-Identifier: Apache-2.0
#include "functions.hpp"

#include "pyfops/error.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <cmath>

namespace pyfops::google::functions {
namespace {

ApiCall call(std::string operation, std::string method, std::string target, std::string rate) {
    ApiCall one;
    one.service = "cloudfunctions";
    one.operation = std::move(operation);
    one.method = std::move(method);
    one.target = "/v2/" + std::move(target);
    one.rate = std::move(rate);
    return one;
}

/// Answered with what functions are configured with, or with a signed URL.
ApiCall closed(ApiCall one) {
    one.secret_answer = true;
    return one;
}

void set_body(ApiCall& one, const json::object& body) {
    one.headers.set("Content-Type", "application/json");
    one.body = json::serialize(body);
}

json::object to_json(const Texts& values) {
    json::object object;
    for (const auto& [name, value] : values)
        object[name] = value;
    return object;
}

Texts texts_of(const json::value* value) {
    Texts all;
    if (value && value->is_object())
        for (const auto& member : value->as_object())
            if (const auto* text = member.value().if_string())
                all.emplace(std::string(member.key()), std::string(*text));
    return all;
}

/// A Function resource that holds what `change` sets, and the names of it in an update mask.
class Writer {
  public:
    explicit Writer(const Change& change) {
        put("description", change.description);
        if (change.labels) put("labels", std::optional<json::object>(to_json(*change.labels)));
        put("buildConfig", "runtime", change.runtime);
        put("buildConfig", "entryPoint", change.entry_point);
        if (change.source)
            put("buildConfig", "source",
                std::optional<json::object>(json::object{{"storageSource", *change.source}}));
        if (change.build_environment)
            put("buildConfig", "environmentVariables",
                std::optional<json::object>(to_json(*change.build_environment)));
        if (change.memory_mb)
            put("serviceConfig", "availableMemory",
                std::optional<std::string>(std::to_string(*change.memory_mb) + "Mi"));
        put("serviceConfig", "availableCpu", change.cpu);
        put("serviceConfig", "timeoutSeconds", change.timeout);
        if (change.environment)
            put("serviceConfig", "environmentVariables",
                std::optional<json::object>(to_json(*change.environment)));
        put("serviceConfig", "maxInstanceCount", change.max_instances);
        put("serviceConfig", "maxInstanceRequestConcurrency", change.concurrency);
        put("serviceConfig", "serviceAccountEmail", change.service_account);
    }

    json::object body;
    std::string mask;

  private:
    void name(const std::string& path) { mask += (mask.empty() ? "" : ",") + path; }
    template <class T>
    void put(const std::string& key, const std::optional<T>& value) {
        if (!value) return;
        body[key] = *value;
        name(key);
    }
    template <class T>
    void put(const std::string& group, const std::string& key, const std::optional<T>& value) {
        if (!value) return;
        json::value& inner = body[group];
        if (!inner.is_object()) inner = json::object();
        inner.as_object()[key] = *value;
        name(group + "." + key);
    }
};

std::string resource(const std::string& parent, const std::string& name) {
    return parent + "/functions/" + name;
}

} // namespace

bool Change::empty() const {
    return !description && !runtime && !entry_point && !service_account && !memory_mb && !timeout &&
           !max_instances && !concurrency && !cpu && !labels && !environment && !build_environment && !source;
}

ApiCall generate_upload_url(const std::string& parent) {
    ApiCall one = closed(call("GenerateUploadUrl", "POST", parent + "/functions:generateUploadUrl", "write"));
    set_body(one, {{"environment", "GEN_2"}});
    return one;
}

ApiCall upload(const Upload& upload, Bytes archive, bool local) {
    ApiCall one;
    one.service = "storage";
    one.operation = "PutObject";
    one.method = "PUT";
    one.url = Url::parse(upload.url);
    if (one.url->scheme != "https" && !local)
        throw Error(ErrorKind::invalid_input, "the code is not uploaded to " + one.url->authority() +
                                                  ": Google gave a URL that is not https");
    one.authorized = false;
    one.headers.set("Content-Type", "application/zip");
    // A header that the signature does not cover would be refused, and so would be a missing one that it
    // does.
    if (one.url->query().find("x-goog-content-length-range") != std::string_view::npos)
        one.headers.set("x-goog-content-length-range", "0,104857600");
    one.body = std::move(archive);
    return one;
}

ApiCall create_function(const std::string& parent, const std::string& name, const Change& all) {
    Writer writer(all);
    writer.body["name"] = resource(parent, name);
    writer.body["environment"] = "GEN_2";
    ApiCall one = closed(
        call("CreateFunction", "POST", parent + "/functions?functionId=" + percent_encode(name), "write"));
    set_body(one, writer.body);
    return one;
}

ApiCall get_function(const std::string& parent, const std::string& name) {
    return closed(call("GetFunction", "GET", resource(parent, name), "read"));
}

ApiCall list_functions(const std::string& parent, const std::string& page_token) {
    std::string query = "?pageSize=100&filter=" + percent_encode("environment=\"GEN_2\"");
    if (!page_token.empty()) query += "&pageToken=" + percent_encode(page_token);
    return closed(call("ListFunctions", "GET", parent + "/functions" + query, "read"));
}

ApiCall update_function(const std::string& parent, const std::string& name, const Change& change) {
    Writer writer(change);
    writer.body["name"] = resource(parent, name);
    ApiCall one =
        closed(call("UpdateFunction", "PATCH",
                    resource(parent, name) + "?updateMask=" + percent_encode(writer.mask, ","), "write"));
    set_body(one, writer.body);
    return one;
}

ApiCall delete_function(const std::string& parent, const std::string& name) {
    return closed(call("DeleteFunction", "DELETE", resource(parent, name), "write"));
}

ApiCall get_operation(const std::string& name) {
    return closed(call("GetOperation", "GET", name, "read"));
}

Upload read_upload(const json::value& answer) {
    Upload upload{string_or(answer, "uploadUrl"), {}};
    const json::value* source = find(answer, "storageSource");
    if (upload.url.empty() || !source || !source->is_object())
        throw Error(ErrorKind::unavailable, "cloudfunctions:GenerateUploadUrl answered without a URL")
            .hint("check the endpoint");
    upload.source = source->as_object();
    return upload;
}

Function read_function(const json::value& answer) {
    Function function;
    const std::string resource_name = string_or(answer, "name");
    function.name = resource_name.substr(resource_name.rfind('/') + 1);
    function.state = string_or(answer, "state");
    function.url = string_or(answer, "url");
    function.description = string_or(answer, "description");
    function.labels = texts_of(find(answer, "labels"));
    if (const json::value* messages = find(answer, "stateMessages"); messages && messages->is_array())
        for (const json::value& message : messages->as_array())
            if (string_or(message, "severity") == "ERROR")
                function.problem += (function.problem.empty() ? "" : "; ") + string_or(message, "message");
    if (const json::value* build = find(answer, "buildConfig")) {
        function.runtime = string_or(*build, "runtime");
        function.entry_point = string_or(*build, "entryPoint");
        function.build_environment = texts_of(find(*build, "environmentVariables"));
    }
    if (const json::value* config = find(answer, "serviceConfig")) {
        function.uri = string_or(*config, "uri");
        function.service = string_or(*config, "service");
        function.revision = string_or(*config, "revision");
        function.memory_mb = read_memory(string_or(*config, "availableMemory"));
        function.cpu = string_or(*config, "availableCpu");
        function.timeout = static_cast<int>(integer_or(*config, "timeoutSeconds"));
        function.max_instances = static_cast<int>(integer_or(*config, "maxInstanceCount"));
        function.concurrency = static_cast<int>(integer_or(*config, "maxInstanceRequestConcurrency"));
        function.service_account = string_or(*config, "serviceAccountEmail");
        function.environment = texts_of(find(*config, "environmentVariables"));
    }
    return function;
}

Page read_page(const json::value& answer) {
    Page page;
    page.next_token = string_or(answer, "nextPageToken");
    if (const json::value* all = find(answer, "functions"); all && all->is_array())
        for (const json::value& one : all->as_array())
            page.functions.push_back(read_function(one));
    return page;
}

Operation read_operation(const json::value& answer) {
    Operation operation;
    operation.name = string_or(answer, "name");
    if (const json::value* done = find(answer, "done"); done && done->is_bool())
        operation.done = done->as_bool();
    if (const json::value* error = find(answer, "error"); error && error->is_object())
        operation.error = *error;
    const json::value* metadata = find(answer, "metadata");
    const json::value* stages = metadata ? find(*metadata, "stages") : nullptr;
    if (stages && stages->is_array())
        for (const json::value& stage : stages->as_array())
            if (string_or(stage, "state") == "IN_PROGRESS") operation.stage = string_or(stage, "name");
    return operation;
}

int read_memory(const std::string& quantity) {
    double value = 0;
    const char* end = quantity.data() + quantity.size();
    const auto [rest, failure] = std::from_chars(quantity.data(), end, value);
    if (failure != std::errc() || !(value >= 0)) return 0;
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    double bytes = value;
    if (unit == "k")
        bytes *= 1e3;
    else if (unit == "M")
        bytes *= 1e6;
    else if (unit == "G")
        bytes *= 1e9;
    else if (unit == "Ki")
        bytes *= 1024.0;
    else if (unit == "Mi")
        bytes *= 1024.0 * 1024;
    else if (unit == "Gi")
        bytes *= 1024.0 * 1024 * 1024;
    else if (!unit.empty())
        return 0;
    return static_cast<int>(std::lround(bytes / (1024.0 * 1024)));
}

bool same_cpu(const std::string& a, const std::string& b) {
    const auto read = [](const std::string& text) -> std::optional<double> {
        double value = 0;
        const char* end = text.data() + text.size();
        const auto [rest, failure] = std::from_chars(text.data(), end, value);
        if (failure != std::errc()) return std::nullopt;
        if (rest != end) value = *rest == 'm' ? value / 1000 : -1;
        return value < 0 ? std::nullopt : std::optional<double>(value);
    };
    const auto first = read(a), second = read(b);
    if (!first || !second) return true; // a form that is not known here is no reason for an update
    return std::abs(*first - *second) < 0.002;
}

} // namespace pyfops::google::functions

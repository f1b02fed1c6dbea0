// SPDX-License-Identifier: Apache-2.0
// The local stand-in of Acme Functions: it keeps what is put and runs it.
#include "api.hpp"
#include "pyfops_acme_emulator_embedded.hpp"
#include "store.hpp"

#include <pyfops/crypto.hpp>
#include <pyfops/emulator/call.hpp>
#include <pyfops/emulator/face.hpp>
#include <pyfops/error.hpp>
#include <pyfops/plugin.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace acme {

using namespace pyfops;

namespace {

constexpr const char* token = "acme-local-token";

ServerResponse refusal(int status, std::string_view message) {
    return json_response(status, json::object{{"message", message}});
}

/// "/acme/v1/<region>/functions[/<name>[/invocations|/logs]]"
struct Route {
    std::string region, name, part;
    std::string key() const { return region + "/" + name; }
};

std::optional<Route> route_of(const HttpCall& call) {
    const auto& parts = call.segments;
    if (parts.size() < 4 || parts.size() > 6 || parts[0] != "acme" || parts[1] != "v1" ||
        parts[3] != "functions")
        return std::nullopt;
    Route route{parts[2], parts.size() > 4 ? parts[4] : "", parts.size() > 5 ? parts[5] : ""};
    if (!route.part.empty() && route.part != "invocations" && route.part != "logs") return std::nullopt;
    return route;
}

/// As it is shown: the code is named by its digest.
json::object shown(json::object document) {
    for (const char* own : {"blob", "image", "until"})
        document.erase(own);
    return document;
}

class AcmeFace final : public EmulatorFace {
  public:
    void start(EmulatorHost& host) override {
        host_ = &host;
        store_.emplace(host);
    }

    bool accepts(const ServerRequest& request) const override { return request.target.starts_with("/acme/"); }

    std::string operation(const ServerRequest& request) const override {
        const auto route = route_of(read_call(request));
        if (!route) return "";
        if (route->part == "invocations") return "acme:Invoke";
        if (route->part == "logs") return "acme:Logs";
        if (request.method == "PUT") return "acme:Put";
        if (request.method == "PATCH") return "acme:Patch";
        if (request.method == "DELETE") return "acme:Delete";
        return route->name.empty() ? "acme:List" : "acme:Get";
    }

    ServerResponse failure(const ServerRequest&, int status, std::string_view code) const override {
        return refusal(status, code.empty() ? "a fault that was asked for" : code);
    }

    std::map<std::string, std::string> environment() const override {
        return {{"ACME_ENDPOINT", host_->base_url}, {"ACME_TOKEN", token}};
    }

    Task<ServerResponse> handle(ServerRequest request) override {
        HttpCall call = read_call(request);
        const auto route = route_of(call);
        if (!route) co_return refusal(404, "no such address");
        if (!equal_secret(bearer_token(call.headers), token)) co_return refusal(401, "unknown token");
        if (route->name.empty()) co_return list(route->region, query_field(call.query, "after").value_or(""));
        const auto document = store_->get(route->key());
        if (call.method == "PUT" && route->part.empty()) co_return put(route->key(), call, document);
        if (!document) co_return refusal(404, "no such function");
        if (route->part == "logs") co_return logs(route->key(), call.query);
        if (call.method == "GET") co_return json_response(200, shown(*document));
        if (string_or(*document, "state") == "deleting") co_return refusal(409, "it is being deleted");
        if (call.method == "DELETE") {
            store_->remove(route->key());
            co_return json_response(202, json::object{});
        }
        if (call.method == "PATCH") co_return patch(route->key(), call.body, *document);
        if (string_or(*document, "state") != "ready") co_return refusal(409, "it is not ready");
        auto invoking = invoke(*route, *document, std::move(call.body));
        co_return co_await std::move(invoking);
    }

  private:
    ServerResponse put(const std::string& key, const HttpCall& call,
                       const std::optional<json::object>& before) {
        if (before && call.headers.get("If-None-Match") == "*") return refusal(412, "it exists already");
        if (before && string_or(*before, "state") == "deleting") return refusal(409, "it is being deleted");
        json::object document;
        try {
            document = parse_json(call.body, "the function").as_object();
            const std::string zip = base64_decode(string_or(document, "zip"));
            document["blob"] = host_->state.put_blob(zip);
            document["code"] = sha256_hex(zip);
        } catch (const std::exception& failure) {
            return refusal(400, failure.what());
        }
        document.erase("zip");
        if (before) host_->instances.retire(string_or(*before, "image"));
        return json_response(before ? 200 : 201, shown(store_->change(key, std::move(document))));
    }

    ServerResponse patch(const std::string& key, const std::string& body, json::object document) {
        try {
            const json::value change = parse_json(body, "the change");
            for (const auto& [name, value] : change.as_object())
                document[name] = value;
        } catch (const std::exception& failure) {
            return refusal(400, failure.what());
        }
        return json_response(200, shown(store_->change(key, std::move(document))));
    }

    ServerResponse list(const std::string& region, const std::string& after) {
        const std::size_t most = store_->world().page(50);
        json::array all;
        json::object page;
        for (const std::string& key : store_->keys(region)) {
            if (!after.empty() && key <= region + "/" + after) continue;
            if (all.size() == most) {
                page["next"] = all.back().at("name");
                break;
            }
            all.push_back(shown(*store_->get(key)));
        }
        page["functions"] = std::move(all);
        return json_response(200, page);
    }

    ServerResponse logs(const std::string& key, const QueryFields& query) const {
        const long long since = std::atoll(query_field(query, "since").value_or("0").c_str());
        const long long limit = std::atoll(query_field(query, "limit").value_or("1000").c_str());
        return json_response(
            200, json::object{
                     {"lines", store_->lines(key, since, static_cast<std::size_t>(std::max(0LL, limit)))}});
    }

    std::shared_ptr<const FunctionImage> image_of(const Route& route, const json::object& document) const {
        auto image = std::make_shared<FunctionImage>();
        image->id = string_or(document, "image");
        image->archive = host_->state.blob(string_or(document, "blob"));
        image->python = "3.11";
        image->memory_mb = static_cast<int>(integer_or(document, "memory", 128));
        image->timeout = std::chrono::seconds(integer_or(document, "timeout", 30));
        if (const json::value* variables = find(document, "environment"); variables && variables->is_object())
            for (const auto& [name, value] : variables->get_object())
                if (value.is_string()) image->environment[name] = std::string(value.get_string());
        image->environment["ACME_REGION"] = route.region;
        image->environment["ACME_FUNCTION"] = route.name;
        image->environment["ACME_MEMORY_MB"] = std::to_string(image->memory_mb);
        image->runtime_files = {{"runner.py", std::string(acme_runner::text("runner.py"))}};
        image->arguments = {"/opt/pyfops-runtime/runner.py", entry_handler};
        return image;
    }

    Task<ServerResponse> invoke(Route route, json::object document, std::string event) {
        using Outcome = ExecutionResult::Outcome;
        auto executing =
            host_->instances.execute(image_of(route, document), host_->random.uuid(), std::move(event), {});
        const ExecutionResult result = co_await std::move(executing);
        store_->log(route.key(), result.logs);
        ServerResponse response = text_response(200, "application/json", result.body);
        response.headers.set("x-pyfops-ran-on", result.ran_on);
        if (result.outcome == Outcome::answered) co_return response;
        response.headers.set(function_error_header, result.outcome == Outcome::timed_out       ? "timeout"
                                                    : result.outcome == Outcome::out_of_memory ? "memory"
                                                    : result.outcome == Outcome::exited        ? "ended"
                                                                                               : "raised");
        if (result.body.empty())
            response.body = json::serialize(
                json::object{{"errorType", "Ended"}, {"errorMessage", "the function was stopped or ended"}});
        co_return response;
    }

    EmulatorHost* host_ = nullptr;
    std::optional<Store> store_;
};

} // namespace

} // namespace acme

PYFOPS_EMULATOR_FACE(acme::AcmeFace, "acme", "1.0.0")

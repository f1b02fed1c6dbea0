// SPDX-License-Identifier: Apache-2.0
// The local stand-in of Acme Functions: it keeps what is put and runs it.
#include "api.hpp"
#include "pyfops_acme_emulator_embedded.hpp"

#include <pyfops/crypto.hpp>
#include <pyfops/emulator/face.hpp>
#include <pyfops/error.hpp>
#include <pyfops/plugin.hpp>

#include <boost/json/serialize.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace acme {

using namespace pyfops;

namespace {

constexpr const char* collection = "acme.functions";
constexpr const char* token = "acme-local-token";

ServerResponse answer(int status, const json::value& body) {
    ServerResponse response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = json::serialize(body);
    return response;
}

ServerResponse refusal(int status, std::string_view message) {
    return answer(status, json::object{{"message", message}});
}

/// "/acme/v1/<region>/functions[/<name>[/invocations]]"
struct Route {
    std::string region, name;
    bool invocation = false;
};

std::optional<Route> route_of(std::string_view target) {
    std::vector<std::string> parts(1);
    for (const char c : target.substr(0, target.find('?'))) {
        if (c == '/')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    if (parts.size() < 5 || parts.size() > 7 || parts[1] != "acme" || parts[2] != "v1" ||
        parts[4] != "functions")
        return std::nullopt;
    Route route{parts[3], parts.size() > 5 ? parts[5] : "", parts.size() == 7};
    if (route.invocation && parts[6] != "invocations") return std::nullopt;
    return route;
}

class AcmeFace final : public EmulatorFace {
  public:
    void start(EmulatorHost& host) override { host_ = &host; }

    bool accepts(const ServerRequest& request) const override { return request.target.starts_with("/acme/"); }

    std::string operation(const ServerRequest& request) const override {
        const auto route = route_of(request.target);
        if (!route) return "";
        if (route->invocation) return "acme:Invoke";
        if (request.method == "PUT") return "acme:Put";
        if (request.method == "DELETE") return "acme:Delete";
        return route->name.empty() ? "acme:List" : "acme:Get";
    }

    ServerResponse failure(const ServerRequest&, int status, std::string_view code) const override {
        return refusal(status, code);
    }

    std::map<std::string, std::string> environment() const override {
        return {{"ACME_ENDPOINT", host_->base_url}, {"ACME_TOKEN", token}};
    }

    Task<ServerResponse> handle(ServerRequest request) override {
        const auto route = route_of(request.target);
        if (!route) co_return refusal(404, "no such address");
        if (!equal_secret(request.headers.get("Authorization"), std::string("Bearer ") + token))
            co_return refusal(401, "unknown token");
        const std::string key = route->region + "/" + route->name;
        const auto document = host_->state.get(collection, key);
        if (request.method == "PUT") co_return put(key, request.body);
        if (request.method == "GET" && route->name.empty()) co_return list(route->region);
        if (!document && request.method != "DELETE") co_return refusal(404, "no such function");
        if (request.method == "GET") co_return answer(200, *document);
        if (request.method == "DELETE") {
            host_->state.erase(collection, key);
            host_->instances.retire(key);
            co_return answer(200, json::object{});
        }
        auto invoking = invoke(key, *document, std::move(request.body));
        co_return co_await std::move(invoking);
    }

  private:
    ServerResponse put(const std::string& key, const std::string& body) {
        json::object document;
        try {
            document = parse_json(body, "the function").as_object();
            document["blob"] = host_->state.put_blob(base64_decode(string_or(document, "zip")));
        } catch (const std::exception& failure) {
            return refusal(400, failure.what());
        }
        document.erase("zip");
        host_->state.put(collection, key, document);
        host_->instances.retire(key);
        return answer(200, document);
    }

    ServerResponse list(const std::string& region) const {
        json::array all;
        for (const std::string& key : host_->state.keys(collection, region + "/"))
            all.push_back(*host_->state.get(collection, key));
        return answer(200, json::object{{"functions", all}});
    }

    Task<ServerResponse> invoke(std::string key, json::object document, std::string event) {
        auto image = std::make_shared<FunctionImage>();
        image->id = key;
        image->archive = host_->state.blob(string_or(document, "blob"));
        image->python = "3.11";
        image->memory_mb = static_cast<int>(integer_or(document, "memory", 128));
        image->timeout = std::chrono::seconds(integer_or(document, "timeout", 30));
        if (const json::value* variables = find(document, "environment"); variables && variables->is_object())
            for (const auto& [name, value] : variables->get_object())
                image->environment[std::string(name)] = value.as_string().c_str();
        image->runtime_files = {{"runner.py", std::string(acme_runner::text("runner.py"))}};
        image->arguments = {"/opt/pyfops-runtime/runner.py", entry_handler};
        auto executing = host_->instances.execute(image, host_->random.uuid(), std::move(event), {});
        const ExecutionResult result = co_await std::move(executing);
        ServerResponse response;
        response.headers.set("Content-Type", "application/json");
        if (result.outcome == ExecutionResult::Outcome::answered) {
            response.body = result.body;
            co_return response;
        }
        response.headers.set(function_error_header, "true");
        response.body = result.body.empty()
                            ? R"({"errorType": "Ended", "errorMessage": "the function ended"})"
                            : result.body;
        co_return response;
    }

    EmulatorHost* host_ = nullptr;
};

} // namespace

} // namespace acme

PYFOPS_EMULATOR_FACE(acme::AcmeFace, "acme", "1.0.0")

// SPDX-License-Identifier: Apache-2.0
// What editors complete and check. The loader is the judge: the schema is never stricter than it.
#include "config/parts.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/project.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pyfops {
namespace {

constexpr const char* name_pattern = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$";

json::object described(std::string_view description, json::object schema) {
    json::object result{{"description", description}};
    for (auto& member : schema)
        result.emplace(member.key(), std::move(member.value()));
    return result;
}

json::object text(std::string_view description) {
    return described(description, {{"type", "string"}, {"minLength", 1}});
}

json::object text(std::string_view description, json::array examples) {
    json::object schema = text(description);
    schema["examples"] = std::move(examples);
    return schema;
}

json::object reference(std::string_view name) {
    return {{"$ref", "#/$defs/" + std::string(name)}};
}

json::object mapping(json::array required, json::object properties) {
    json::object schema{{"type", "object"}, {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
}

json::object list_of(json::value items, std::size_t least = 1) {
    json::object schema{{"type", "array"}, {"items", std::move(items)}};
    if (least > 0) schema["minItems"] = least;
    return schema;
}

json::object one_or_many(std::string_view description, const json::object& item) {
    json::object many = list_of(item);
    many["uniqueItems"] = true;
    return described(description, {{"anyOf", json::array{item, many}}});
}

json::object python() {
    return described(
        "Minor version of Python. Each provider takes its nearest and says so. In quotes: as a number "
        "3.10 is 3.1.",
        {{"type", "string"},
         {"pattern", "^3\\.[0-9]{1,2}$"},
         {"default", "3.11"},
         {"examples", json::array{"3.11", "3.12", "3.13"}}});
}

json::object memory() {
    const json::object size{{"type", "integer"}, {"minimum", 1}, {"maximum", 1 << 20}};
    json::object sizes = list_of(size);
    sizes["uniqueItems"] = true;
    return described(
        "Memory in MB: a size, a list of sizes (one deployment each), or auto for the smallest that is "
        "enough.",
        {{"anyOf", json::array{json::object{{"const", "auto"}}, size, std::move(sizes)}},
         {"default", "auto"},
         {"examples", json::array{"auto", 256, json::array{128, 512}}}});
}

json::object duration(std::string_view description) {
    return described(
        description,
        {{"anyOf", json::array{json::object{{"type", "number"}, {"minimum", 0.001}, {"maximum", 86400}},
                               json::object{{"type", "string"}, {"pattern", "^[0-9.]+(ms|s|m)?$"}}}},
         {"examples", json::array{"500ms", "2s", 1.5}}});
}

json::object tune() {
    return described(
        "How memory: auto finds its size.",
        mapping(
            {},
            {{"objective",
              described(
                  "What the size is chosen for: the smallest that passes, the cheapest call, the "
                  "shortest, or the least of both.",
                  {{"enum", json::array{"minimum", "cost", "speed", "balanced"}}, {"default", "minimum"}})},
             {"max_duration", duration("A size at which a call takes longer does not pass.")},
             {"repeat", described("Goes through all inputs at a size; the majority counts.",
                                  {{"type", "integer"}, {"minimum", 1}, {"maximum", 100}, {"default", 1}})},
             {"sizes", described("Sizes that are measured for an objective other than minimum.",
                                 {{"type", "integer"}, {"minimum", 2}, {"maximum", 20}, {"default", 5}})},
             {"exact", described("Down to the provider's own step instead of steps of 64 MB.",
                                 {{"type", "boolean"}, {"default", false}})}}));
}

json::object environment() {
    const json::object secret = mapping(
        {"secret"},
        {{"secret",
          described("Where the value comes from at deployment. It goes to the cloud and nowhere else.",
                    {{"type", "string"},
                     {"pattern", "^(env|file|command):."},
                     {"examples",
                      json::array{"env:API_TOKEN", "file:secrets/token", "command:pass show token"}}})}});
    json::object schema = described(
        "Environment variables of the function. Secrets are named, not written.",
        {{"type", "object"},
         {"propertyNames", json::object{{"pattern", "^(?!PYFOPS_)[A-Za-z_][A-Za-z0-9_]*$"}}},
         {"additionalProperties",
          json::object{
              {"anyOf",
               json::array{json::object{{"type", json::array{"string", "number", "boolean"}}}, secret}}}},
         {"examples", json::array{json::object{{"MODE", "fast"}}}}});
    return schema;
}

json::object expectation() {
    const json::object error = described(
        "The function must fail, with this type and with this text in its message; either may be left out.",
        mapping({}, {{"type", text("Type of the exception.", {"ValueError"})},
                     {"message", text("Text that the message contains.")}}));
    const auto kind = [](const char* name, json::object schema) {
        json::object properties;
        properties[name] = std::move(schema);
        return mapping({name}, std::move(properties));
    };
    const json::object approx = described(
        "The answer equals the value; numbers may be apart by absolute + relative x the larger one.",
        mapping({"value"},
                {{"value", json::object{{"description", "Any JSON."}}},
                 {"absolute", json::object{{"type", "number"}, {"minimum", 0}, {"default", 0}}},
                 {"relative",
                  json::object{
                      {"type", "number"}, {"minimum", 0}, {"exclusiveMaximum", 1}, {"default", 1e-9}}}}));
    json::object file = described(
        "The text at a place of the answer is base64 of this file.",
        mapping(
            {},
            {{"at",
              described("JSON pointer; left out: the whole answer.",
                        {{"type", "string"}, {"pattern", "^(/.*)?$"}, {"examples", json::array{"/image"}}})},
             {"path", text("The expected file; the path starts at the project file.")},
             {"sha256", described("Its SHA-256.", {{"type", "string"}, {"pattern", "^[0-9A-Fa-f]{64}$"}})}}));
    file["oneOf"] = json::array{json::object{{"required", json::array{"path"}}},
                                json::object{{"required", json::array{"sha256"}}}};
    json::array kinds{
        kind("exact", {{"description", "The answer equals this JSON."}}),
        kind("subset", {{"description", "Every member named here is there and equal."}}),
        kind("approx", approx),
        kind("schema",
             {{"description", "The answer satisfies this JSON Schema (draft 7), or that of a file."},
              {"type", json::array{"object", "string"}}}),
        kind("regex", {{"description", "As subset; texts are regular expressions for the whole text."}}),
        kind("file", file),
        kind("error", error)};
    // A mapping of nothing but kinds is one of them or a mistake.
    json::array names;
    for (const std::string& name : config::expectation_kinds)
        names.emplace_back(name);
    const json::object of_kinds{{"type", "object"},
                                {"minProperties", 1},
                                {"propertyNames", json::object{{"enum", std::move(names)}}}};
    const json::object bare{{"description", "Anything else: the answer equals it."}, {"not", of_kinds}};
    kinds.push_back(bare);
    return described("What the answer must be. Left out: any answer that is no error.",
                     {{"anyOf", std::move(kinds)}});
}

json::object test() {
    json::object schema = mapping(
        {"name"},
        {{"name", text("Unique in its function.", {"small"})},
         {"input", json::object{{"description", "The event: any JSON."}}},
         {"input_file", text("A JSON file with the event; the path starts at the project file.")},
         {"inputs", text("A folder of JSON files: one test each, with <stem>.expect.json as its exact answer "
                         "where there is one.")},
         {"expect", reference("expectation")},
         {"repeat", described("How often the test runs.",
                              {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}, {"default", 1}})},
         {"max_duration", duration("A call that takes longer fails the test.")},
         {"weight",
          described("Its share in averages.",
                    {{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 1'000'000}, {"default", 1}})},
         {"warm_up", described("Calls before, whose answers do not count.",
                               {{"type", "integer"}, {"minimum", 0}, {"maximum", 100}, {"default", 0}})}});
    json::array inputs;
    for (const char* key : {"input", "input_file", "inputs"})
        inputs.push_back(json::object{{"required", json::array{key}}});
    schema["oneOf"] = std::move(inputs);
    return schema;
}

json::object function() {
    return mapping(
        {"name", "source", "handler"},
        {{"name",
          described("Small letters, digits and '-', at most 40.",
                    {{"type", "string"}, {"pattern", name_pattern}, {"examples", json::array{"thumbnail"}}})},
         {"type", described("AFCL function type. Default: <name>Type.",
                            {{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"}})},
         {"description", json::object{{"description", "For people."}, {"type", "string"}}},
         {"source", text("Folder of the code; the path starts at the project file. Functions may share one.",
                         {"functions/thumbnail"})},
         {"handler",
          described(
              "module:callable; the module is a file of the folder, without '.py'.",
              {{"type", "string"},
               {"pattern", "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"},
               {"examples", json::array{"thumbnail:handler"}}})},
         {"requirements",
          text("Requirements file of pip, in the folder of the code or beside the project file.",
               {"requirements.txt"})},
         {"timeout", described("Seconds until the provider ends a call.",
                               {{"type", "integer"}, {"minimum", 1}, {"maximum", 86400}, {"default", 30}})},
         {"memory", reference("memory")},
         {"tune", tune()},
         {"environment", environment()},
         {"tests", described("Inputs with what they must give.", list_of(reference("test"), 0))}});
}

json::object deployment(const std::vector<std::string>& providers) {
    json::object provider = text("Where it is deployed.");
    if (!providers.empty()) {
        json::array ids;
        for (const std::string& id : providers)
            ids.emplace_back(id);
        provider["anyOf"] =
            json::array{json::object{{"enum", std::move(ids)}}, json::object{{"type", "string"}}};
    }
    return mapping({"provider", "regions"},
                   {{"provider", std::move(provider)},
                    {"regions", one_or_many("One region or a list.", {{"type", "string"}, {"minLength", 1}})},
                    {"functions", one_or_many("Names of functions. Left out: all of them.",
                                              {{"type", "string"}, {"minLength", 1}})},
                    {"memory", reference("memory")}});
}

json::object setting_schema(const SettingInfo& setting) {
    json::object schema;
    json::array values;
    for (const std::string& value : setting.values)
        values.emplace_back(value);
    switch (setting.type) {
    case SettingInfo::Type::string:
        schema = {{"type", "string"}};
        break;
    case SettingInfo::Type::boolean:
        schema = {{"type", "boolean"}};
        break;
    case SettingInfo::Type::integer:
        schema = {{"type", "integer"}};
        break;
    case SettingInfo::Type::string_list: {
        json::object item{{"type", "string"}};
        if (!values.empty()) item["enum"] = std::exchange(values, {});
        schema = {{"type", "array"}, {"items", std::move(item)}};
        break;
    }
    case SettingInfo::Type::object:
        schema = {{"type", "object"}};
        break;
    }
    if (!values.empty()) schema["enum"] = std::move(values);
    return described(setting.description, std::move(schema));
}

json::object prices() {
    const auto usd = [](std::string_view description) {
        return described(description, {{"type", "number"}, {"minimum", 0}});
    };
    return described(
        "USD that calls cost, instead of the provider's price list.",
        mapping({}, {{"per_request", usd("A call.")},
                     {"per_gb_second", usd("A second of 1024 MB.")},
                     {"per_vcpu_second", usd("A second of a processor.")},
                     {"rounding_ms", described("Durations are rounded up to a multiple.",
                                               {{"type", "integer"}, {"minimum", 1}, {"default", 1}})},
                     {"minimum_ms", described("The shortest that is charged.",
                                              {{"type", "integer"}, {"minimum", 0}, {"default", 0}})}}));
}

json::object provider_schema(const ProviderInfo& info) {
    json::object properties{{"python", python()}, {"prices", prices()}};
    for (const SettingInfo& setting : info.settings)
        properties[setting.key] = setting_schema(setting);
    json::object settings = mapping({}, std::move(properties));
    settings["type"] = json::array{"object", "null"};
    return described("Settings of " + info.title + ". Credentials never stand here.", std::move(settings));
}

/// "When the provider is this one, the regions are among these": completion that knows the provider.
json::object regions_of(const ProviderInfo& info) {
    json::array codes;
    for (const RegionInfo& region : info.regions)
        codes.emplace_back(region.code);
    const json::object region{{"enum", std::move(codes)}};
    const json::object provider{{"const", info.id}};
    return {
        {"if", json::object{{"properties", json::object{{"provider", provider}}},
                            {"required", json::array{"provider"}}}},
        {"then",
         json::object{{"properties",
                       json::object{{"regions", one_or_many("Regions of " + info.title + ".", region)}}}}}};
}

} // namespace

json::object project_schema(PluginRegistry* plugins) {
    std::vector<std::string> ids;
    json::object provider_settings;
    json::array conditions;
    if (plugins) {
        for (const std::string& id : plugins->ids()) {
            try {
                const ProviderInfo& info = plugins->get(id).info();
                provider_settings[id] = provider_schema(info);
                if (!info.regions.empty()) conditions.push_back(regions_of(info));
                ids.push_back(id);
            } catch (const std::exception&) {
                // A plugin that cannot be loaded has nothing to say; `pyfops plugins` names it.
            }
        }
    }
    json::object deployment_schema = deployment(ids);
    if (!conditions.empty()) deployment_schema["allOf"] = std::move(conditions);
    json::object providers =
        described("Settings by provider.",
                  {{"type", json::array{"object", "null"}},
                   {"additionalProperties", json::object{{"type", json::array{"object", "null"}}}}});
    if (!provider_settings.empty()) providers["properties"] = std::move(provider_settings);
    json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                        {"title", "pyfops.yaml"},
                        {"description", "A pyfOps project: Python functions and where they are deployed."}};
    json::object project = mapping(
        {"project", "functions"},
        {{"project",
          described(
              "Id of the project, part of every name in the cloud.",
              {{"type", "string"}, {"pattern", name_pattern}, {"examples", json::array{"gate-change"}}})},
         {"python", python()},
         {"database",
          text("Where deployments are recorded. Default: sqlite:.pyfops/afcl.db.",
               {"sqlite:.pyfops/afcl.db", "mariadb://user@host/afcl", "mariaDatabase.properties"})},
         {"budget",
          described(
              "What the calls of one run may come to, tests and tuning included.",
              mapping({}, {{"max_invocations", described("Calls.", {{"type", "integer"}, {"minimum", 1}})},
                           {"max_cost", described("USD, by the providers' price lists.",
                                                  {{"type", "number"}, {"exclusiveMinimum", 0}})}}))},
         {"functions", described("What is deployed.", list_of(reference("function")))},
         {"deployments", described("Where it is deployed.", list_of(reference("deployment"), 0))},
         {"providers", std::move(providers)}});
    for (auto& member : project)
        schema[member.key()] = std::move(member.value());
    schema["patternProperties"] =
        json::object{{"^x-", json::object{{"description", "Free: room for anchors and notes."}}}};
    schema["$defs"] = json::object{{"function", function()},
                                   {"deployment", std::move(deployment_schema)},
                                   {"memory", memory()},
                                   {"test", test()},
                                   {"expectation", expectation()}};
    return schema;
}

} // namespace pyfops

// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include "pyfops/text.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace pyfops;
using pyfops::testing::some_tables;

namespace {

constexpr std::string_view crop_link = "https://1.eu-central-1.fc.aliyuncs.com/x/";
constexpr std::string_view crop_place = "Alibaba_alibaba-eu-central-1_256";

struct Outcome {
    BoundWorkflow bound;
    Diagnostics diagnostics;
    std::string codes() const {
        std::string all;
        for (const Finding& finding : diagnostics.findings())
            all += fmt::format("{}@{}:{} ", finding.code, finding.position.line, finding.position.column);
        return all;
    }
};

Outcome bind_to(const std::string& text, const BindingChoice& choice = {},
                const std::string& label = "w.yaml") {
    Outcome outcome;
    outcome.bound = bind_workflow(text, label, some_tables(), choice, outcome.diagnostics);
    return outcome;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// `text` with LINK and PLACE filled in.
std::string with_crop(const std::string& text) {
    return replaced(replaced(text, "LINK", crop_link), "PLACE", crop_place);
}

void check_binds(const std::string& before, const std::string& after, const std::string& label = "w.yaml") {
    const Outcome outcome = bind_to(before, {}, label);
    CHECK_MESSAGE(outcome.codes() == "", outcome.codes());
    CHECK(outcome.bound.text == with_crop(after));
    // What was bound stays as it is.
    const Outcome again = bind_to(outcome.bound.text, {}, label);
    CHECK(again.codes() == "");
    CHECK(again.bound.text == outcome.bound.text);
    for (const Binding& binding : again.bound.bindings)
        CHECK_FALSE(binding.changed());
}

} // namespace

TEST_CASE("a resource and a deployment that are there get new values and keep their quotes") {
    check_binds("name: w # comment\n"
                "workflowBody:\n"
                "  - function:\n"
                "      name: \"crop\"   # about crop\n"
                "      type: \"cropType\"\n"
                "      deployment: 'AWS_x_1' # place\n"
                "      properties:\n"
                "        # the link\n"
                "        - name: resource\n"
                "          value: \"python:arn:old\"   # old\n"
                "        - {name: other, value: 1}\n",
                "name: w # comment\n"
                "workflowBody:\n"
                "  - function:\n"
                "      name: \"crop\"   # about crop\n"
                "      type: \"cropType\"\n"
                "      deployment: 'PLACE' # place\n"
                "      properties:\n"
                "        # the link\n"
                "        - name: resource\n"
                "          value: \"python:LINK\"   # old\n"
                "        - {name: other, value: 1}\n");
}

TEST_CASE("what is missing is added after the type in the style of the file") {
    check_binds("name: w\n"
                "workflowBody:\n"
                "- function:\n"
                "    name: 'crop'\n"
                "    type: 'cropType' # the type\n"
                "\n"
                "    dataIns:\n"
                "    - name: 'a'\n",
                "name: w\n"
                "workflowBody:\n"
                "- function:\n"
                "    name: 'crop'\n"
                "    type: 'cropType' # the type\n"
                "    deployment: 'PLACE'\n"
                "    properties:\n"
                "    - name: 'resource'\n"
                "      value: 'LINK'\n"
                "\n"
                "    dataIns:\n"
                "    - name: 'a'\n");
}

TEST_CASE("the last line needs no end") {
    check_binds("workflowBody:\n  - function:\n      type: cropType",
                "workflowBody:\n  - function:\n      type: cropType\n      deployment: PLACE\n"
                "      properties:\n        - name: \"resource\"\n          value: \"LINK\"");
}

TEST_CASE("line ends of Windows and a byte order mark stay") {
    check_binds("\xef\xbb\xbfworkflowBody:\r\n  - function:\r\n      name: \"\xc3\xa4\"\r\n      type: "
                "\"cropType\"\r\n"
                "      properties:\r\n        - name: \"resource\"\r\n          value: \"js:x\"\r\n",
                "\xef\xbb\xbfworkflowBody:\r\n  - function:\r\n      name: \"\xc3\xa4\"\r\n      type: "
                "\"cropType\"\r\n"
                "      deployment: \"PLACE\"\r\n"
                "      properties:\r\n        - name: \"resource\"\r\n          value: \"js:LINK\"\r\n");
}

TEST_CASE("a property is added above its neighbours and looks like them") {
    check_binds("workflowBody:\n"
                "  - function:\n"
                "      type: \"cropType\"\n"
                "      properties: # of crop\n"
                "        # about x\n"
                "        -   name: 'x'\n"
                "            value: 'y'\n",
                "workflowBody:\n"
                "  - function:\n"
                "      type: \"cropType\"\n"
                "      deployment: \"PLACE\"\n"
                "      properties: # of crop\n"
                "        -   name: 'resource'\n"
                "            value: 'LINK'\n"
                "        # about x\n"
                "        -   name: 'x'\n"
                "            value: 'y'\n");
    check_binds(
        "workflowBody:\n  - function:\n      type: cropType\n      properties:\n"
        "      - {\"name\": \"x\", \"value\": \"y\"}\n",
        "workflowBody:\n  - function:\n      type: cropType\n      deployment: PLACE\n      properties:\n"
        "      - {\"name\": \"resource\", \"value\": \"LINK\"}\n"
        "      - {\"name\": \"x\", \"value\": \"y\"}\n");
}

TEST_CASE("brackets stay brackets") {
    check_binds("workflowBody: [{function: {type: cropType, properties: [{name: x, value: y}]}}]\n",
                "workflowBody: [{function: {type: cropType, deployment: \"PLACE\", properties: "
                "[{name: resource, value: \"LINK\"}, {name: x, value: y}]}}]\n");
    check_binds("workflowBody: [{function: {name: a, type: cropType}}]\n",
                "workflowBody: [{function: {name: a, type: cropType, deployment: \"PLACE\", properties: "
                "[{name: \"resource\", value: \"LINK\"}]}}]\n");
    check_binds(
        "workflowBody:\n  - function:\n      type: cropType\n      properties: []\n",
        "workflowBody:\n  - function:\n      type: cropType\n      deployment: PLACE\n      properties: "
        "[{name: \"resource\", value: \"LINK\"}]\n");
}

TEST_CASE("a workflow in JSON stays JSON") {
    const std::string small = R"({"workflowBody":[{"function":{"name":"\ud83d\ude00","type":"cropType"}}]})";
    check_binds(
        small,
        R"({"workflowBody":[{"function":{"name":"\ud83d\ude00","type":"cropType","deployment":"PLACE",)"
        R"("properties":[{"name":"resource","value":"LINK"}]}}]})",
        "w.json");
    CHECK_NOTHROW(parse_json(bind_to(small, {}, "w.json").bound.text, "w"));
    check_binds(
        "{\n  \"workflowBody\": [\n    {\n      \"function\": {\n        \"name\": \"crop\",\n"
        "        \"type\": \"cropType\",\n        \"properties\": [\n          {\n"
        "            \"name\": \"x\",\n            \"value\": \"y\"\n          }\n        ]\n      }\n"
        "    }\n  ]\n}\n",
        "{\n  \"workflowBody\": [\n    {\n      \"function\": {\n        \"name\": \"crop\",\n"
        "        \"type\": \"cropType\",\n        \"deployment\": \"PLACE\",\n"
        "        \"properties\": [\n          {\n"
        "            \"name\": \"resource\",\n            \"value\": \"LINK\"\n          },\n"
        "          {\n"
        "            \"name\": \"x\",\n            \"value\": \"y\"\n          }\n        ]\n      }\n"
        "    }\n  ]\n}\n",
        "w.json");
    check_binds("{\n  \"workflowBody\": [\n    {\n      \"function\": {\n        \"name\": \"crop\",\n"
                "        \"type\": \"cropType\"\n      }\n    }\n  ]\n}\n",
                "{\n  \"workflowBody\": [\n    {\n      \"function\": {\n        \"name\": \"crop\",\n"
                "        \"type\": \"cropType\",\n        \"deployment\": \"PLACE\",\n"
                "        \"properties\": [\n          {\n            \"name\": \"resource\",\n"
                "            \"value\": \"LINK\"\n          }\n        ]\n      }\n    }\n  ]\n}\n",
                "w.json");
}

TEST_CASE("functions are found however deep they are nested") {
    const std::string function =
        "function: {name: NAME, type: cropType, properties: [{name: resource, value: x}]}";
    std::string text = "name: all\nworkflowBody:\n";
    const auto add = [&](const std::string& before, const char* name) {
        text += before + "- " + replaced(function, "NAME", name) + "\n";
    };
    text += "  - sequence:\n      sequenceBody:\n";
    add("        ", "in-sequence");
    text += "  - if:\n      then:\n";
    add("        ", "in-then");
    text += "      else:\n";
    add("        ", "in-else");
    text += "  - switch:\n      cases:\n        - value: 1\n          functions:\n";
    add("            ", "in-case");
    text += "      default:\n";
    add("        ", "in-default");
    text += "  - for:\n      loopBody:\n";
    add("        ", "in-for");
    text += "  - while:\n      loopBody:\n";
    add("        ", "in-while");
    text += "  - parallel:\n      parallelBody:\n        - section:\n";
    add("            ", "in-section");
    text += "  - parallelFor:\n      loopBody:\n        - parallelFor:\n            loopBody:\n";
    add("              ", "in-parallelFor");
    text += "subFCs:\n  - subFC:\n      subFCBody:\n";
    add("        ", "in-subFC");
    const Outcome outcome = bind_to(text);
    CHECK(outcome.codes() == "");
    std::vector<std::string> names;
    for (const Binding& binding : outcome.bound.bindings) {
        names.push_back(binding.function);
        CHECK(binding.resource == crop_link);
    }
    CHECK(names == std::vector<std::string>{"in-sequence", "in-then", "in-else", "in-case", "in-default",
                                            "in-for", "in-while", "in-section", "in-parallelFor",
                                            "in-subFC"});
    CHECK(outcome.bound.text.find("value: x}") == std::string::npos);
}

TEST_CASE("the engine's own functions and data that looks like one are left alone") {
    const std::string text = "workflowBody:\n  - function: {name: a, type: \"build-in:asyncHandler\"}\n"
                             "dataIns:\n  - {name: x, constant: {function: {type: other}}}\n";
    const Outcome outcome = bind_to(text);
    CHECK(outcome.codes() == "");
    CHECK(outcome.bound.text == text);
}

TEST_CASE("a new link gets the prefix that other links have") {
    const Outcome outcome =
        bind_to("workflowBody:\n"
                "  - function: {type: cropType, properties: [{name: resource, value: 'python:x'}]}\n"
                "  - function: {type: cropType}\n"
                "  - function: {type: cropType, properties: [{name: resource, value: 'arn:x'}]}\n");
    REQUIRE(outcome.bound.bindings.size() == 3);
    CHECK(outcome.bound.bindings[0].resource == "python:" + std::string(crop_link));
    CHECK(outcome.bound.bindings[1].resource == "python:" + std::string(crop_link));
    CHECK(outcome.bound.bindings[2].resource == crop_link);
}

TEST_CASE("one of several deployments is chosen only when it is said how") {
    const std::string text = "workflowBody:\n  - function:\n      type: resizeType\n";
    const auto name = [&](const BindingChoice& choice) {
        const Outcome outcome = bind_to(text, choice);
        return outcome.bound.bindings.empty() ? outcome.codes() : outcome.bound.bindings[0].name;
    };
    BindingChoice choice;
    const Outcome several = bind_to(text);
    CHECK(several.codes() == "several-deployments@3:13 ");
    CHECK(several.diagnostics.findings()[0].hint.find("Microsoft westeurope 512 MB") != std::string::npos);
    CHECK(several.bound.text == text);
    choice.by = BindingChoice::By::cheapest;
    CHECK(name(choice) == "resizeAWSPython-eu-central-1-128");
    choice.by = BindingChoice::By::fastest;
    CHECK(name(choice) == "resizeAWSPython-eu-central-1-512");
    choice.by = BindingChoice::By::only;
    for (const char* azure : {"azure", "Microsoft", "AZURE"}) {
        choice.provider = azure;
        CHECK(name(choice) == "resizeAzurePython-westeurope");
    }
    CHECK(bind_to(text, choice).bound.bindings.at(0).deployment == "Azure_westeurope_512");
    choice.provider = "aws";
    choice.region = "eu-central-1";
    CHECK(name(choice) == "several-deployments@3:13 ");
    choice.memory_mb = 128;
    CHECK(name(choice) == "resizeAWSPython-eu-central-1-128");
    choice.region = "us-east-1";
    CHECK(name(choice) == "no-deployment@3:13 ");
}

TEST_CASE("a region has the provider's code and that of AFCL") {
    const std::string text = "workflowBody:\n  - function: {type: cropType}\n";
    BindingChoice choice;
    for (const char* region : {"eu-central-1", "alibaba-eu-central-1"}) {
        choice.region = region;
        CHECK(bind_to(text, choice).bound.bindings.size() == 1);
    }
}

TEST_CASE("what was never measured is neither cheapest nor fastest") {
    BindingChoice choice;
    choice.by = BindingChoice::By::cheapest;
    // The only one is taken; of several unmeasured ones none is.
    CHECK(bind_to("workflowBody:\n  - function: {type: cropType}\n", choice).codes() == "");
    AfclTables tables = some_tables();
    for (json::value& row : tables["functiondeployment"])
        row.as_object()["avgCost"] = nullptr;
    Diagnostics diagnostics;
    bind_workflow("workflowBody:\n  - function: {type: resizeType}\n", "w", tables, choice, diagnostics);
    REQUIRE(diagnostics.error_count() == 1);
    CHECK(diagnostics.findings()[0].code == "not-measured");
}

TEST_CASE("an unknown type is a finding and nothing is bound unless a part will do") {
    const std::string text =
        "workflowBody:\n  - function: {name: a, type: cropTyp}\n  - function: {type: cropType}\n";
    const Outcome all = bind_to(text);
    CHECK(all.codes() == "unknown-type@2:31 ");
    CHECK(all.diagnostics.findings()[0].hint == "did you mean 'cropType'?");
    CHECK(all.bound.text == text);
    BindingChoice choice;
    choice.partial = true;
    const Outcome part = bind_to(text, choice);
    CHECK_FALSE(part.diagnostics.has_errors());
    CHECK(part.codes() == "unknown-type@2:31 ");
    CHECK(part.bound.text.find(crop_link) != std::string::npos);
    CHECK(part.bound.text.starts_with("workflowBody:\n  - function: {name: a, type: cropTyp}\n"));
}

TEST_CASE("places that several functions share are refused") {
    const auto code = [](const std::string& text) { return bind_to("workflowBody:\n" + text).codes(); };
    CHECK(code("  - function: &f\n      type: cropType\n      properties: []\n  - function: *f\n") ==
          "not-editable@3:7 ");
    CHECK(code("  - function:\n      type: cropType\n      properties: &p\n      - {name: a, value: b}\n"
               "  - function:\n      type: cropType\n      properties: *p\n") ==
          "not-editable@4:7 not-editable@8:7 ");
    CHECK(code("  - function: {type: cropType, deployment: &d x}\n") == "not-editable@2:44 ");
    CHECK(code("  - function:\n      <<: &b {type: cropType}\n      name: x\n") == "not-editable@3:7 ");
    // An anchor that nobody uses at this place harms nothing.
    CHECK(code("  - function: &unused\n      type: cropType\nname: &n x\nother: *n\n") == "");
}

TEST_CASE("values that cannot be cut out are refused") {
    const auto code = [](const std::string& text) {
        return bind_to("workflowBody:\n  - function:\n      type: cropType\n" + text).codes();
    };
    CHECK(code("      deployment: |\n        x\n") == "not-editable@4:19 ");
    CHECK(code("      deployment: one\n        two\n") == "not-editable@4:19 ");
    CHECK(code("      deployment: &a\n") == "not-editable@4:7 ");
    CHECK(code("      deployment: [x]\n") == "not-editable@4:7 ");
    CHECK(code("      properties: text\n") == "not-editable@4:7 ");
    CHECK(code("      properties: [{name: resource}]\n") != "");
    CHECK(code("      properties: [{name: resource, value: a}, {name: resource, value: b}]\n") != "");
    CHECK(code("      deployment: a\n      deployment: b\n") == "duplicate-key@5:7 ");
}

TEST_CASE("empty values are filled") {
    check_binds("workflowBody:\n  - function:\n      type: cropType\n      deployment: # none yet\n"
                "      properties:\n        - name: resource\n          value: ~\n",
                "workflowBody:\n  - function:\n      type: cropType\n      deployment: \"PLACE\" # none yet\n"
                "      properties:\n        - name: resource\n          value: \"LINK\"\n");
    check_binds(
        "workflowBody:\n  - function:\n      type: cropType\n      deployment: null\n      properties:\n",
        "workflowBody:\n  - function:\n      type: cropType\n      deployment: \"PLACE\"\n      properties: "
        "[{name: \"resource\", value: \"LINK\"}]\n");
}

TEST_CASE("what is no workflow is a finding") {
    CHECK(bind_to("").codes() == "empty-file@0:0 ");
    CHECK(bind_to("a: [\n").codes().starts_with("yaml-syntax@"));
    CHECK(bind_to("name: x\n").codes() == "no-workflow@0:0 ");
    CHECK(bind_to("- workflowBody\n").codes() == "no-workflow@0:0 ");
    CHECK(bind_to("workflowBody: []\n").codes() == "no-functions@0:0 ");
    CHECK(bind_to("workflowBody:\n  - function: {name: a}\n").codes().starts_with("no-type@2:"));
    CHECK(bind_to("workflowBody: []\n---\nworkflowBody: []\n").codes() == "multiple-documents@2:1 ");
    CHECK(bind_to("workflowBody: \xff\n").codes() == "invalid-utf8@1:15 ");
    CHECK(bind_to("workflowBody: \x01\n").codes() == "invalid-character@1:15 ");
}

TEST_CASE("hostile workflows end soon") {
    CHECK(bind_to(std::string((4u << 20) + 1, ' ')).codes() == "too-large@0:0 ");
    CHECK(bind_to("workflowBody: " + std::string(100'000, '[') + "\n").codes().starts_with("too-deep@1:"));
    std::string bomb = "workflowBody: []\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i)
        bomb += fmt::format(
            "a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
    CHECK(bind_to(bomb).codes().starts_with("too-large@"));
    std::string deep = "workflowBody:\n";
    std::string indent;
    for (int i = 0; i < 50; ++i, indent += "      ")
        deep += indent + "  - if:\n" + indent + "      then:\n";
    deep += indent + "  - function: {type: cropType}\n";
    CHECK(bind_to(deep).bound.bindings.size() == 1);
}

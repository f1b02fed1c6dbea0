// SPDX-License-Identifier: Apache-2.0
#include "expect/support.hpp"

#include <string>

using namespace pyfops;

namespace {

std::string schema(std::string_view expected, std::string_view got) {
    return test::judged(Expectation::Kind::schema, expected, got);
}

std::string on_values(const json::value& expected, json::value got) {
    return test::judged({Expectation::Kind::schema, expected}, test::answering(std::move(got)));
}

} // namespace

TEST_CASE("a schema says where the answer does not satisfy it and how") {
    constexpr std::string_view person = R"({
        "type": "object",
        "required": ["name", "age"],
        "properties": {
            "name": {"type": "string", "minLength": 2, "pattern": "^[A-Z]"},
            "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true, "maxItems": 2}
        },
        "additionalProperties": false})";
    CHECK(schema(person, R"({"name": "Ada", "age": 36.0, "tags": ["a", "b"]})").empty());
    CHECK(schema(person, "[]") == "expected the type \"object\", got []");
    CHECK(schema(person, R"({"name": "Ada"})") == "at /age: required, but it is missing");
    CHECK(schema(person, R"({"name": "A", "age": 1})") == "at /name: expected at least 2 characters, got 1");
    CHECK(schema(person, R"({"name": "ada", "age": 1})") ==
          R"(at /name: expected text with a match of "^[A-Z]", got "ada")");
    CHECK(schema(person, R"({"name": "Ada", "age": 1.5})") ==
          "at /age: expected the type \"integer\", got 1.5");
    CHECK(schema(person, R"({"name": "Ada", "age": 150})") ==
          "at /age: expected a number below 150, got 150");
    CHECK(schema(person, R"({"name": "Ada", "age": -1})") ==
          "at /age: expected a number of at least 0, got -1");
    CHECK(schema(person, R"({"name": "Ada", "age": 1, "tags": ["c"]})") ==
          R"(at /tags/0: expected one of ["a","b"], got "c")");
    CHECK(schema(person, R"({"name": "Ada", "age": 1, "tags": ["a", "a"]})") ==
          R"(at /tags: expected different items, but 0 and 1 are equal: "a")");
    CHECK(schema(person, R"({"name": "Ada", "age": 1, "x/y": 1})") == "at /x~1y: not expected, got 1");
}

TEST_CASE("numbers are compared by value") {
    CHECK(schema(R"({"enum": [1]})", "1.0").empty());
    CHECK(schema(R"({"const": {"a": [2.0]}})", R"({"a": [2]})").empty());
    CHECK_FALSE(schema(R"({"const": 9007199254740993})", "9007199254740992.0").empty());
    CHECK(schema(R"({"type": "integer"})", "18446744073709551615").empty());
    CHECK(schema(R"({"type": "integer", "minimum": 18446744073709551615})", "18446744073709551615").empty());
    CHECK_FALSE(schema(R"({"maximum": 9223372036854775807})", "9223372036854775808").empty());
    CHECK(schema(R"({"multipleOf": 0.1})", "0.3").empty());
    CHECK_FALSE(schema(R"({"multipleOf": 0.1})", "0.35").empty());
    CHECK(schema(R"({"multipleOf": 0.0001})", "0.0075").empty());
    CHECK_FALSE(schema(R"({"multipleOf": 0.0001})", "0.00751").empty());
    CHECK(schema(R"({"multipleOf": 3})", "9007199254740993").empty());
    CHECK_FALSE(schema(R"({"multipleOf": 1e-308})", "1e308").empty());
    CHECK(schema(R"({"multipleOf": -1})", "-9223372036854775808").empty());
    CHECK(schema(R"({"uniqueItems": true})", "[1, \"1\", true, [1], {\"a\": 1}]").empty());
    CHECK_FALSE(schema(R"({"uniqueItems": true})", "[{\"a\": 1, \"b\": 2}, {\"b\": 2.0, \"a\": 1}]").empty());
}

TEST_CASE("combinations of schemas") {
    CHECK(schema(R"({"anyOf": [{"type": "string"}, {"minimum": 3}]})", "3").empty());
    CHECK(schema(R"({"anyOf": [{"type": "string"}, {"minimum": 3}]})", "2") ==
          "satisfies none of the 2 schemas of 'anyOf'; the first: expected the type \"string\", got 2");
    CHECK(schema(R"({"oneOf": [{"minimum": 1}, {"minimum": 3}]})", "2").empty());
    CHECK(schema(R"({"oneOf": [{"minimum": 1}, {"minimum": 3}]})", "3") ==
          "satisfies more than one schema of 'oneOf', got 3");
    CHECK(schema(R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", "4") ==
          "expected a number of at most 3, got 4");
    CHECK(schema(R"({"not": {"type": "null"}})", "null") == R"(must not satisfy {"type":"null"}, got null)");
    constexpr std::string_view conditional =
        R"({"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["a"]}, "else": {"required": ["b"]}})";
    CHECK(schema(conditional, R"({"kind": "a", "a": 1})").empty());
    CHECK(schema(conditional, R"({"kind": "a", "b": 1})") == "at /a: required, but it is missing");
    CHECK(schema(conditional, R"({"kind": "c"})") == "at /b: required, but it is missing");
    constexpr std::string_view items =
        R"({"items": [{"type": "string"}, {"type": "number"}], "additionalItems": {"type": "null"}})";
    CHECK(schema(items, R"(["a", 1, null, null])").empty());
    CHECK(schema(items, R"(["a", 1, 2])") == "at /2: expected the type \"null\", got 2");
    CHECK(schema(R"({"contains": {"const": 5}})", "[1, 5]").empty());
    CHECK_FALSE(schema(R"({"contains": {"const": 5}})", "[]").empty());
    CHECK(schema(R"({"patternProperties": {"^x": {"type": "number"}}, "additionalProperties": false})",
                 R"({"x1": 1})")
              .empty());
    CHECK(schema(R"({"patternProperties": {"^x": {"type": "number"}}})", R"({"x1": "a"})") ==
          "at /x1: expected the type \"number\", got \"a\"");
    // Where a member's schema has names of its own to check, they are checked by them.
    constexpr std::string_view names =
        R"({"properties": {"m": {"type": "object", "propertyNames": {"pattern": "^a"}}}})";
    CHECK(schema(names, R"({"m": {"ab": 1}})").empty());
    CHECK(schema(names, R"({"m": {"b": 1}})") ==
          R"(at /m/b: the name does not fit: expected text with a match of "^a", got "b")");
    constexpr std::string_view dependencies =
        R"({"dependencies": {"a": ["b"], "c": {"required": ["d"]}, "e": {"required": ["f"]}}})";
    CHECK(schema(dependencies, R"({"b": 1, "d": 1})").empty());
    CHECK(schema(dependencies, R"({"a": 1})") == "at /b: required beside 'a', but it is missing");
    CHECK(schema(dependencies, R"({"c": 1})") == "at /d: required, but it is missing");
    CHECK(schema(dependencies, R"({"e": 1, "d": 1})") == "at /f: required, but it is missing");
    CHECK(schema(R"({"properties": {"a": false}})", R"({"a": 1})") == "at /a: not expected, got 1");
    CHECK(schema(R"({"maxLength": 2})", "\"\xc3\xbc\xf0\x9f\x98\x80\"").empty());
    CHECK(schema(R"({"format": "date", "minimum": 5, "minLength": 1})", "true").empty());
}

TEST_CASE("references lead to places within the schema") {
    constexpr std::string_view tree =
        R"({"$ref": "#/definitions/node",
            "definitions": {"node": {"type": "object", "required": ["v"],
                                     "properties": {"next": {"$ref": "#/definitions/node"}, "v": {"type": "number"}}}}})";
    CHECK(schema(tree, R"({"v": 1, "next": {"v": 2, "next": {"v": 3}}})").empty());
    CHECK(schema(tree, R"({"v": 1, "next": {"v": 2, "next": {}}})") ==
          "at /next/next/v: required, but it is missing");
    CHECK(schema(R"({"properties": {"a": {"$ref": "#"}}, "maxProperties": 1})",
                 R"({"a": {"a": {"b": 1, "c": 2}}})") == "at /a/a: expected at most 1 members, got 2");
    CHECK(schema(R"({"$ref": "#/definitions/a%25~1b", "definitions": {"a%/b": {"const": 1}}})", "2") ==
          "expected 1, got 2");
    // What stands beside a reference does not count in draft 7.
    CHECK(schema(R"({"$ref": "#/definitions/a", "const": 1, "definitions": {"a": {"const": 2}}})", "2")
              .empty());
}

TEST_CASE("whatever the schema and the answer are the comparison ends with a reason") {
    CHECK(schema(R"({"$ref": "#"})", "1").find("within each other") != std::string::npos);
    CHECK(schema(R"({"allOf": [{"$ref": "#"}]})", "1").find("within each other") != std::string::npos);
    CHECK(schema(R"({"$ref": "other.json"})", "1").starts_with("the schema refers to nothing"));
    CHECK(schema("5", "1") == "the schema for it is none");
    // Twice as much work a level: 2^60 steps.
    json::object definitions{{"d60", json::object{{"type", "number"}}}};
    for (int i = 59; i >= 0; --i) {
        const json::object next{{"$ref", "#/definitions/d" + std::to_string(i + 1)}};
        definitions["d" + std::to_string(i)] = {{"allOf", json::array{next, next}}};
    }
    CHECK(on_values(json::object{{"$ref", "#/definitions/d0"}, {"definitions", definitions}}, 1)
              .find("more than 1000000 steps") != std::string::npos);

    const std::string much(5000, 'a');
    CHECK(on_values(json::object{{"pattern", "(a+)+$"}}, json::value(much + "b")).find("too many steps") !=
          std::string::npos);
    CHECK(on_values(json::object{{"not", json::object{{"pattern", "(a+)+$"}}}}, json::value(much + "b"))
              .find("too many steps") != std::string::npos);
    CHECK(on_values(json::object{{"pattern", "^(a|b)*$"}}, json::value(std::string(200'000, 'a'))).empty());
    CHECK(on_values(json::object{{"patternProperties", json::object{{"(a+)+$", true}}}},
                    json::object{{much + "b", 1}})
              .find("too many steps") != std::string::npos);
    json::array many;
    for (int i = 0; i < 50'000; ++i)
        many.push_back(i);
    CHECK(on_values(json::object{{"uniqueItems", true}}, many).empty());
    CHECK(on_values(json::object{{"items", json::object{{"enum", many}}}}, many).find("steps") !=
          std::string::npos);
}

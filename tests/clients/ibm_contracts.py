# SPDX-License-Identifier: Apache-2.0
"""Requests held against IBM's model of Code Engine and the Swagger file of OpenWhisk, both of the reference."""

import base64
import json
import re
import urllib.parse

import jsonschema
from conftest import REFERENCE

SPECS = REFERENCE / "specs"


def load(name):
    return json.loads((SPECS / name).read_text())


def parts_of(request):
    """(path, {query}, {header in lower case}, body or None)"""
    url = urllib.parse.urlsplit(request["target"])
    query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
    headers = {name.lower(): text for name, text in request["headers"].items()}
    body = base64.b64decode(request["body"]) if request.get("body") else b""
    return url.path, query, headers, json.loads(body) if body else None


def template_matches(template, path):
    return re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path) is not None


class CodeEngine:
    TYPES = {"*string": str, "*int64": int, "*bool": bool, "[]string": list, "map[string]string": dict}

    def __init__(self):
        self.model = load("ibm-code-engine-v2.schema.json")
        self.limits = load("ibm-code-engine-function.constraints.json")["fields"]

    def fields(self, name):
        return {one["json"]: one for one in self.model["models"][name]}

    def check_value(self, where, field, value):
        kind = field["go_type"]
        if kind in self.TYPES:
            wanted = self.TYPES[kind]
            assert type(value) is wanted, "%s: %r is no %s" % (where, value, wanted.__name__)
        elif kind.startswith("[]"):
            assert isinstance(value, list), where
            for one in value:
                self.check_object(where, kind[2:], one)
        else:
            assert isinstance(value, dict), "%s: %r is no object" % (where, value)

    def check_object(self, where, model, value):
        known = self.fields(model)
        for name, one in value.items():
            assert name in known, "%s has no member %s" % (model, name)
            self.check_value("%s.%s" % (where, name), known[name], one)

    def check_function(self, body):
        for name, rule in self.limits.items():
            value = body.get(name)
            if value is None:
                continue
            if "regex" in rule:
                assert re.search(rule["regex"], value), "%s: %r does not fit" % (name, value)
            if "enum" in rule:
                assert value in rule["enum"], name
            if isinstance(value, int):
                assert rule.get("min", 0) <= value <= rule.get("max", value), name
        sizes = (body.get("scale_cpu_limit"), body.get("scale_memory_limit"))
        if any(sizes):
            assert (
                list(sizes)
                in load("ibm-code-engine-function.constraints.json")["cpu_memory_combos_documented"]
            )

    def check(self, request):
        """The name of the operation; AssertionError for what the model does not know."""
        path, query, headers, body = parts_of(request)
        path = re.sub(r"^(/api\.[a-z-]+\.codeengine\.cloud\.ibm\.com)?/v2", "", path)
        found = [
            one
            for one in self.model["operations"]
            if one["method"] == request["method"] and template_matches(one["path"], path)
        ]
        assert len(found) == 1, "no operation is %s %s" % (request["method"], path)
        operation = found[0]
        name = operation["operation"]
        for key in query:
            assert key in operation["query"], "%s has no parameter %s" % (name, key)
        options = self.fields(name + "Options")
        if name == "UpdateFunction":
            assert headers["content-type"] == "application/merge-patch+json"
            assert headers.get("if-match")
            for key in body:
                assert key in self.fields("FunctionPatch"), "FunctionPatch has no member %s" % key
            self.check_object(name, "FunctionPatch", {k: v for k, v in body.items() if v is not None})
            self.check_function(body)
            return name
        in_path = re.findall(r"\{([^}]*)\}", operation["path"])
        for key, field in options.items():
            elsewhere = key in in_path or key in operation["query"]
            if key == "If-Match":
                assert headers.get("if-match"), "%s needs If-Match" % name
            elif field["required"] and not elsewhere:
                assert body and key in body, "%s needs %s" % (name, key)
        for key, value in (body or {}).items():
            assert key in operation["body_fields"], "%s has no member %s" % (name, key)
            self.check_value(name + "." + key, options[key], value)
        if body is not None:
            assert headers["content-type"] == "application/json"
        if name == "CreateFunction":
            self.check_function(body)
        return name


class OpenWhisk:
    def __init__(self):
        self.model = load("openwhisk-apiv1swagger.json")

    def check_known(self, schema, value, where):
        """As the schema says, and nothing that it does not know: Swagger leaves other members open."""
        schema = self.resolved(schema)
        if isinstance(value, dict) and schema.get("properties"):
            for key, one in value.items():
                assert key in schema["properties"], "%s has no member %s" % (where, key)
                self.check_known(schema["properties"][key], one, where + "." + key)
        if isinstance(value, list) and "items" in schema:
            for one in value:
                self.check_known(schema["items"], one, where)

    def resolved(self, schema):
        while "$ref" in schema:
            schema = self.model["definitions"][schema["$ref"].rpartition("/")[2]]
        return schema

    def check(self, request):
        path, query, headers, body = parts_of(request)
        path = path[path.index("/api/v1") + len("/api/v1") :]
        found = [template for template in self.model["paths"] if template_matches(template, path)]
        assert found, "no path is %s" % path
        operation = self.model["paths"][found[0]].get(request["method"].lower())
        assert operation, "%s takes no %s" % (found[0], request["method"])
        name = operation.get("operationId", found[0])
        parameters = operation.get("parameters", [])
        known = {one["name"]: one for one in parameters if one.get("in") == "query"}
        for key, (value, *_) in query.items():
            assert key in known, "%s has no parameter %s" % (name, key)
            if "enum" in known[key]:
                assert value in known[key]["enum"], key
            if known[key].get("type") == "integer":
                assert int(value) <= known[key].get("maximum", int(value)), key
        for one in parameters:
            if one.get("in") == "body" and body is not None and "/web/" not in path:
                schema = {**one["schema"], "definitions": self.model["definitions"]}
                try:
                    jsonschema.validate(body, schema)
                except jsonschema.ValidationError as error:
                    raise AssertionError(error.message) from None
                self.check_known(one["schema"], body, name)
        return name

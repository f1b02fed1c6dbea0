# SPDX-License-Identifier: Apache-2.0
"""Requests held against Google's discovery documents: path, method, query, and every member of the body by its schema."""

import base64
import functools
import json
import re
import urllib.parse

from conftest import REFERENCE

DOCUMENTS = {
    "cloudfunctions": "cloudfunctions__v2.json",
    "run": "run__v2.pruned.json",
    "logging": "logging__v2.pruned.json",
    "sts": "sts__v1.json",
    "iamcredentials": "iamcredentials__v1.json",
}
FOLDER = REFERENCE / "specs" / "google"

# What transport adds to any request.
COMMON = re.compile(
    r"(host|authorization|user-agent|accept|accept-encoding|connection|content-length|content-type|x-goog-user-project"
    r"|x-goog-api-client)$"
)


@functools.cache
def document(service):
    return json.loads((FOLDER / DOCUMENTS[service]).read_text())


def methods(resource):
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


def expression(method):
    path = re.escape("/" + method.get("flatPath", method["path"]))
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/:]+", path) + "$")


def find_method(service, verb, path):
    for method in methods(document(service)):
        if method["httpMethod"] == verb and expression(method).match(path):
            return method
    raise AssertionError("%s has no %s %s" % (service, verb, path))


KINDS = {"string": str, "boolean": bool, "object": dict, "array": list}


def check_value(service, value, schema, where):
    if "$ref" in schema:
        schema = document(service)["schemas"][schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return
    if kind == "integer":
        assert isinstance(value, int) and not isinstance(value, bool), "%s is no integer" % where
        return
    if kind == "number":
        assert isinstance(value, (int, float)) and not isinstance(value, bool), "%s is no number" % where
        return
    assert isinstance(value, KINDS[kind]), "%s is no %s" % (where, kind)
    if "enum" in schema:
        assert value in schema["enum"], "%s: %r is not one of %s" % (where, value, schema["enum"])
    if kind == "array":
        for number, item in enumerate(value):
            check_value(service, item, schema["items"], "%s[%d]" % (where, number))
    if kind == "object":
        properties = schema.get("properties", {})
        for name, inner in value.items():
            known = properties.get(name) or schema.get("additionalProperties")
            assert known, "the schema of %s does not know '%s'" % (where, name)
            assert not known.get("readOnly"), "%s.%s is output only" % (where, name)
            check_value(service, inner, known, "%s.%s" % (where, name))


def masked(service, path, schema):
    """Whether a field mask's path is one of the schema's."""
    for part in path.split("."):
        schema = document(service)["schemas"].get(schema.get("$ref"), schema)
        schema = schema.get("properties", {}).get(part)
        assert schema and not schema.get("readOnly"), "the mask names '%s'" % path


def check_form(service, seen, method):
    """STS takes its JSON request as a form too, with names of RFC 8693."""
    form = urllib.parse.parse_qs(base64.b64decode(seen["body"]).decode(), strict_parsing=True)
    properties = document(service)["schemas"][method["request"]["$ref"]]["properties"]
    for name, values in form.items():
        camel = re.sub("_(.)", lambda match: match[1].upper(), name)
        assert camel in properties, "%s does not know '%s'" % (service, name)
        assert len(values) == 1 and values[0], name
    for wanted in ("grant_type", "audience", "subject_token", "subject_token_type", "requested_token_type"):
        assert wanted in form, "%s is missing" % wanted


def check(seen):
    """The id of the method that a request of the emulator's journal is of. Raises AssertionError."""
    url = urllib.parse.urlsplit(seen["target"])
    host, _, path = url.path[1:].partition("/")
    service = host.removesuffix(".googleapis.com")
    assert service in DOCUMENTS, "%s is no service" % host
    method = find_method(service, seen["method"], "/" + path)
    query = urllib.parse.parse_qs(url.query, keep_blank_values=True, strict_parsing=bool(url.query))
    for name, values in query.items():
        assert name in method.get("parameters", {}), "%s does not know the query '%s'" % (method["id"], name)
        assert len(values) == 1 and values[0], "%s=%s" % (name, values)
        if method["parameters"][name].get("type") == "integer":
            assert values[0].isdigit(), "%s is no integer" % name
    for name in seen["headers"]:
        assert COMMON.match(name.lower()), "the header %s" % name
    body = seen.get("body", "")
    content_type = {name.lower(): value for name, value in seen["headers"].items()}.get("content-type", "")
    if service == "sts":
        check_form(service, seen, method)
    elif "request" in method:
        assert content_type == "application/json", content_type
        content = json.loads(base64.b64decode(body)) if body else {}
        check_value(service, content, method["request"], method["request"]["$ref"])
        mask = query.get("updateMask", [""])[0]
        for part in filter(None, mask.split(",")):
            masked(service, part, {"$ref": method["request"]["$ref"]})
    else:
        assert not body, "%s has no body" % method["id"]
    return method["id"]

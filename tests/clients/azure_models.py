# SPDX-License-Identifier: Apache-2.0
"""Requests to Azure Resource Manager, held against the operations and models of the official clients."""

import base64
import json
import re
import urllib.parse

from conftest import REFERENCE

FOLDER = REFERENCE / "specs" / "azure"
FILES = {
    "Microsoft.Web": "microsoft-web-2025-03-01.extract.json",
    "Microsoft.Storage": "microsoft-storage-mgmt.extract.json",
    "": "microsoft-resources.extract.json",
}
# Not in the extracts, which are of other clients.
ELSEWHERE = {
    ("GET", "/subscriptions/{}/resourceGroups/{}/resources"),
    ("POST", "/subscriptions/{}/providers/Microsoft.Web/checknameavailability"),
    (
        "PUT",
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Web/sites/{}/providers/Microsoft.Resources/tags/default",
    ),
}


class Model:
    def __init__(self, file):
        self.document = json.loads((FOLDER / file).read_text())
        self.routes = []
        for name, operation in self.document["operations"].items():
            if operation["path"].startswith("/"):
                pattern = re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(operation["path"]))
                self.routes.append(
                    (operation["httpMethod"], re.compile(pattern + r"\Z", re.IGNORECASE), name)
                )

    def find(self, method, path):
        for verb, pattern, name in self.routes:
            if verb == method and pattern.match(path):
                return name, self.document["operations"][name]
        raise AssertionError("the clients know no %s %s" % (method, path))

    def mapper(self, reference):
        kind, name = reference.split(".", 1)
        return self.document["models" if kind == "Mappers" else "parameters"][name]


def models():
    return {provider: Model(file) for provider, file in FILES.items()}


def check_query(model, operation, query):
    known = {}
    for reference in operation.get("queryParameters", []):
        mapper = model.mapper(reference)["mapper"]
        known[mapper["serializedName"]] = mapper
    for name, value in query:
        assert name in known, "the query has no '%s'" % name
        if known[name]["type"]["name"] == "Boolean":
            assert value in ("true", "false"), "'%s' of the query is no boolean" % name
    assert "api-version" in dict(query), "the query lacks api-version"


def check_value(model, value, kind, where):
    name = kind["name"]
    if name == "Composite":
        assert isinstance(value, dict), "%s is no object" % where
        definition = model.document["models"].get(kind["className"])
        assert definition, "the extract has no model %s" % kind["className"]
        check_object(model, value, definition["type"]["modelProperties"], where)
    elif name == "Sequence":
        assert isinstance(value, list), "%s is no list" % where
        for index, item in enumerate(value):
            check_value(model, item, kind["element"]["type"], "%s[%d]" % (where, index))
    elif name == "Dictionary":
        assert isinstance(value, dict), "%s is no dictionary" % where
        for key, item in value.items():
            check_value(model, item, kind["value"]["type"], "%s.%s" % (where, key))
    elif name == "Enum":
        assert value in kind["allowedValues"], "%s is none of %s" % (where, kind["allowedValues"])
    elif name == "Boolean":
        assert isinstance(value, bool), "%s is no boolean" % where
    elif name == "Number":
        assert isinstance(value, (int, float)) and not isinstance(value, bool), "%s is no number" % where
    elif name in ("String", "DateTime", "Stream"):
        assert isinstance(value, str), "%s is no text" % where


def check_object(model, value, properties, where):
    """Names like "properties.serverFarmId" are members of members."""
    flat = {definition["serializedName"]: definition for definition in properties.values()}
    folders = {name.rsplit(".", 1)[0] for name in flat if "." in name}
    seen = set()

    def walk(members, prefix):
        for key, item in members.items():
            name = prefix + key
            path = "%s.%s" % (where, name)
            if name in flat:
                definition = flat[name]
                assert not definition.get("readOnly"), "%s is read-only" % path
                seen.add(name)
                if item is not None:
                    check_value(model, item, definition["type"], path)
            elif name in folders:
                assert isinstance(item, dict), "%s is no object" % path
                walk(item, name + ".")
            else:
                raise AssertionError("the model has no %s" % path)

    walk(value, "")
    for name, definition in flat.items():
        if definition.get("required") and not definition.get("readOnly"):
            assert name in seen, "%s.%s is required" % (where, name)


def check(seen, known):
    """The operation that a recorded request is, by the official clients' names; AssertionError for none."""
    target = urllib.parse.urlsplit(seen["target"])
    assert target.path.startswith("/management.azure.com/"), target.path
    path = target.path[len("/management.azure.com") :]
    query = urllib.parse.parse_qsl(target.query, keep_blank_values=True)
    for method, template in ELSEWHERE:
        if seen["method"] == method and re.fullmatch(re.escape(template).replace(r"\{\}", "[^/]+"), path):
            return "elsewhere"
    provider = re.search(r"/resourceGroups/[^/]+/providers/([^/]+)/", path, re.IGNORECASE)
    model = known[provider[1] if provider else ""]
    name, operation = model.find(seen["method"], path)
    check_query(model, operation, query)
    body = base64.b64decode(seen.get("body", "")).decode()
    if body:
        headers = {key.lower(): text for key, text in seen["headers"].items()}
        assert headers.get("content-type") == "application/json", "the body is not announced as JSON"
        assert "requestBody" in operation, "%s takes no body" % name
        mapper = model.mapper(operation["requestBody"])["mapper"]
        definition = model.mapper(mapper) if isinstance(mapper, str) else mapper
        check_object(model, json.loads(body), definition["type"]["modelProperties"], name)
    else:
        assert "requestBody" not in operation or name == "providers.register", "%s needs a body" % name
    return name

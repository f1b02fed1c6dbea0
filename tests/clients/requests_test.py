# SPDX-License-Identifier: Apache-2.0
"""Requests as the emulator saw them, held against botocore's model of the service."""

import base64
import json
import re
import urllib.parse

import botocore.loaders
import botocore.model
import botocore.validate
import pytest

CODE = "def handler(event, context):\n    return event\n"


def model():
    data = botocore.loaders.Loader().load_service_model("lambda", "service-2")
    return botocore.model.ServiceModel(data)


def pattern(uri):
    path = uri.split("?")[0]
    return re.compile("^" + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "$")


def read_request(service, seen):
    """(operation, parameters) of a recorded Lambda request, read as the model says."""
    url = urllib.parse.urlsplit(seen["target"])
    headers = {name.lower(): value for name, value in seen["headers"].items()}
    body = base64.b64decode(seen.get("body", ""))
    for name in service.operation_names:
        operation = service.operation_model(name)
        match = pattern(operation.http["requestUri"]).match(url.path)
        if operation.http["method"] != seen["method"] or not match:
            continue
        shape = operation.input_shape
        parameters = {}
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        payload = shape.serialization.get("payload")
        content = json.loads(body) if body and not payload else {}
        for member, kind in shape.members.items():
            place, wire = kind.serialization.get("location"), kind.serialization.get("name", member)
            value = None
            if place == "uri":
                value = urllib.parse.unquote(match.group(wire))
            elif place == "querystring" and wire in query:
                value = query.pop(wire) if kind.type_name == "list" else query.pop(wire)[0]
            elif place == "header":
                value = headers.get(wire.lower())
            elif member == payload:
                value = body
            elif place is None and wire in content:
                value = content.pop(wire)
            if value is None:
                continue
            if kind.type_name in ("integer", "long") and isinstance(value, str):
                value = int(value)
            parameters[member] = unpack(kind, value)
        assert not query and not content, "the model does not know %s %s" % (sorted(query), sorted(content))
        return operation, parameters
    raise AssertionError("the model has no operation for %s %s" % (seen["method"], seen["target"]))


def unpack(kind, value):
    if kind.type_name == "blob" and isinstance(value, str):
        return base64.b64decode(value)
    if kind.type_name == "structure" and isinstance(value, dict):
        unknown = set(value) - set(kind.members)
        assert not unknown, "the model does not know %s" % sorted(unknown)
        return {name: unpack(kind.members[name], inner) for name, inner in value.items()}
    return value


def check(service, seen):
    operation, parameters = read_request(service, seen)
    report = botocore.validate.ParamValidator().validate(parameters, operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    return operation.name


@pytest.fixture(scope="module")
def recorded(cloud):
    cloud.faults(journal__requests=True)
    lam = cloud.client("lambda")
    arn = cloud.function("seen", CODE, Tags={"a": "b"}, Environment={"Variables": {"AB": "c"}})["FunctionArn"]
    lam.invoke(FunctionName=arn, Payload=b"{}", LogType="Tail")
    lam.update_function_configuration(FunctionName="seen", Timeout=5)
    lam.list_functions(MaxItems=5)
    lam.untag_resource(Resource=arn, TagKeys=["a", "z"])
    lam.add_permission(FunctionName="seen", StatementId="s", Action="lambda:InvokeFunction", Principal="*", InvokedViaFunctionUrl=True)
    return [entry["request"] for entry in cloud.requests() if entry["operation"].startswith("lambda:") and "request" in entry]


def test_requests_fit_the_model(recorded):
    service = model()
    names = {check(service, seen) for seen in recorded}
    assert {"CreateFunction", "Invoke", "UpdateFunctionConfiguration", "ListFunctions", "UntagResource", "AddPermission"} <= names


@pytest.mark.parametrize(
    "operation, change, complaint",
    [
        ("CreateFunction", lambda body: body.pop("Role"), 'Missing required parameter in input: "Role"'),
        ("CreateFunction", lambda body: body.update(MemorySize=64), "MemorySize, value: 64, valid min value: 128"),
        ("CreateFunction", lambda body: body.update(Timout=3), "the model does not know"),
        ("CreateFunction", lambda body: body["Environment"].update(variables={}), "the model does not know"),
    ],
)
def test_a_changed_request_does_not(recorded, operation, change, complaint):
    service = model()
    seen = dict(next(seen for seen in recorded if read_request(service, seen)[0].name == operation))
    body = json.loads(base64.b64decode(seen["body"]))
    change(body)
    seen["body"] = base64.b64encode(json.dumps(body).encode()).decode()
    with pytest.raises(AssertionError, match=complaint):
        check(service, seen)

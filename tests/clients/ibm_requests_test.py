# SPDX-License-Identifier: Apache-2.0
"""Every request that the program sends in the life of a project on IBM, held against the models of the APIs."""

import base64
import copy
import json
import pathlib
import tempfile

import pytest
from conftest import NO_REFERENCE, REFERENCE, Cloud
from program import Project

if not (REFERENCE / "specs" / "ibm-code-engine-v2.schema.json").exists():
    pytest.skip(NO_REFERENCE, allow_module_level=True)

from ibm_contracts import CodeEngine, OpenWhisk, load  # noqa: E402

SETTINGS = {
    "journal.requests": True,
    "ibm.project_ms": 20,
    "ibm.deploy_ms": 20,
    "ibm.update_ms": 20,
    "ibm.delete_ms": 20,
}
CODE = "def handler(event, context):\n    print('seen')\n    return %s\n"


def project_file(api, memory, **environment):
    environment["TOKEN"] = {"secret": "env:TOKEN"}
    return json.dumps(
        {
            "project": "gate",
            "python": "3.13" if api == "code-engine" else "3.11",
            "functions": [
                {
                    "name": "hello",
                    "source": "hello",
                    "handler": "hello:handler",
                    "timeout": 5,
                    "memory": memory,
                    "environment": environment,
                    "tests": [{"name": "echo", "input": {"a": 1}, "expect": {"exact": {"a": 1}}}],
                }
            ],
            "deployments": [{"provider": "ibm", "regions": ["eu-de"]}],
            "providers": {"ibm": {"api": api}},
        }
    )


def recorded(api):
    with tempfile.TemporaryDirectory(prefix="pyfops-requests-") as directory:
        project = Project(pathlib.Path(directory) / "gate", TOKEN="hush-hush")
        state = project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        cloud = Cloud(state, faults={"settings": SETTINGS})
        sizes = [1024, 2048] if api == "code-engine" else [128, 256]
        try:
            project.write("hello/hello.py", CODE % "event")
            project.write("pyfops.yaml", project_file(api, sizes, MODE="a b&c ü"))
            assert project.run("run", "--local")["succeeded"]
            project.environment["TOKEN"] = "another"
            project.write("hello/hello.py", CODE % "dict(event)")
            project.write("pyfops.yaml", project_file(api, sizes, MODE="slow", MORE="1"))
            assert project.run("run", "--local")["succeeded"]
            project.run("invoke", "hello", "{}", "--local", "--probe", "--only", "slot=%d" % sizes[0])
            if api == "openwhisk":
                project.run("logs", "hello", "--local", "--only", "slot=%d" % sizes[0])
            project.run("list", "--local", "--from-cloud")
            assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])
            return [entry for entry in cloud.requests() if entry["operation"] and "request" in entry]
        finally:
            cloud.stop()


@pytest.fixture(scope="module")
def code_engine():
    return recorded("code-engine")


@pytest.fixture(scope="module")
def openwhisk():
    return recorded("openwhisk")


def of(entries, prefix, without=()):
    return [
        (entry["operation"], entry["request"])
        for entry in entries
        if entry["operation"].startswith(prefix) and entry["operation"] not in without
    ]


def test_code_engine_gets_what_its_model_says(code_engine):
    model = CodeEngine()
    seen = {model.check(request) for _, request in of(code_engine, "codeengine:", {"codeengine:Invoke"})}
    assert seen == {
        "ListProjects",
        "CreateProject",
        "GetProject",
        "DeleteProject",
        "ListFunctions",
        "CreateFunction",
        "GetFunction",
        "UpdateFunction",
        "DeleteFunction",
        "GetSecret",
        "CreateSecret",
        "ReplaceSecret",
        "DeleteSecret",
    }


def test_openwhisk_gets_what_its_model_says(openwhisk):
    model = OpenWhisk()
    seen = {model.check(request) for _, request in of(openwhisk, "openwhisk:")}
    assert seen >= {
        "getAllNamespaces",
        "getActionByName",
        "updateAction",
        "deleteAction",
        "getActivationById",
    }


def test_iam_gets_what_the_sdk_sends(code_engine):
    captured = next(
        one
        for one in load("captures/ibm-code-engine-node-sdk.json")["exchanges"]
        if one["target"] == "/identity/token"
    )
    sent = of(code_engine, "iam:")[0][1]
    body = base64.b64decode(sent["body"]).decode()

    def shape(text):
        return sorted(part.split("=")[0] if part.startswith("apikey") else part for part in text.split("&"))

    assert shape(body) == shape(captured["body_utf8"])
    assert sent["headers"]["Content-Type"] == captured["headers"]["content-type"]


@pytest.mark.parametrize(
    "model, capture",
    [(CodeEngine, "ibm-code-engine-node-sdk.json"), (OpenWhisk, "openwhisk-node-client.json")],
)
def test_the_models_accept_what_official_clients_send(model, capture):
    checked = 0
    for one in load("captures/" + capture)["exchanges"]:
        if one["target"] == "/identity/token":
            continue
        body = base64.b64encode(one["body_utf8"].encode()).decode()
        model().check({**one, "body": body})
        checked += 1
    assert checked >= 10


def with_body(request, change):
    changed = copy.deepcopy(request)
    body = json.loads(base64.b64decode(request["body"]))
    change(body)
    changed["body"] = base64.b64encode(json.dumps(body).encode()).decode()
    return changed


def test_every_renamed_member_is_seen(code_engine, openwhisk):
    checked = 0
    for model, entries in (
        (CodeEngine(), of(code_engine, "codeengine:", {"codeengine:Invoke"})),
        (OpenWhisk(), of(openwhisk, "openwhisk:", {"openwhisk:InvokeWebAction"})),
    ):
        samples = {name: request for name, request in entries if request.get("body")}
        for request in samples.values():
            for member in json.loads(base64.b64decode(request["body"])):

                def rename(body, member=member):
                    body["Z" + member] = body.pop(member)

                with pytest.raises(AssertionError):
                    model.check(with_body(request, rename))
                checked += 1
        for request in dict(entries).values():
            if "?" not in request["target"]:
                continue
            with pytest.raises(AssertionError):
                model.check({**request, "target": request["target"].replace("?", "?Z")})
            checked += 1
    assert checked >= 25


@pytest.mark.parametrize(
    "operation, change",
    [
        ("codeengine:CreateFunction", lambda body: body.update(scale_max_execution_time="5")),
        ("codeengine:CreateFunction", lambda body: body.update(scale_max_execution_time=121)),
        ("codeengine:CreateFunction", lambda body: body.update(scale_memory_limit="8G")),
        ("codeengine:CreateFunction", lambda body: body.update(scale_cpu_limit="1")),
        ("codeengine:CreateFunction", lambda body: body.update(code_reference="data:x,y")),
        ("codeengine:CreateFunction", lambda body: body.update(name="Upper")),
        ("codeengine:CreateFunction", lambda body: body.pop("runtime")),
        ("codeengine:CreateFunction", lambda body: body["run_env_variables"][0].update(kind="x")),
        ("codeengine:CreateFunction", lambda body: body.update(code_binary=0)),
        ("codeengine:CreateSecret", lambda body: body.pop("format")),
        ("codeengine:CreateProject", lambda body: body.update(tags="a:b")),
    ],
)
def test_a_changed_body_is_seen(code_engine, operation, change):
    request = of(code_engine, operation)[0][1]
    with pytest.raises(AssertionError):
        CodeEngine().check(with_body(request, change))


def test_missing_headers_are_seen(code_engine):
    for operation in ("codeengine:UpdateFunction", "codeengine:ReplaceSecret"):
        request = copy.deepcopy(of(code_engine, operation)[0][1])
        del request["headers"]["If-Match"]
        with pytest.raises(AssertionError):
            CodeEngine().check(request)
    request = copy.deepcopy(of(code_engine, "codeengine:UpdateFunction")[0][1])
    request["headers"]["Content-Type"] = "application/json"
    with pytest.raises(AssertionError):
        CodeEngine().check(request)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["limits"].update(memory="256"),
        lambda body: body["exec"].update(kind=3),
        lambda body: body["annotations"][0].update(key=3),
        lambda body: body.update(parameters={}),
    ],
)
def test_a_changed_action_is_seen(openwhisk, change):
    request = of(openwhisk, "openwhisk:CreateAction")[0][1]
    with pytest.raises(AssertionError):
        OpenWhisk().check(with_body(request, change))

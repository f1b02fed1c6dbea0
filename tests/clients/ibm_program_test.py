# SPDX-License-Identifier: Apache-2.0
"""The pyfops program on IBM Code Engine's stand-in: what a user does from the first run to destroy."""

import base64
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest
from conftest import Cloud, http
from ibm_cloud import client
from program import Project

SETTINGS = {
    "ibm.project_ms": 50,
    "ibm.deploy_ms": 50,
    "ibm.update_ms": 50,
    "ibm.delete_ms": 20,
    "ibm.build_ms": 20,
}
CODE = """\
import pathlib
import helper

def handler(event, context):
    print("seen", event)
    if event == "fail":
        raise ValueError("no such thing")
    if event == "where":
        return pathlib.Path(__file__).with_name("data.txt").read_text()
    if event == "context":
        return {
            "provider": context.provider,
            "region": context.region,
            "name": context.function_name,
            "memory": context.memory_mb,
            "left": 0 < context.remaining_ms() <= 20_000,
            "secret": helper.secret(),
        }
    return event
"""
HELPER = "import os\n\ndef secret():\n    return os.environ['TOKEN'] + os.environ['MODE']\n"
# Every kind of JSON, and what careless encodings lose.
VALUES = [
    {"a": [1, "ü", None, True], "big": 9007199254740993, "huge": 123456789012345678},
    [],
    {},
    'text with "quotes" and \\',
    "",
    17,
    1.5e-7,
    True,
    None,
]


def project_file(memory="auto", regions=("eu-de",), **settings):
    tests = [
        {"name": "value-%d" % i, "input": value, "expect": {"exact": value}} for i, value in enumerate(VALUES)
    ]
    tests.append({"name": "fails", "input": "fail", "expect": {"error": {"type": "ValueError"}}})
    tests.append({"name": "data", "input": "where", "expect": {"exact": "beside"}})
    function = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "timeout": 20,
        "memory": memory,
        "environment": {"MODE": "fast", "TOKEN": {"secret": "env:TOKEN"}},
        "tests": tests,
    }
    return json.dumps(
        {
            "project": "gate",
            "python": "3.13",
            "functions": [function],
            "deployments": [{"provider": "ibm", "regions": list(regions)}],
            "providers": {"ibm": settings},
        }
    )


def start(folder, **faults):
    project = Project(folder / "gate", TOKEN="hush-hush")
    project.write("hello/hello.py", CODE)
    project.write("hello/helper.py", HELPER)
    project.write("hello/data.txt", "beside")
    project.write("pyfops.yaml", project_file())
    state = project.folder / ".pyfops" / "local"
    state.mkdir(parents=True)
    cloud = Cloud(state, faults={"settings": SETTINGS, **faults})
    return project, cloud


@pytest.fixture
def local(tmp_path):
    project, cloud = start(tmp_path)
    yield project, cloud
    cloud.stop()


def unit(document):
    (only,) = document["deployments"]
    return only


def calls(project):
    """What of the last command's requests changes something; tokens and calls of functions do not."""
    return [
        "%s %s" % (one["method"], re.sub(r".*/v2|[0-9a-f-]{36}", "", one["url"]))
        for one in project.sent
        if one["method"] != "GET"
        and "/identity/token" not in one["url"]
        and "appdomain.cloud" not in one["url"]
    ]


def test_the_life_of_a_project(local):
    project, cloud = local
    first = project.run("run", "--local", trace=True)
    assert first["succeeded"], first
    row = unit(first)
    assert row["deployment"]["action"] == "created" and row["memory_mb"] == 4096
    link = row["deployment"]["link"]
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/gate-hello\.[a-z0-9]{11}\.eu-de\.codeengine\.appdomain\.cloud/", link
    )
    assert len(link) <= 255
    assert [test["passed"] for test in row["tests"]] == [True] * len(row["tests"]) and len(row["tests"]) == 11
    assert calls(project) == ["POST /projects", "POST /projects//secrets", "POST /projects//functions"]

    second = project.run("deploy", "--local", trace=True)
    assert unit(second)["deployment"]["action"] == "unchanged" and calls(project) == []

    answer = project.run("invoke", "hello", '"context"', "--local")
    assert answer["output"] == {
        "provider": "ibm",
        "region": "eu-de",
        "name": "gate-hello",
        "memory": 4096,
        "left": True,
        "secret": "hush-hushfast",
    }
    assert answer["ran_on"]
    probe = project.run("invoke", "hello", "[1]", "--local", "--probe")
    assert probe["output"] == [1] and probe["duration_ms"] is not None
    # The caller over HTTP gets the bare JSON, also by GET with a query.
    status, headers, body = http("POST", link, b'{"a": 1}', {"Content-Type": "application/json"})
    assert (status, json.loads(body), headers["content-type"]) == (200, {"a": 1}, "application/json")
    assert json.loads(http("GET", link + "?a=1&b=x%20y")[2]) == {"a": "1", "b": "x y"}
    status, headers, body = http("POST", link, b'"fail"', {"Content-Type": "application/json"})
    assert status == 500 and headers["x-pyfops-error"] == "function"
    assert json.loads(body)["error"] == "ValueError: no such thing"

    (listed,) = project.run("list", "--local", "--from-cloud")["deployments"]
    assert listed["link"] == link
    project.write("pyfops.yaml", project_file(memory=2048))
    assert project.run("plan", "--local")["deployments"][0]["action"] == "create"  # a slot of its own
    project.write("pyfops.yaml", project_file())
    project.write("hello/data.txt", "changed")
    project.run("deploy", "--local", trace=True)
    assert calls(project) == ["PATCH /projects//functions/gate-hello"]
    removed = project.run("destroy", "--yes", "--local", trace=True)["deployments"]
    assert all(one["removed"] for one in removed)
    assert calls(project)[-3:] == [
        "DELETE /projects//secrets/gate-hello-secret",
        "DELETE /projects//functions/gate-hello",
        "DELETE /projects/",
    ]
    assert client(cloud, "eu-de").list_projects().get_result()["projects"][0]["status"] == "soft_deleted"


def test_logs_say_where_they_are(local):
    project, _ = local
    project.run("deploy", "--local")
    said = project.run("logs", "hello", "--local", code=2)
    assert "has no API for the logs" in json.dumps(said)
    project.run("invoke", "hello", '"noted"', "--local")
    assert "eu-de/gate-hello: seen noted" in project.folder.joinpath(".pyfops/local.log").read_text()


def test_secrets_stay_secret(local):
    project, cloud = local
    project.run("run", "--local")
    sdk = client(cloud, "eu-de")
    (inside,) = sdk.list_projects().get_result()["projects"]
    made = sdk.get_function(project_id=inside["id"], name="gate-hello").get_result()
    variables = {one["name"]: one for one in made["run_env_variables"]}
    assert variables["TOKEN"] == {
        "type": "secret_key_reference",
        "reference": "gate-hello-secret",
        "key": "TOKEN",
        "name": "TOKEN",
    }
    assert variables["MODE"] == {"type": "literal", "name": "MODE", "value": "fast"}
    assert "hush" not in json.dumps(made)
    project.environment["TOKEN"] = "another"
    assert unit(project.run("deploy", "--local"))["deployment"]["action"] == "updated"
    assert project.run("invoke", "hello", '"context"', "--local")["output"]["secret"] == "anotherfast"


def test_a_function_of_somebody_else_is_left_alone(local):
    project, cloud = local
    project.run("deploy", "--local")
    sdk = client(cloud, "eu-de")
    (inside,) = sdk.list_projects().get_result()["projects"]
    made = sdk.get_function(project_id=inside["id"], name="gate-hello").get_result()
    sdk.update_function(
        project_id=inside["id"], name="gate-hello", if_match="*", function={"run_env_variables": []}
    )
    failed = project.run("deploy", "--local", code=1)
    assert "was not made by pyfOps" in json.dumps(failed)
    assert any(
        "not this deployment's" in json.dumps(one)
        for one in project.run("destroy", "--yes", "--local", code=1)["deployments"]
    )
    still = sdk.get_function(project_id=inside["id"], name="gate-hello").get_result()
    assert still["code_reference"] == made["code_reference"]


def test_two_regions_have_projects_of_their_own(local):
    project, cloud = local
    project.write("pyfops.yaml", project_file(regions=["eu-de", "us-east"]))
    assert project.run("run", "--local")["succeeded"]
    for region in ("eu-de", "us-east"):
        (inside,) = client(cloud, region).list_projects().get_result()["projects"]
        assert inside["name"].startswith("pyfops-gate-") and inside["region"] == region
    assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])


def test_the_module_runs_on_its_own(local):
    """What is sent is one module of text: `main` answers under any Python, without a trace of the project."""
    project, _ = local
    project.run("package", "--output", "out")
    module = project.folder / "out" / "ibm" / "hello.py"
    text = module.read_text()
    assert len("data:text/plain;base64,") + len(base64.b64encode(text.encode())) <= 100_000
    caller = (
        "import base64, importlib.util, json, sys\n"
        "spec = importlib.util.spec_from_file_location('main__', sys.argv[1])\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "body = base64.b64encode(json.dumps('where').encode()).decode()\n"
        "print(json.dumps(module.main({'__ce_method': 'POST', '__ce_headers': {}, '__ce_body': body})))\n"
    )
    interpreters = [sys.executable, "/usr/bin/python3"]
    for python in filter(os.path.exists, interpreters):
        done = subprocess.run(
            [python, "-c", caller, module],
            env={"TOKEN": "t", "MODE": "m"},
            cwd="/",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["body"] == '"beside"'


def test_the_same_content_gives_the_same_module(local):
    project, _ = local
    project.run("package", "--output", "one")
    os.utime(project.folder / "hello" / "hello.py", (1, 1))
    project.run("package", "--output", "two")
    assert (project.folder / "one/ibm/hello.py").read_bytes() == (
        project.folder / "two/ibm/hello.py"
    ).read_bytes()


def failure_of(document):
    return json.dumps(document)


def test_code_that_is_too_large_is_refused_before_anything_is_sent(local):
    project, cloud = local
    project.write("hello/model.bin", os.urandom(80_000))
    failed = failure_of(project.run("run", "--local", code=1))
    assert "100000 at most can be sent" in failed and "providers.ibm.build" in failed
    assert not [one for one in cloud.requests() if one["operation"].startswith("codeengine:Create")]


def wheel(folder, name, tag, files):
    """A wheel of {path: content}."""
    info = "%s-1.0.dist-info" % name
    files = dict(files)
    files[info + "/METADATA"] = "Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name
    files[info + "/WHEEL"] = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: %s\nTag: %s\n" % (
        "true" if tag.endswith("any") else "false",
        tag,
    )
    record = "".join("%s,,\n" % path for path in files) + info + "/RECORD,,\n"
    files[info + "/RECORD"] = record
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    path = pathlib.Path(folder) / ("%s-1.0-%s.whl" % (name, tag))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return path


def with_wheel(project, tag, files):
    wheels = project.folder.parent / "wheels"
    wheel(wheels, "pyfops_extra", tag, files)
    project.environment["PIP_FIND_LINKS"] = str(wheels)
    project.write("hello/requirements.txt", "pyfops-extra==1.0\n")
    document = json.loads(project_file())
    document["functions"][0]["requirements"] = "hello/requirements.txt"
    project.write("pyfops.yaml", json.dumps(document))
    return document


def test_a_pure_dependency_goes_with_it(local):
    project, _ = local
    with_wheel(project, "py3-none-any", {"extra/__init__.py": "WORD = 'packed'\n"})
    project.write("hello/helper.py", "import extra\n\ndef secret():\n    return extra.WORD\n")
    project.run("deploy", "--local")
    assert project.run("invoke", "hello", '"context"', "--local")["output"]["secret"] == "packed"


def test_a_compiled_wheel_is_refused_by_name(local):
    project, cloud = local
    with_wheel(
        project,
        "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64",
        {"extra/__init__.py": "", "extra/fast.cpython-313-x86_64-linux-gnu.so": "not really"},
    )
    failed = failure_of(project.run("run", "--local", code=1))
    assert "pyfops_extra-1.0-cp313" in failed and "providers.ibm.build" in failed
    assert not [one for one in cloud.requests() if one["operation"].startswith("codeengine:Create")]


@pytest.mark.parametrize(
    "rule",
    [
        {"operation": "codeengine:CreateFunction", "action": "drop", "when": "after", "times": 1},
        {"operation": "codeengine:CreateFunction", "action": "status", "status": 500, "times": 1},
        {
            "operation": "codeengine:CreateFunction",
            "action": "status",
            "status": 429,
            "retry_after": 1,
            "times": 1,
        },
        {"operation": "codeengine:CreateProject", "action": "drop", "when": "after", "times": 1},
        {"operation": "codeengine:CreateSecret", "action": "drop", "when": "after", "times": 1},
        {"operation": "codeengine:Get*", "action": "drop", "when": "before", "times": 2},
        {"operation": "iam:GetToken", "action": "status", "status": 503, "times": 1},
        {"operation": "codeengine:Invoke", "action": "status", "status": 424, "times": 1},
        {"operation": "codeengine:Invoke", "action": "status", "status": 429, "times": 1},
    ],
)
def test_mishaps_are_survived(local, rule):
    project, cloud = local
    cloud.faults([rule])
    assert project.run("run", "--local")["succeeded"]
    (inside,) = client(cloud, "eu-de").list_projects().get_result()["projects"]
    assert inside["status"] == "active"


def test_a_version_that_changed_meanwhile_is_read_again(local):
    project, cloud = local
    project.run("deploy", "--local")
    project.write("hello/data.txt", "beside you")
    cloud.faults([{"operation": "codeengine:UpdateFunction", "action": "status", "status": 412, "times": 1}])
    assert unit(project.run("deploy", "--local"))["deployment"]["action"] == "updated"


def test_an_update_that_fails_is_told_and_repeated(local):
    project, cloud = local
    project.run("deploy", "--local")
    sdk = client(cloud, "eu-de")
    (inside,) = sdk.list_projects().get_result()["projects"]
    sdk.update_function(
        project_id=inside["id"],
        name="gate-hello",
        if_match="*",
        function={"code_reference": "private.de.icr.io/ns/none:1"},
    )
    again = project.run("run", "--local")
    assert again["succeeded"] and unit(again)["deployment"]["action"] == "updated"


@pytest.mark.parametrize(
    "variables, code, words",
    [
        ({}, 3, "no credentials for IBM Cloud were found"),
        ({"CODE_ENGINE_APIKEY": "wrong"}, 1, "does not accept the API key"),
        ({"CODE_ENGINE_AUTH_TYPE": "vpc"}, 3, "cannot authenticate by 'vpc'"),
        ({"CODE_ENGINE_URL": "http://example.invalid/v2", "CODE_ENGINE_APIKEY": "k"}, 1, "without TLS"),
    ],
)
def test_bad_credentials(local, variables, code, words):
    project, cloud = local
    project.environment.update(variables)
    if "CODE_ENGINE_APIKEY" in variables and "CODE_ENGINE_URL" not in variables:
        project.environment["CODE_ENGINE_URL"] = cloud.environment["CODE_ENGINE_URL"]
        project.environment["CODE_ENGINE_AUTH_URL"] = cloud.environment["CODE_ENGINE_AUTH_URL"]
    done = subprocess.run(
        [os.environ["PYFOPS_BIN"] + "/pyfops", "list", "--from-cloud"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode != 0 and words in done.stderr, done.stderr
    assert (
        "hint" in done.stderr.lower()
        or "export" in done.stderr
        or "check" in done.stderr
        or "https" in done.stderr
    )


@pytest.mark.parametrize(
    "change, words",
    [
        ({"regions": ["eu-central-1"]}, "no region 'eu-central-1'"),
        ({"memory": 512}, "does not offer 512 MB"),
        ({"endpoint": "nowhere"}, "is not a URL"),
        ({"host": "whisk.example"}, "'host' is a setting of OpenWhisk"),
        ({"build": {"source_url": "ftp://x"}}, "not the URL of a git repository"),
        ({"scale_down_delay": 601}, "scale_down_delay of 601"),
        ({"prices": {"per_request": -1}}, "must be a number of USD"),
    ],
)
def test_findings(local, change, words):
    project, _ = local
    project.write("pyfops.yaml", project_file(**change))
    found = project.run("validate", code=2)
    assert words in json.dumps(found, ensure_ascii=False)


def test_a_runtime_past_its_end_is_refused(local):
    project, _ = local
    document = json.loads(project_file())
    document["python"] = "3.11"
    project.write("pyfops.yaml", json.dumps(document))
    assert "makes no new functions with python-3.11" in json.dumps(project.run("validate", code=2))

# SPDX-License-Identifier: Apache-2.0
"""The pyfops program on IBM Code Engine's stand-in: what a user does from the first run to destroy."""

import base64
import json
import os
import re
import subprocess
import sys

import pytest
from conftest import http
from ibm_cloud import client
from ibm_project import project_file, start, unit, with_wheel


@pytest.fixture
def local(tmp_path):
    project, cloud = start(tmp_path)
    yield project, cloud
    cloud.stop()


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
    assert row["deployment"]["action"] == "created" and row["memory_mb"] == 1024
    link = row["deployment"]["link"]
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/gate-hello\.[a-z0-9]{11}\.eu-de\.codeengine\.appdomain\.cloud/", link
    )
    assert len(link) <= 255
    assert [test["passed"] for test in row["tests"]] == [True] * len(row["tests"]) and len(row["tests"]) == 11
    made = ["POST /projects", "POST /projects//secrets", "POST /projects//functions"]
    # Made at 4096 MB, the size that is tried first; then tuned.
    assert calls(project) == [*made, "PATCH /projects//functions/gate-hello"]

    second = project.run("deploy", "--local", trace=True)
    assert unit(second)["deployment"]["action"] == "unchanged" and calls(project) == []

    answer = project.run("invoke", "hello", '"context"', "--local")
    assert answer["output"] == {
        "provider": "ibm",
        "region": "eu-de",
        "name": "gate-hello",
        "memory": 1024,
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
    project.run("run", "--local", trace=True)
    trace = (project.folder.parent / "trace.har").read_text()
    assert "identity/token" in trace and "gate-hello-secret" in trace
    assert "hush-hush" not in trace and cloud.environment["CODE_ENGINE_APIKEY"] not in trace
    kept = b"".join(path.read_bytes() for path in (project.folder / ".pyfops").glob("*") if path.is_file())
    assert b"hush-hush" not in kept
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


def test_a_pure_dependency_goes_with_it(local):
    project, _ = local
    with_wheel(project, "py3-none-any", {"extra/__init__.py": "WORD = 'packed'\n"})
    project.write("hello/helper.py", "import extra\n\ndef secret():\n    return extra.WORD\n")
    project.run("deploy", "--local")
    assert project.run("invoke", "hello", '"context"', "--local")["output"]["secret"] == "packed"

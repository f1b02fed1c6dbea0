# SPDX-License-Identifier: Apache-2.0
"""The pyfops program with `api: openwhisk` on the local stand-in of an OpenWhisk host."""

import base64
import json
import re

import pytest
from conftest import Cloud, http
from program import Project

CODE = """\
import os

def handler(event, context):
    print("seen", event)
    if event == "fail":
        raise ValueError("no such thing")
    if event == "context":
        return {
            "provider": context.provider,
            "region": context.region,
            "name": context.function_name,
            "memory": context.memory_mb,
            "left": 0 < context.remaining_ms() <= 10_000,
            "environment": os.environ["TOKEN"] + os.environ["MODE"],
        }
    if event == "grow":
        return len(bytearray(400 << 20))
    if event == "sleep":
        import time
        time.sleep(30)
    return event
"""
VALUES = [{"a": [1, "ü", None], "big": 9007199254740993}, [], "text", "", 17, 1.5e-7, True, None]


def project_file(**more):
    tests = [
        {"name": "v%d" % i, "input": value, "expect": {"exact": value}} for i, value in enumerate(VALUES)
    ]
    tests.append({"name": "fails", "input": "fail", "expect": {"error": {"type": "ValueError"}}})
    function = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "timeout": 10,
        "environment": {"MODE": "fast", "TOKEN": {"secret": "env:TOKEN"}},
        "tests": tests,
    }
    function.update(more)
    return json.dumps(
        {
            "project": "gate",
            "python": "3.11",
            "functions": [function],
            "deployments": [{"provider": "ibm", "regions": ["lab"]}],
            "providers": {"ibm": {"api": "openwhisk"}},
        }
    )


@pytest.fixture
def local(tmp_path):
    project = Project(tmp_path / "gate", TOKEN="hush-hush")
    project.write("hello/hello.py", CODE)
    project.write("pyfops.yaml", project_file())
    state = project.folder / ".pyfops" / "local"
    state.mkdir(parents=True)
    cloud = Cloud(state)
    yield project, cloud
    cloud.stop()


def writes(project):
    return [
        "%s %s" % (one["method"], one["url"].rpartition("/")[2])
        for one in project.sent
        if one["method"] in ("PUT", "DELETE")
    ]


def test_the_life_of_a_project(local):
    project, cloud = local
    first = project.run("run", "--local", trace=True)
    assert first["succeeded"], first
    (row,) = first["deployments"]
    assert row["deployment"]["action"] == "created"
    link = row["deployment"]["link"]
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/openwhisk\.pyfops-local/api/v1/web/guest/default/gate-hello\.http", link
    )
    assert len(row["tests"]) == 9 and all(test["passed"] for test in row["tests"])
    assert writes(project)[0] == "PUT gate-hello?overwrite=false"
    # The sizes are this host's, not Code Engine's.
    assert row["tuning"]["probes"][0]["memory_mb"] == 512
    assert row["memory_mb"] == row["tuning"]["minimum_mb"] == 128
    again = project.run("deploy", "--local", trace=True)
    assert again["deployments"][0]["deployment"]["action"] == "unchanged" and writes(project) == []

    answer = project.run("invoke", "hello", '"context"', "--local")
    assert answer["output"] == {
        "provider": "ibm",
        "region": "lab",
        "name": "gate-hello",
        "memory": 128,
        "left": True,
        "environment": "hush-hushfast",
    }
    probe = project.run("invoke", "hello", "[1]", "--local", "--probe")
    assert probe["output"] == [1] and probe["duration_ms"] is not None
    status, headers, body = http("POST", link, b'{"a": 1}', {"Content-Type": "application/json"})
    assert (status, json.loads(body)) == (200, {"a": 1})
    assert headers["content-type"] == "application/json"
    assert json.loads(http("GET", link + "?a=1&b=x%20y")[2]) == {"a": "1", "b": "x y"}
    status, headers, body = http("POST", link, b'"fail"', {"Content-Type": "application/json"})
    assert status == 500 and headers["x-pyfops-error"] == "function"
    assert json.loads(body)["error"] == "ValueError: no such thing"

    lines = project.run("logs", "hello", "--local")["lines"]
    assert any(line["text"] == "seen context" for line in lines)
    (listed,) = project.run("list", "--local", "--from-cloud")["deployments"]
    assert listed["link"] == link
    project.write("hello/hello.py", CODE + "\n# changed\n")
    project.run("deploy", "--local", trace=True)
    assert writes(project) == ["PUT gate-hello?overwrite=true"]
    assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])
    assert http("GET", link)[0] == 404


def test_what_ends_a_function_is_told(local):
    project, _ = local
    project.write("pyfops.yaml", project_file(timeout=1))
    project.run("deploy", "--local")
    grown = project.run("invoke", "hello", '"grow"', "--local", code=1)
    assert grown["error"]["cause"] == "out of memory"
    slow = project.run("invoke", "hello", '"sleep"', "--local", code=1)
    assert slow["error"]["cause"] == "timed out"


def test_a_call_with_the_key_takes_and_gives_objects(local):
    project, cloud = local
    project.run("deploy", "--local")
    url = (
        "%s/api/v1/namespaces/_/actions/gate-hello?blocking=true&result=true"
        % cloud.environment["__OW_API_HOST"]
    )
    key = base64.b64encode(cloud.environment["__OW_API_KEY"].encode()).decode()
    headers = {"Authorization": "Basic " + key, "Content-Type": "application/json"}
    assert json.loads(http("POST", url, b'{"a": 1}', headers)[2]) == {"a": 1}
    assert http("POST", url, b'{"__pyfops_env": {}}', headers)[0] == 400


@pytest.mark.parametrize(
    "rule",
    [
        {"operation": "openwhisk:CreateAction", "action": "drop", "when": "after", "times": 1},
        {"operation": "openwhisk:CreateAction", "action": "status", "status": 500, "times": 1},
        {"operation": "openwhisk:CreateAction", "action": "status", "status": 429, "times": 1},
        {"operation": "openwhisk:GetAction", "action": "drop", "when": "before", "times": 1},
        {"operation": "openwhisk:InvokeWebAction", "action": "status", "status": 429, "times": 1},
    ],
)
def test_mishaps_are_survived(local, rule):
    project, cloud = local
    cloud.faults([rule])
    assert project.run("run", "--local")["succeeded"]


def test_a_wrong_key(local):
    project, cloud = local
    project.environment["__OW_API_HOST"] = cloud.environment["__OW_API_HOST"]
    project.environment["__OW_API_KEY"] = "not:the-key"
    failed = project.run("list", "--from-cloud", code=3)
    assert "does not accept the credentials" in json.dumps(failed)


def test_sizes_of_the_host(local):
    project, _ = local
    project.write("pyfops.yaml", project_file(memory=1024))
    assert "does not offer 1024 MB" in json.dumps(project.run("validate", code=2))

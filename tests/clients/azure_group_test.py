# SPDX-License-Identifier: Apache-2.0
"""providers.azure.group: codebase, from end to end: one app, seen by Azure's own client, for two functions."""

import json

import pytest
from azure_support import Azure, AzureProject, temporary
from conftest import http

CODE = """
import os

def hello(event, context):
    return {"hello": event, "mode": os.environ["MODE"], "memory": context.memory_mb}

def bye(event):
    return {"bye": event}
"""


def function(name, **more):
    test = {"name": "t", "input": {"n": 1}, "expect": {"subset": {name: {"n": 1}}}}
    return {
        "name": name,
        "source": "hello",
        "handler": "hello:" + name,
        "memory": [512],
        "tests": [test],
        **more,
    }


@pytest.fixture(scope="module")
def grouped():
    with temporary() as directory:
        one = AzureProject(directory, code=CODE, settings={"group": "codebase"})
        one.document["functions"] = [
            function("hello", timeout=10, environment={"MODE": "a b&c"}),
            function("bye", timeout=20),
        ]
        one.save()
        try:
            yield one
        finally:
            one.cloud.stop()


def apps(one):
    return list(Azure(one.cloud).web.web_apps.list_by_resource_group("pyfops-gate"))


def call(one, link):
    app = link.split("/")[3].split(".")[0]
    key = Azure(one.cloud).web.web_apps.list_host_keys("pyfops-gate", app).function_keys["default"]
    status, _, body = http("POST", link, b'{"n": 2}', {"x-functions-key": key})
    return status, body


def links(report):
    return {row["function"]: row["deployment"]["link"] for row in report["deployments"]}


def test_two_functions_share_an_app(grouped):
    report = grouped.run("run")
    assert report["succeeded"], report
    assert all(row["tests"][0]["passed"] for row in report["deployments"])
    (app,) = apps(grouped)
    assert app.name.startswith("gate-hello-")
    names = Azure(grouped.cloud).web.web_apps.list_functions("pyfops-gate", app.name)
    assert sorted(one.name for one in names) == [app.name + "/pyfops-bye", app.name + "/pyfops-hello"]
    status, body = call(grouped, links(report)["hello"])
    assert (status, json.loads(body)) == (200, {"hello": {"n": 2}, "mode": "a b&c", "memory": 512})
    assert len(grouped.run("list", "--from-cloud")["deployments"]) == 2


def test_nothing_changed_means_no_write(grouped):
    report = grouped.run("run", trace=True)
    assert {row["deployment"]["action"] for row in report["deployments"]} == {"unchanged"}
    reading = ("/list", "/listkeys", "/token", "/hello", "/bye")
    assert [one for one in grouped.project.writes() if not one.endswith(reading)] == []


def test_one_function_leaves_and_comes_back(grouped):
    link = links(grouped.run("deploy"))
    grouped.run("destroy", "--only", "function=bye", "--yes")
    assert call(grouped, link["bye"])[0] == 404
    assert call(grouped, link["hello"])[0] == 200
    assert len(grouped.run("list", "--from-cloud")["deployments"]) == 1
    report = grouped.run("run", "--only", "function=bye")
    assert report["succeeded"] and call(grouped, link["bye"])[0] == 200


def test_what_cannot_be_shared_is_a_finding(grouped):
    before = json.dumps(grouped.document)
    grouped.document["functions"][1]["environment"] = {"MODE": "other"}
    grouped.save()
    findings = grouped.project.run("validate", code=2)["findings"]
    assert [(one["severity"], one["path"]) for one in findings] == [
        ("error", "/functions/1/environment/MODE")
    ]
    grouped.document = json.loads(before)
    grouped.save()


def test_the_last_function_takes_everything_along(grouped):
    grouped.run("destroy", "--yes")
    assert list(Azure(grouped.cloud).resources.resource_groups.list()) == []

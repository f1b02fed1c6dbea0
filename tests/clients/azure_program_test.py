# SPDX-License-Identifier: Apache-2.0
"""The program on the local Azure from end to end, and what it says when something is wrong."""

import json
import time

import pytest
from azure_support import REGION, Azure, AzureProject, temporary
from conftest import http


@pytest.fixture(scope="module")
def deployed():
    with temporary() as directory:
        one = AzureProject(
            directory,
            function={
                "tests": [
                    {"name": "echo", "input": {"a": [1, "ü"]}, "expect": {"subset": {"got": {"a": [1, "ü"]}}}}
                ]
            },
        )
        try:
            report = one.run("run")
            assert report["succeeded"], report
            yield one, report
        finally:
            one.cloud.stop()


def app_of(one):
    listed = one.run("list", "--from-cloud")["deployments"]
    assert len(listed) == 1
    return listed[0]


def test_a_run_deploys_and_tests(deployed):
    one, report = deployed
    row = report["deployments"][0]
    assert row["deployment"]["action"] == "created"
    link = row["deployment"]["link"]
    assert link.startswith("http://127.0.0.1:") and len(link) <= 255
    assert ".azurewebsites.net/api/hello" in link
    assert row["tests"][0]["passed"]


def test_the_link_needs_the_key_and_gives_the_bare_answer(deployed):
    one, report = deployed
    link = report["deployments"][0]["deployment"]["link"]
    assert http("POST", link, b"{}")[0] == 401
    azure = Azure(one.cloud)
    app = link.split("/")[3].split(".")[0]
    key = azure.web.web_apps.list_host_keys("pyfops-gate", app).function_keys["default"]
    status, headers, body = http("POST", link, b'{"x": null}', {"x-functions-key": key})
    assert status == 200
    assert json.loads(body) == {"got": {"x": None}, "memory": 512}
    assert {name.lower(): text for name, text in headers.items()}["content-type"].startswith(
        "application/json"
    )
    assert json.loads(http("GET", link + "?y=2&code=" + key)[2])["got"] == {"y": "2"}


def test_again_changes_nothing(deployed):
    one, _ = deployed
    report = one.run("deploy", trace=True)
    assert report["deployments"][0]["deployment"]["action"] == "unchanged"
    reading = ("/appsettings/list", "/listkeys", "/listKeys", "/oauth2/v2.0/token")
    assert [action for action in one.project.writes() if not action.endswith(reading)] == []


def test_invoke_probe_logs_and_list(deployed):
    one, _ = deployed
    assert one.run("invoke", "hello", '{"n": 1}')["output"]["got"] == {"n": 1}
    probed = one.run("invoke", "hello", '{"n": 2}', "--probe")
    assert probed["output"]["got"] == {"n": 2}
    assert probed["memory_used_mb"] > 1 and probed["duration_ms"] >= 0
    lines = [line["text"] for line in one.run("logs", "hello")["lines"]]
    assert any(line.startswith("seen {'n': 1}") for line in lines)
    assert any(line.startswith("Executed 'Functions.pyfops-hello' (Succeeded") for line in lines)
    row = app_of(one)
    assert row["region"] == REGION and row["memory_mb"] == 512


def test_changes_are_updates_of_the_same_link(deployed):
    one, report = deployed
    one.document["functions"][0]["environment"]["MODE"] = "other"
    one.document["functions"][0]["timeout"] = 20
    one.save()
    row = one.run("deploy")["deployments"][0]["deployment"]
    assert row["action"] == "updated"
    assert row["link"] == report["deployments"][0]["deployment"]["link"]
    one.project.write("hello/hello.py", "import os\ndef handler(event):\n    return os.environ['MODE']\n")
    assert one.run("deploy")["deployments"][0]["deployment"]["action"] == "updated"
    assert one.run("invoke", "hello", "{}")["output"] == "other"


FAILING = """
import time, os
def handler(event, context):
    kind = event.get("kind")
    if kind == "raise":
        raise ValueError("no " + "ü")
    if kind == "exit":
        os._exit(3)
    if kind == "memory":
        hog = []
        while True:
            hog.append(b"x" * (16 << 20))
    if kind == "slow":
        time.sleep(60)
    return "fine"
"""


def test_failures_of_the_function_are_told_from_the_platforms():
    with temporary() as directory:
        one = AzureProject(directory, code=FAILING, function={"timeout": 2})
        try:
            one.run("deploy")

            def failing(kind):
                return one.run("invoke", "hello", json.dumps({"kind": kind}), code=1)["error"]

            raised = failing("raise")
            assert (
                raised["type"] == "ValueError" and raised["message"] == "no ü" and raised["cause"] == "raised"
            )
            assert failing("exit")["cause"] == "exited"
            assert failing("memory")["cause"] == "exited"
            assert failing("slow")["cause"] == "timed out"
            lines = [line["text"] for line in one.run("logs", "hello")["lines"]]
            assert any("exited with code 137" in line for line in lines)
            assert any("exited with code 3" in line for line in lines)
            assert any("Timeout value of" in line for line in lines)
            assert one.run("invoke", "hello", "{}")["output"] == "fine"
        finally:
            one.cloud.stop()


def test_public_functions_and_the_classic_plan():
    with temporary() as directory:
        one = AzureProject(
            directory,
            code="def handler(event):\n    return 1\n",
            function={"memory": "auto"},
            settings={"plan": "consumption", "public": True},
        )
        try:
            row = one.run("deploy")["deployments"][0]
            assert row["memory_mb"] == 1536
            assert http("POST", row["deployment"]["link"], b"{}")[0::2] == (200, b"1")
            one.project.write("hello/hello.py", "def handler(event):\n    return 2\n")
            assert one.run("deploy")["deployments"][0]["deployment"]["action"] == "updated"
            assert one.run("invoke", "hello", "{}")["output"] == 2
            assert one.run("destroy", "--yes")["deployments"][0]["removed"]
        finally:
            one.cloud.stop()


def test_destroy_leaves_nothing(deployed):
    one, report = deployed
    assert one.run("destroy", "--yes")["deployments"][0]["removed"]
    azure = Azure(one.cloud)
    end = time.monotonic() + 5
    while list(azure.resources.resource_groups.list()) and time.monotonic() < end:
        time.sleep(0.05)
    assert list(azure.resources.resource_groups.list()) == []
    assert list(azure.web.web_apps.list()) == []
    assert list(azure.storage.storage_accounts.list()) == []
    assert http("POST", report["deployments"][0]["deployment"]["link"], b"{}")[0] == 404


# ---- bad input


@pytest.fixture(scope="module")
def fresh():
    with temporary() as directory:
        one = AzureProject(directory, code="def handler(event):\n    return 1\n")
        try:
            yield one
        finally:
            one.cloud.stop()


def failure(one, *words, code=1):
    report = one.run(*words, code=code)
    return report["deployments"][0]["failure"]


def rule(operation, **more):
    return {"operation": operation, "times": 1, **more}


@pytest.mark.parametrize(
    "change, part",
    [
        (
            lambda document: document["deployments"][0].update(regions=["westeuropa"]),
            "did you mean 'westeurope'",
        ),
        (lambda document: document["functions"][0].update(memory=[1000]), "512, 2048, 4096"),
        (
            lambda document: document["functions"][0].update(environment={"WEBSITE_X": "1"}),
            "is reserved by Azure",
        ),
        (lambda document: document["providers"]["azure"].update(group="region"), "group"),
        (lambda document: document["providers"]["azure"].update(plan="premium"), "plan"),
    ],
)
def test_findings_come_before_any_call(fresh, change, part):
    document = json.loads(json.dumps(fresh.document))
    change(document)
    fresh.project.write("bad.yaml", json.dumps(document))
    report = fresh.project.run("validate", "-f", "bad.yaml", code=2)
    assert part in json.dumps(report, ensure_ascii=False)


def test_throttling_and_weak_moments_are_waited_out(fresh):
    fresh.cloud.faults(
        [
            rule("resources:PutGroup", action="status", status=429, retry_after=1),
            rule("storage:PutAccount", action="status", status=500),
            rule("web:PutSite", action="drop", when="after"),
            rule("scm:Publish", action="status", status=503),
            rule("resources:PutTags", action="status", status=409),
            rule("entra:GetToken", action="status", status=503),
        ]
    )
    assert fresh.run("run")["succeeded"]
    assert fresh.run("destroy", "--yes")["deployments"][0]["removed"]
    fresh.cloud.faults()


def test_a_failed_operation_is_told_and_mended_by_the_next_run(fresh):
    fresh.cloud.faults(states__fail="no capacity in this region")
    told = failure(fresh, "deploy")
    assert "no capacity in this region" in json.dumps(told)
    fresh.cloud.faults()
    assert fresh.run("deploy")["succeeded"]
    assert fresh.run("invoke", "hello", "{}")["output"] == 1


def test_a_failed_publication_is_told_and_mended_by_the_next_run(fresh):
    fresh.project.write("hello/hello.py", "def handler(event):\n    return 3\n")
    fresh.cloud.faults(states__fail="the disk is full")
    assert "the disk is full" in json.dumps(failure(fresh, "deploy"))
    fresh.cloud.faults()
    assert fresh.run("deploy")["deployments"][0]["deployment"]["action"] == "updated"
    assert fresh.run("invoke", "hello", "{}")["output"] == 3


def test_a_name_that_is_taken(fresh):
    fresh.run("deploy")
    app = app_of(fresh)["cloud_name"]
    azure = Azure(fresh.cloud)
    fresh.run("destroy", "--yes")
    from azure_sdk_test import make_app

    make_app(azure, app, "elsewhere")
    told = json.dumps(failure(fresh, "deploy"))
    assert app in told and "rename the project" in told
    groups = {one.name for one in azure.resources.resource_groups.list()}
    assert "elsewhere" in groups and not [name for name in groups if name.startswith("pyfops-")]
    azure.web.web_apps.delete("elsewhere", app)


def real(one, **environment):
    """The environment of a person who works on the real cloud, which happens to be the emulator."""
    from program import Project

    variables = {name: text for name, text in one.cloud.environment.items() if name.startswith("AZURE_")}
    variables.update(environment)
    return Project(one.project.folder, **{name: text for name, text in variables.items() if text is not None})


def test_credentials(fresh):
    good = real(fresh).run("list", "--from-cloud")
    assert good["deployments"] == []
    wrong = real(fresh, AZURE_CLIENT_SECRET="wrong-secret-text").run("list", "--from-cloud", code=3)
    text = json.dumps(wrong)
    assert "AADSTS7000215" in text and "AZURE_CLIENT_SECRET" in text and "wrong-secret-text" not in text
    none = real(
        fresh,
        AZURE_CLIENT_SECRET=None,
        AZURE_TOKEN_CREDENTIALS=None,
        AZURE_POD_IDENTITY_AUTHORITY_HOST="http://127.0.0.1:9",
    ).run("list", "--from-cloud", code=3)
    text = json.dumps(none)
    assert "no Azure credentials were found" in text and "az login" in text
    other = real(fresh, AZURE_SUBSCRIPTION_ID="11111111-1111-1111-1111-111111111111").run(
        "list", "--from-cloud", code=3
    )
    assert "does not know the subscription" in json.dumps(other)

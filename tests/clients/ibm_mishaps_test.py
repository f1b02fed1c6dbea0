# SPDX-License-Identifier: Apache-2.0
"""The pyfops program on IBM Code Engine's stand-in: bad input, bad luck and code that cannot be sent."""

import json
import os
import subprocess

import pytest
from ibm_cloud import client
from ibm_project import project_file, start, unit, with_wheel


@pytest.fixture
def local(tmp_path):
    project, cloud = start(tmp_path)
    yield project, cloud
    cloud.stop()


def failure_of(document):
    return json.dumps(document)


def test_code_that_is_too_large_is_refused_before_anything_is_sent(local):
    project, cloud = local
    project.write("hello/model.bin", os.urandom(80_000))
    failed = failure_of(project.run("run", "--local", code=1))
    assert "100000 at most can be sent" in failed and "providers.ibm.build" in failed
    assert not [one for one in cloud.requests() if one["operation"].startswith("codeengine:Create")]


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
    ],
)
def test_findings(local, change, words):
    project, _ = local
    project.write("pyfops.yaml", project_file(**change))
    found = project.run("validate", code=2)
    assert words in json.dumps(found, ensure_ascii=False)


def test_a_runtime_past_its_end_is_refused(local):
    project, _ = local
    project.write("pyfops.yaml", project_file(python="3.11"))
    assert "makes no new functions with python-3.11" in json.dumps(project.run("validate", code=2))

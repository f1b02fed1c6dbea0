# SPDX-License-Identifier: Apache-2.0
"""Every request that the program sends to Google in the life of a project, held against the discovery documents."""

import base64
import json
import os
import pathlib
import tempfile

import pytest
from conftest import NO_REFERENCE
from google_cloud import FAST, GoogleCloud
from google_discovery import FOLDER, check
from program import Project

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=NO_REFERENCE)

CODE = "def handler(event, context):\n    print('seen')\n    return %s\n"


def project_file(public, **environment):
    test = {"name": "echo", "input": {"a": [1, "ü", None]}, "expect": {"exact": {"a": [1, "ü", None]}}}
    function = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "timeout": 5,
        "memory": 256,
        "description": "An echo & more <ü>",
        "environment": environment,
        "tests": [test],
    }
    settings = {"public": public, "labels": {"cost-centre": "a_b-1"}, "max_instances": 3}
    return json.dumps(
        {
            "project": "gate",
            "functions": [function],
            "deployments": [{"provider": "google", "regions": ["europe-west1", "us-east1"]}],
            "providers": {"google": settings},
        }
    )


def other_credentials(project, cloud):
    """What the other kinds of credential files ask for."""
    local = {name: text for name, text in cloud.environment.items() if name.startswith("CLOUDSDK_API")}
    for kind in ("external-account", "impersonated-account", "authorized-user"):
        file = cloud.state / "cloud" / "google" / (kind + ".json")
        asking = Project(
            project.folder,
            GOOGLE_APPLICATION_CREDENTIALS=str(file),
            GOOGLE_CLOUD_PROJECT="pyfops-local",
            NO_GCE_CHECK="true",
            **local,
        )
        assert asking.run("list", "--from-cloud")["deployments"] == []


@pytest.fixture(scope="module")
def recorded():
    """The requests of create, test, logs, update, list and destroy."""
    with tempfile.TemporaryDirectory(prefix="pyfops-google-") as directory:
        project = Project(pathlib.Path(directory) / "gate")
        state = project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        cloud = GoogleCloud(state, faults={"settings": {**FAST, "journal.requests": True}})
        try:
            project.write("hello/hello.py", CODE % "event")
            project.write("pyfops.yaml", project_file(True, MODE="a b&c"))
            assert project.run("run", "--local")["succeeded"]
            project.write("hello/hello.py", CODE % "dict(event)")
            project.write("pyfops.yaml", project_file(False, MODE="slow", MORE="ü"))
            assert project.run("run", "--local")["succeeded"]
            again = project.run("run", "--local", trace=True)
            assert {one["deployment"]["action"] for one in again["deployments"]} == {"unchanged"}
            project.run("invoke", "hello", "{}", "--local", "--logs", "--only", "region=us-east1")
            project.run("logs", "hello", "--local", "--only", "region=us-east1")
            assert len(project.run("list", "--local", "--from-cloud")["deployments"]) == 2
            assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])
            other_credentials(project, cloud)
            yield [
                entry for entry in cloud.requests() if entry["provider"] == "google" and "request" in entry
            ]
        finally:
            cloud.stop()


API = "cloudfunctions.projects.locations."
EXPECTED = {
    API + "functions.create",
    API + "functions.delete",
    API + "functions.get",
    API + "functions.list",
    API + "functions.patch",
    API + "functions.generateUploadUrl",
    API + "operations.get",
    "run.projects.locations.services.getIamPolicy",
    "run.projects.locations.services.setIamPolicy",
    "logging.entries.list",
    "sts.token",
    "iamcredentials.projects.serviceAccounts.generateAccessToken",
}
OTHERS = ("oauth2:Token", "storage:PutObject", "run:Invoke")  # no discovery document has these


def test_every_request_is_what_the_documents_say(recorded):
    seen = set()
    for entry in recorded:
        if entry["operation"] in OTHERS:
            continue
        try:
            seen.add(check(entry["request"]))
        except Exception as error:
            raise AssertionError("%s %s: %s" % (entry["operation"], entry["request"], error)) from error
    assert seen >= EXPECTED, EXPECTED - seen


def samples(recorded):
    """One request of each operation, the one with most to say."""
    best = {}
    for entry in recorded:
        size = len(entry["request"].get("body", "")) + len(entry["request"]["target"])
        if entry["operation"] not in OTHERS and size > best.get(entry["operation"], (0,))[0]:
            best[entry["operation"]] = (size, entry["request"])
    return {name: request for name, (size, request) in best.items()}


def refused(seen):
    with pytest.raises((AssertionError, ValueError)):
        check(seen)


def with_body(seen, content):
    return {**seen, "body": base64.b64encode(json.dumps(content).encode()).decode()}


def renamed(content):
    """Every form of a document in which one member has another name."""
    for name, inner in content.items():
        yield {("z" + key if key == name else key): value for key, value in content.items()}
        # Labels and variables have any name.
        if isinstance(inner, dict) and name not in ("labels", "environmentVariables"):
            for changed in renamed(inner):
                yield {**content, name: changed}


def test_every_renamed_member_is_seen(recorded):
    """Members of bodies and names of the query: one letter more, and the request is refused."""
    count = 0
    for seen in samples(recorded).values():
        assert check(seen)
        path, _, query = seen["target"].partition("?")
        for part in filter(None, query.split("&")):
            refused({**seen, "target": path + "?" + query.replace(part, "z" + part)})
            count += 1
        if not seen.get("body") or "sts." in path:
            continue
        for changed in renamed(json.loads(base64.b64decode(seen["body"]))):
            refused(with_body(seen, changed))
            count += 1
    assert count >= 40


def body_of(seen):
    return json.loads(base64.b64decode(seen["body"]))


def test_changed_values_are_seen(recorded):
    seen = samples(recorded)
    create = seen["cloudfunctions:CreateFunction"]
    for group, member, value in (
        ("serviceConfig", "timeoutSeconds", "5"),
        ("serviceConfig", "availableMemory", 256),
        ("serviceConfig", "environmentVariables", ["A"]),
        ("serviceConfig", "uri", "https://x"),
        ("buildConfig", "source", "gs://x"),
    ):
        content = body_of(create)
        content[group][member] = value
        refused(with_body(create, content))
    refused(with_body(create, {**body_of(create), "environment": "GEN_3"}))
    refused(with_body(create, {**body_of(create), "state": "ACTIVE"}))
    update = seen["cloudfunctions:UpdateFunction"]
    refused({**update, "target": update["target"].replace("serviceConfig.", "service_config.", 1)})
    refused({**update, "method": "PUT"})
    refused({**update, "target": update["target"].replace("/functions/", "/function/")})
    policy = seen["run:SetIamPolicy"]
    refused({**policy, "target": policy["target"].replace("/v2/", "/v1/")})
    refused({**seen["logging:ListLogEntries"], "method": "GET"})


def test_uploads_and_invocations(recorded):
    uploads = [one["request"] for one in recorded if one["operation"] == "storage:PutObject"]
    assert len(uploads) == 4  # in two regions, first and changed code
    for seen in uploads:
        names = {name.lower() for name in seen["headers"]}
        assert "authorization" not in names and seen["headers"]["Content-Type"] == "application/zip"
    for seen in (one["request"] for one in recorded if one["operation"] == "run:Invoke"):
        assert seen["method"] == "POST" and ".cloudfunctions.net/gate-hello" in seen["target"]


def test_nothing_of_the_machine_is_sent(recorded):
    text = json.dumps(recorded)
    assert os.environ.get("HOME", "/root") + "/" not in text

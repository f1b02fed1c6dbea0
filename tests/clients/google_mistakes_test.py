# SPDX-License-Identifier: Apache-2.0
"""What people, networks and Google get wrong: the program with Google's face of the local cloud."""

import json
import pathlib
import subprocess
import tempfile
import time

import pytest
from conftest import BIN, http
from google_project import World, action, definition
from program import Project


@pytest.fixture(scope="module")
def world():
    with tempfile.TemporaryDirectory(prefix="pyfops-google-") as directory:
        one = World(pathlib.Path(directory))
        try:
            yield one
        finally:
            one.cloud.stop()


@pytest.fixture
def clean(world):
    """Nothing deployed, no faults, the project as it was written."""
    world.cloud.faults()
    world.project.write("pyfops.yaml", definition())
    world.project.run("destroy", "--yes", "--local")
    yield world
    world.cloud.faults()


def test_no_credentials(clean):
    # Without --local, on a machine that has none.
    report = Project(clean.project.folder, NO_GCE_CHECK="true").run(
        "deploy", "--database", "sqlite:real.db", code=3
    )
    failure = report["deployments"][0]["failure"]
    assert "no Google credentials were found" in failure["message"]
    assert "GOOGLE_APPLICATION_CREDENTIALS is not set" in failure["message"]
    assert "gcloud auth application-default login" in failure["hint"]


def real(clean, credentials, **more):
    """The program as for the real cloud, with a key file of the test's, at the emulator's address."""
    file = clean.project.write("../other-key.json", json.dumps(credentials))
    overrides = {
        name: text for name, text in clean.cloud.environment.items() if name.startswith("CLOUDSDK_API")
    }
    return Project(
        clean.project.folder,
        GOOGLE_APPLICATION_CREDENTIALS=str(file),
        NO_GCE_CHECK="true",
        **overrides,
        **more,
    )


def key_file(clean):
    return json.loads(pathlib.Path(clean.cloud.environment["GOOGLE_APPLICATION_CREDENTIALS"]).read_text())


def test_a_key_of_another_account(clean):
    key = key_file(clean)
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key["private_key"] = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    report = real(clean, key).run("deploy", "--database", "sqlite:real.db", code=3)
    failure = report["deployments"][0]["failure"]
    assert "Google does not accept the credentials" in failure["message"]
    assert "make a new one" in failure["hint"]
    assert key["private_key"][60:120] not in json.dumps(report)


def test_an_account_that_is_gone(clean):
    key = {**key_file(clean), "client_email": "deleted@pyfops-local.iam.gserviceaccount.com"}
    report = real(clean, key).run("deploy", "--database", "sqlite:real.db", code=3)
    assert "it may be deleted" in report["deployments"][0]["failure"]["hint"]


def test_requirements_that_the_framework_does_not_go_with(clean):
    clean.project.write("requirements.txt", "idna==3.10\ncloudevents==1.9.0\n")
    try:
        failure = clean.failure()
        assert "requirements.txt:2: 'cloudevents==1.9.0' cannot be satisfied" in failure["message"]
        assert "pyfOps adds functions-framework==3.10.2" in failure["hint"]
        # What the hint says helps: the newest framework that goes with it is taken.
        clean.project.write("requirements.txt", "idna==3.10\ncloudevents==1.9.0\nfunctions-framework\n")
        assert clean.project.run("run", "--local")["succeeded"]
    finally:
        clean.project.write("requirements.txt", "idna==3.10\n")


def test_a_project_that_is_not_ours(clean):
    report = real(clean, key_file(clean), GOOGLE_CLOUD_PROJECT="somebody-else").run(
        "deploy", "--database", "sqlite:real.db", code=3
    )
    assert "use project somebody-else" in report["deployments"][0]["failure"]["message"]


@pytest.mark.parametrize(
    "change, says",
    [
        ({"regions": ["europe-west5"]}, "has no region 'europe-west5'"),
        ({"function": {"memory": 300}}, "does not offer 300 MB"),
        ({"function": {"timeout": 4000}}, "timeout of 4000 seconds"),
        ({"function": {"environment": {"K_SERVICE": "x"}}}, "'K_SERVICE' is reserved"),
        ({"settings": {"labels": {"Team": "x"}}}, "does not allow the label"),
        ({"settings": {"project": "Not An Id"}}, "cannot be the id of a Google Cloud project"),
        ({"settings": {"projekt": "x"}}, "projekt"),
    ],
)
def test_a_project_file_that_asks_for_what_there_is_not(clean, change, says):
    clean.project.write("pyfops.yaml", definition(**change))
    report = clean.project.run("validate", code=2)
    assert says in json.dumps(report), report


@pytest.mark.parametrize(
    "rule, outcome",
    [
        (
            {
                "operation": "cloudfunctions:CreateFunction",
                "action": "status",
                "status": 429,
                "retry_after": 1,
            },
            None,
        ),
        ({"operation": "cloudfunctions:CreateFunction", "action": "status", "status": 500}, None),
        ({"operation": "cloudfunctions:CreateFunction", "action": "drop", "when": "before"}, None),
        ({"operation": "cloudfunctions:CreateFunction", "action": "drop", "when": "after"}, None),
        ({"operation": "cloudfunctions:GetOperation", "action": "status", "status": 503}, None),
        ({"operation": "cloudfunctions:GetOperation", "action": "drop", "when": "after"}, None),
        ({"operation": "storage:PutObject", "action": "drop", "when": "during"}, None),
        ({"operation": "storage:PutObject", "action": "status", "status": 503}, None),
        ({"operation": "oauth2:Token", "action": "status", "status": 503}, None),
        ({"operation": "run:Invoke", "action": "status", "status": 429}, None),
        (
            {
                "operation": "cloudfunctions:GenerateUploadUrl",
                "action": "status",
                "status": 403,
                "code": "SERVICE_DISABLED",
            },
            "is not enabled in project pyfops-local",
        ),
    ],
)
def test_what_passes_is_repeated_and_what_does_not_is_told(clean, rule, outcome):
    clean.cloud.faults([{"nth": [1], **rule}])
    if outcome is None:
        report = clean.project.run("run", "--local")
        assert report["succeeded"], report
        faults = clean.cloud.control("/_pyfops/faults")
        assert faults["counts"][0]["applied"] == 1, faults
    else:
        assert outcome in clean.failure(code=3)["message"]


def test_an_operation_that_fails(clean):
    message = "Build failed; see the build log at https://console.cloud.google.com/x"
    clean.cloud.faults(google__operation_error={"code": 3, "message": message, "verb": "create"})
    failure = clean.failure()
    assert "Google refuses cloudfunctions:CreateFunction in europe-west1" in failure["message"]
    assert message in json.dumps(failure)
    clean.cloud.faults()
    row = clean.project.run("run", "--local")["deployments"][0]
    assert action(row) == "created" and row["tests"][0]["passed"]


def test_what_a_failed_creation_left_is_removed(clean):
    clean.cloud.faults(google__operation_error={"code": 13, "message": "internal", "verb": "create"})
    clean.failure()
    clean.cloud.faults()
    assert clean.project.run("destroy", "--yes", "--local")["deployments"][0]["removed"]
    functions = clean.cloud.functions()
    assert list(functions.list_functions(parent="projects/pyfops-local/locations/europe-west1")) == []


def test_a_function_of_somebody_else_stays(clean):
    client = clean.cloud.functions()
    clean.cloud.create(client, "gate-hello").result(timeout=60)
    failure = clean.failure()
    assert "was not made by pyfOps" in failure["message"]
    name = "projects/pyfops-local/locations/europe-west1/functions/gate-hello"
    assert client.get_function(name=name).state == 1
    client.delete_function(name=name).result(timeout=60)


def killed(clean, operation, when, *words):
    """Starts the program, and kills it while a request of it is held."""
    clean.cloud.faults([{"operation": operation, "nth": [1], "action": "hold", "when": when}])
    process = subprocess.Popen(
        [BIN / "pyfops", *words, "--local", "-q"],
        cwd=clean.project.folder,
        env=clean.project.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not clean.cloud.control("/_pyfops/faults")["held"]:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait(30)
    # What was held before acting on it never arrives.
    clean.cloud.control("/_pyfops/faults/release", {"abandon": when == "before"})
    clean.cloud.faults()


@pytest.mark.parametrize(
    "operation, when",
    [
        ("storage:PutObject", "after"),
        ("cloudfunctions:CreateFunction", "before"),
        ("cloudfunctions:CreateFunction", "after"),
        ("cloudfunctions:GetOperation", "before"),
        ("run:SetIamPolicy", "before"),
        ("run:SetIamPolicy", "after"),
    ],
)
def test_a_run_that_was_killed_is_completed_by_the_next(clean, operation, when):
    clean.project.write("pyfops.yaml", definition(settings={"public": True}))
    killed(clean, operation, when, "run")
    row = clean.project.run("run", "--local")["deployments"][0]
    assert row["tests"][0]["passed"] and http("POST", row["deployment"]["link"], b"1")[0] == 200
    assert action(clean.project.run("run", "--local")["deployments"][0]) == "unchanged"
    found = clean.cloud.functions().list_functions(parent="projects/pyfops-local/locations/-")
    assert [one.name.split("/")[-1] for one in found] == ["gate-hello"]


@pytest.mark.parametrize("operation", ["run:SetIamPolicy", "cloudfunctions:UpdateFunction"])
def test_closing_a_function_that_was_interrupted_is_completed(clean, operation):
    clean.project.write("pyfops.yaml", definition(settings={"public": True}))
    clean.project.run("run", "--local")
    clean.project.write("pyfops.yaml", definition(settings={"public": False}))
    killed(clean, operation, "before", "run")
    row = clean.project.run("run", "--local")["deployments"][0]
    assert action(row) == "updated" and http("POST", row["deployment"]["link"], b"1")[0] == 403
    assert action(clean.project.run("run", "--local")["deployments"][0]) == "unchanged"

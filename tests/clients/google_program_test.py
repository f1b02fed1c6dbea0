# SPDX-License-Identifier: Apache-2.0
"""The program with Google's face of the local cloud, end to end: what works, and what people get wrong."""

import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import pytest
from conftest import http
from google_cloud import GoogleCloud
from program import Project

CODE = """
import json, pathlib
def handler(event, context):
    print("seen", json.dumps(event))
    if event == "fail":
        raise KeyError("nothing there")
    if event == "grow":
        return len(bytearray(600 << 20))
    if event == "sleep":
        import time
        time.sleep(60)
    return {"event": event, "region": context.region, "memory": context.memory_mb, "name": context.function_name,
            "provider": context.provider, "left": context.remaining_ms(), "ours": requirement()}
def requirement():
    import idna
    return idna.encode("bücher.example").decode()
"""


def definition(**more):
    function = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "requirements": "requirements.txt",
        "timeout": 5,
        "tests": [{"name": "one", "input": {"a": 1}, "expect": {"subset": {"event": {"a": 1}}}}],
    }
    function.update(more.pop("function", {}))
    content = {
        "project": "gate",
        "functions": [function],
        "deployments": [{"provider": "google", "regions": more.pop("regions", ["europe-west1"])}],
        "providers": {"google": more.pop("settings", {})},
    }
    assert not more
    return json.dumps(content)


def action(row):
    return row["deployment"]["action"]


class World:
    def __init__(self, folder):
        self.project = Project(folder / "gate")
        state = self.project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        self.cloud = GoogleCloud(state)
        self.project.write("hello/hello.py", CODE)
        self.project.write("requirements.txt", "idna==3.10\n")
        self.project.write("pyfops.yaml", definition())

    def failure(self, code=1):
        """The failure of the only deployment of a run."""
        return self.project.run("run", "--local", code=code)["deployments"][0]["failure"]


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


def test_a_whole_life(world):
    project = world.project
    report = project.run("run", "--local")
    assert report["succeeded"], report
    row = report["deployments"][0]
    assert action(row) == "created" and row["memory_mb"] == 256
    assert (
        row["deployment"]["link"]
        == world.cloud.url + "/europe-west1-pyfops-local.cloudfunctions.net/gate-hello"
    )
    assert row["tests"][0]["passed"]
    answer = project.run("invoke", "hello", '{"b": [null, "ü"]}', "--local", "--logs")
    assert answer["output"] == {
        "event": {"b": [None, "ü"]},
        "region": "europe-west1",
        "memory": 256,
        "name": "gate-hello",
        "provider": "google",
        "left": answer["output"]["left"],
        "ours": "xn--bcher-kva.example",
    }
    assert 0 < answer["output"]["left"] <= 5000
    assert 'seen {"b":' in answer["log_tail"]
    probe = project.run("invoke", "hello", "--local", "--probe")
    assert probe["duration_ms"] > 0 and probe["cold"] is False and probe["ran_on"].startswith("3.")
    lines = [line["text"] for line in project.run("logs", "hello", "--local")["lines"]]
    assert any(line.startswith("seen") for line in lines)
    listed = project.run("list", "--local", "--from-cloud")["deployments"]
    assert [one["function"] for one in listed] == ["hello"]
    assert action(project.run("run", "--local")["deployments"][0]) == "unchanged"
    project.write("pyfops.yaml", definition(function={"memory": 256, "timeout": 7}))
    assert action(project.run("run", "--local")["deployments"][0]) == "updated"
    assert project.run("destroy", "--yes", "--local")["deployments"][0]["removed"]
    assert project.run("list", "--local", "--from-cloud")["deployments"] == []


def test_function_errors_and_ends(clean):
    project = clean.project
    project.run("run", "--local")
    for event, cause in (("fail", "raised"), ("grow", "out of memory"), ("sleep", "timed out")):
        answer = project.run("invoke", "hello", json.dumps(event), "--local", code=1)
        assert answer["error"]["cause"] == cause, answer
    answer = project.run("invoke", "hello", '"fail"', "--local", code=1)
    assert answer["error"]["type"] == "KeyError" and "nothing there" in answer["error"]["message"]


def test_public_functions_need_no_token(clean):
    clean.project.write("pyfops.yaml", definition(settings={"public": True}))
    link = clean.project.run("run", "--local")["deployments"][0]["deployment"]["link"]
    status, _, body = http("POST", link, b'{"x": 1}', {"Content-Type": "application/json"})
    assert status == 200 and json.loads(body)["event"] == {"x": 1}
    status, headers, body = http("POST", link, b'"fail"', {"Content-Type": "application/json"})
    assert status == 500 and headers["x-pyfops-error"] == "function"
    assert json.loads(body)["errorType"] == "KeyError" and '"error":' in body.decode()
    assert json.loads(http("GET", link + "?a=b")[2])["event"] == {"a": "b"}
    assert http("POST", link, b"not json")[0] == 400
    clean.project.write("pyfops.yaml", definition())
    clean.project.run("run", "--local")
    assert http("POST", link, b"1")[0] == 403


def archive_of(project):
    """The package as it would be uploaded."""
    project.run("package", "--output", "out")
    return next((project.folder / "out").rglob("hello.zip")).read_bytes()


def test_the_package_runs_under_the_framework_alone(clean, tmp_path):
    """Nothing of pyfOps but the package: functions-framework from the package itself serves it."""
    project = clean.project
    project.write("hello/requirements.txt", "the-users-own\n")
    try:
        content = archive_of(project)
    finally:
        (project.folder / "hello/requirements.txt").unlink()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
        assert archive.read("requirements.txt") == b"functions-framework==3.10.2\n"
        assert archive.read("_pyfops_requirements.txt") == b"the-users-own\n"
        assert (
            "functions_framework/__init__.py" in archive.namelist()
            and "idna/__init__.py" in archive.namelist()
        )
    program = (
        "import sys, json; sys.path.insert(0, %r); import functions_framework, flask\n"
        "assert functions_framework.__file__.startswith(%r), functions_framework.__file__\n"
        "client = functions_framework.create_app('main', '_pyfops_google.py', 'http').test_client()\n"
        "for event in ({'a': 1}, 'fail'):\n"
        "    answer = client.post('/', json=event)\n"
        "    print(json.dumps([answer.status_code, dict(answer.headers), answer.get_json()]))\n"
    ) % (str(tmp_path), str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "K_SERVICE": "gate-hello",
            "PYFOPS_REGION": "europe-west1",
            "PYFOPS_MEMORY_MB": "256",
            "PYFOPS_TIMEOUT": "5",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    good, bad = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert good[0] == 200 and good[1]["Content-Type"] == "application/json" and good[2]["event"] == {"a": 1}
    assert good[2]["memory"] == 256 and 0 < good[2]["left"] <= 5000
    assert bad[0] == 500 and bad[1]["x-pyfops-error"] == "function" and bad[2]["errorType"] == "KeyError"


def test_the_framework_is_in_the_lock(clean):
    clean.project.run("package")
    lock = json.loads((clean.project.folder / "pyfops.lock").read_text())
    section = lock["requirements"]["requirements.txt + functions-framework==3.10.2"]
    names = {one["name"] for one in section["platforms"]["python3.11 manylinux_2_35 x86_64"]}
    assert {"functions-framework", "flask", "idna"} <= names


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


def test_a_project_that_is_not_ours(clean):
    report = real(clean, key_file(clean), GOOGLE_CLOUD_PROJECT="somebody-else").run(
        "deploy", "--database", "sqlite:real.db", code=1
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
        assert faults["rules"][0]["applied"] == 1, faults
    else:
        assert outcome in clean.failure()["message"]


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

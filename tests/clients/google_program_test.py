# SPDX-License-Identifier: Apache-2.0
"""The program with Google's face of the local cloud, end to end."""

import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import pytest
from conftest import http
from google_project import World, action, definition


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
    assert action(row) == "created" and row["memory_mb"] == row["tuning"]["minimum_mb"]
    assert (
        row["deployment"]["link"]
        == world.cloud.url + "/europe-west1-pyfops-local.cloudfunctions.net/gate-hello"
    )
    assert row["tests"][0]["passed"]
    answer = project.run("invoke", "hello", '{"b": [null, "ü"]}', "--local", "--logs")
    assert answer["output"] == {
        "event": {"b": [None, "ü"]},
        "region": "europe-west1",
        "memory": 128,
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
    project.write("pyfops.yaml", definition(function={"timeout": 7}))
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
    project.write("hello/requirements.txt", "idna==3.10  # beside the code\n")
    try:
        content = archive_of(project)
    finally:
        (project.folder / "hello/requirements.txt").unlink()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
        assert archive.read("requirements.txt") == b"functions-framework==3.10.2\n"
        assert archive.read("_pyfops_requirements.txt") == b"idna==3.10  # beside the code\n"
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
        "    headers = {name.lower(): value for name, value in answer.headers}\n"
        "    print(json.dumps([answer.status_code, headers, answer.get_json()]))\n"
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
    assert good[0] == 200 and good[1]["content-type"] == "application/json" and good[2]["event"] == {"a": 1}
    assert good[2]["memory"] == 256 and 0 < good[2]["left"] <= 5000
    assert bad[0] == 500 and bad[1]["x-pyfops-error"] == "function" and bad[2]["errorType"] == "KeyError"


def test_the_framework_is_in_the_lock(clean):
    clean.project.run("package")
    lock = json.loads((clean.project.folder / "pyfops.lock").read_text())
    section = lock["requirements"]["requirements.txt + functions-framework==3.10.2"]
    names = {one["name"] for one in section["platforms"]["python3.11 manylinux_2_35 x86_64"]}
    assert {"functions-framework", "flask", "idna"} <= names

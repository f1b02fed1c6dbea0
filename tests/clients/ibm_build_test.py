# SPDX-License-Identifier: Apache-2.0
"""Code that is too large to be sent: built by (the stand-in of) Code Engine from a git repository that is served
over HTTP by git's own server."""

import http.server
import io
import json
import os
import subprocess
import threading
import urllib.parse
import zipfile

import pytest
from conftest import Cloud
from ibm_cloud import client, project_of, wait_for
from ibm_cloud_sdk_core import ApiException
from ibm_project import SETTINGS, wheel
from program import Project

CODE = """\
import pathlib
import extra

def handler(event):
    model = pathlib.Path(__file__).with_name("model.bin").read_bytes()
    return {"event": event, "model": len(model), "extra": extra.WORD}
"""


class Forge(http.server.BaseHTTPRequestHandler):
    """git http-backend, and a page of wheels."""

    root = None
    asked = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        url = urllib.parse.urlsplit(self.path)
        self.asked.append(self.path)
        if url.path.startswith("/wheels"):
            return self.wheels(url.path)
        length = int(self.headers.get("Content-Length") or 0)
        environment = {
            "PATH": "/usr/bin:/bin",
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=self.rfile.read(length), env=environment, capture_output=True
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
        self.send(status, body, [(name, value) for name, value in fields if name != "Status"])

    def wheels(self, path):
        name = path[len("/wheels") :].strip("/")
        folder = self.root / "wheels"
        if name:
            return self.send(200, (folder / name).read_bytes(), [("Content-Type", "application/zip")])
        links = "".join('<a href="/wheels/%s">%s</a>\n' % (one.name, one.name) for one in folder.iterdir())
        self.send(200, ("<html><body>%s</body></html>" % links).encode(), [("Content-Type", "text/html")])

    def send(self, status, body, fields):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def forge(tmp_path):
    root = tmp_path / "forge"
    (root / "wheels").mkdir(parents=True)
    handler = type("Here", (Forge,), {"root": root})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield root, "http://127.0.0.1:%d" % server.server_port
    server.shutdown()
    server.server_close()


def git(folder, *words):
    settings = ["-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "init.defaultBranch=main"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    subprocess.run(["git", *settings, *words], cwd=folder, env=environment, check=True, capture_output=True)


def publish(root, files, name="functions"):
    """Commits {path: content} as what the repository holds."""
    folder = root / name
    if not folder.exists():
        folder.mkdir()
        git(folder, "init")
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "more")


def project_file(url):
    return json.dumps(
        {
            "project": "gate",
            "python": "3.13",
            "functions": [
                {
                    "name": "hello",
                    "source": "hello",
                    "handler": "hello:handler",
                    "requirements": "hello/requirements.txt",
                    "tests": [
                        {
                            "name": "all",
                            "input": 1,
                            "expect": {"exact": {"event": 1, "model": 150000, "extra": "native"}},
                        }
                    ],
                }
            ],
            "deployments": [{"provider": "ibm", "regions": ["eu-de"]}],
            "providers": {
                "ibm": {
                    "build": {
                        "source_url": url + "/functions/.git",
                        "context_dir": "ibm/{function}",
                        "output_image": "private.eu-de.icr.io/mine/{function}",
                        "registry_password": "env:REGISTRY_PASSWORD",
                    }
                }
            },
        }
    )


@pytest.fixture
def local(tmp_path, forge, monkeypatch):
    root, url = forge
    # Fits every Python, but one platform only: compiled as far as anybody can tell.
    wheel(
        root / "wheels",
        "pyfops_extra",
        "py3-none-manylinux2014_x86_64",
        {"extra/__init__.py": "WORD = 'native'\n"},
    )
    project = Project(tmp_path / "gate", REGISTRY_PASSWORD="push-me-please")
    project.environment["PIP_FIND_LINKS"] = str(root / "wheels")
    # The build sees nothing of this machine's folders.
    monkeypatch.setenv("PIP_FIND_LINKS", url + "/wheels/")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://u:index-password@127.0.0.1:1/ http://127.0.0.1:1/plain")
    project.write("hello/hello.py", CODE)
    project.write("hello/model.bin", os.urandom(150_000))
    project.write("hello/requirements.txt", "pyfops-extra\n")
    project.write("pyfops.yaml", project_file(url))
    state = project.folder / ".pyfops" / "local"
    state.mkdir(parents=True)
    cloud = Cloud(state, faults={"settings": SETTINGS})
    yield project, cloud, root
    cloud.stop()


def bundle(project):
    """What the repository is to hold: the files of the package."""
    project.run("package", "--output", "out")
    archive = zipfile.ZipFile(io.BytesIO((project.folder / "out" / "ibm" / "hello.zip").read_bytes()))
    return {"ibm/hello/" + name: archive.read(name) for name in archive.namelist()}


def operations(cloud):
    return [one["operation"] for one in cloud.requests()]


def test_from_git_to_answers(local):
    project, cloud, root = local
    files = bundle(project)
    assert files["ibm/hello/requirements.txt"].decode().splitlines()[1] == "pyfops-extra==1.0"
    publish(root, files)
    first = project.run("run", "--local")
    assert first["succeeded"], first
    sdk = client(cloud, "eu-de")
    (inside,) = sdk.list_projects().get_result()["projects"]
    made = sdk.get_function(project_id=inside["id"], name="gate-hello").get_result()
    assert made["code_reference"].startswith("private.eu-de.icr.io/mine/hello:")
    assert made["code_secret"] == "pyfops-registry" and made["code_binary"] is True
    assert sdk.list_build_runs(project_id=inside["id"]).get_result()["build_runs"] == []
    assert "push-me-please" not in json.dumps(first)

    assert project.run("deploy", "--local")["deployments"][0]["deployment"]["action"] == "unchanged"
    assert operations(cloud).count("codeengine:CreateBuildRun") == 1
    project.write("hello/hello.py", CODE.replace('"event": event', '"event": event + 0'))
    publish(root, bundle(project))
    assert project.run("run", "--local")["succeeded"]
    assert operations(cloud).count("codeengine:CreateBuildRun") == 2
    assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])


def test_a_repository_that_is_not_there(local):
    project, cloud, _ = local
    failed = json.dumps(project.run("run", "--local", code=1))
    assert "missing_code_repo_access" in failed and "source_url" in failed
    assert "codeengine:CreateFunction" not in operations(cloud)


def test_a_folder_without_entry_point_and_then_with(local):
    project, cloud, root = local
    files = bundle(project)
    publish(root, {"ibm/other/x": "1"})
    assert "invalid_build_configuration" in json.dumps(project.run("run", "--local", code=1))
    publish(root, files)
    assert project.run("run", "--local")["succeeded"]


def test_the_registry_password_is_needed(local):
    project, _, root = local
    publish(root, bundle(project))
    del project.environment["REGISTRY_PASSWORD"]
    failed = json.dumps(project.run("run", "--local", code=3))
    assert "REGISTRY_PASSWORD" in failed


def test_a_repository_gets_no_password_of_an_index(local, forge):
    """pip replaces variables in the lines of a requirements file."""
    _, cloud, root = local
    _, url = forge
    publish(
        root,
        {
            "f/__main__.py": "def main(args):\n    return {}\n",
            "f/requirements.txt": "--find-links %s/wheels/?q=${PIP_EXTRA_INDEX_URL}\npyfops-extra\n" % url,
        },
    )
    sdk = client(cloud)
    project = project_of(sdk, "leak")
    data = {"username": "iamapikey", "password": "pw", "server": "us.icr.io", "email": ""}
    sdk.create_secret(project_id=project, format="registry", name="reg", data=data)
    sdk.create_build_run(
        project_id=project,
        name="run",
        output_image="us.icr.io/ns/f:1",
        output_secret="reg",
        source_url=url + "/functions/.git",
        source_type="git",
        source_context_dir="f",
        strategy_type="codebundle-python-3.13",
    )
    done = wait_for(
        lambda: sdk.get_build_run(project_id=project, name="run").get_result(), "succeeded", "failed"
    )
    asked = [urllib.parse.unquote(path) for path in Forge.asked]
    assert any("?q=http://127.0.0.1:1/plain" in path for path in asked), (done, asked)
    assert not any("index-password" in path for path in asked), asked


def test_builds_by_the_sdk(local, forge):
    _, cloud, root = local
    _, url = forge
    publish(root, {"f/__main__.py": "def main(args):\n    return {'statusCode': 200, 'body': 'built'}\n"})
    sdk = client(cloud)
    project = project_of(sdk, "builds")
    sdk.create_secret(
        project_id=project,
        format="registry",
        name="reg",
        data={"username": "iamapikey", "password": "pw", "server": "us.icr.io", "email": ""},
    )
    common = {"output_secret": "reg", "source_url": url + "/functions/.git", "source_type": "git"}
    sdk.create_build(
        project_id=project,
        name="build",
        output_image="us.icr.io/ns/f:1",
        source_context_dir="f",
        strategy_type="codebundle-python-3.13",
        **common,
    )
    for strategy in ("codebundle-x", "codebundle-python-"):
        with pytest.raises(ApiException) as refused:
            sdk.create_build_run(
                project_id=project,
                name="odd",
                output_image="us.icr.io/ns/f:1",
                strategy_type=strategy,
                **common,
            )
        assert refused.value.http_response.status_code == 400
    run = sdk.create_build_run(project_id=project, build_name="build", name="run")
    assert run.get_status_code() == 202

    def read(name):
        return lambda: sdk.get_build_run(project_id=project, name=name).get_result()

    done = wait_for(read("run"), "succeeded", "failed")
    assert done["status"] == "succeeded", done
    refusals = {
        "no-secret": ({"output_secret": "none"}, "missing_secrets"),
        "no-access": ({"output_image": "de.icr.io/ns/f:1"}, "missing_registry_access"),
        "no-strategy": ({"strategy_type": "dockerfile"}, "unknown_strategy"),
        "out": ({"source_context_dir": "../.."}, "invalid_build_configuration"),
        "file": ({"source_url": "file://%s/functions" % root}, "missing_code_repo_access"),
        "dash": ({"source_url": "--upload-pack=x"}, "invalid_build_configuration"),
        "revision": ({"source_revision": "nowhere"}, "missing_code_repo_access"),
    }
    for name, (change, reason) in refusals.items():
        sdk.create_build_run(project_id=project, build_name="build", name=name, **change)
        failed = wait_for(read(name), "succeeded", "failed")
        assert (failed["status"], failed["status_details"]["reason"]) == ("failed", reason), name

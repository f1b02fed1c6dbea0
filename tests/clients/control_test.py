# SPDX-License-Identifier: Apache-2.0
"""The control API: faults, the journal, held requests, and the program's own manners."""

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from conftest import BIN, Cloud, http, zipped

CODE = "def handler(event, context):\n    return event\n"


@pytest.fixture(autouse=True)
def no_faults_afterwards(cloud):
    yield
    cloud.faults()


def wait_for(condition):
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen")


def test_token(cloud):
    with pytest.raises(urllib.error.HTTPError) as refused:
        cloud.control("/_pyfops/health", token="wrong")
    assert refused.value.code == 403
    assert http("GET", cloud.url + "/_pyfops/requests")[0] == 403
    health = cloud.control("/_pyfops/health")
    assert sorted(health["providers"]) == ["alibaba", "aws", "azure", "google", "ibm"] and health["notices"]
    assert (cloud.state / "emulator.json").stat().st_mode & 0o077 == 0


def test_only_under_names_of_this_machine(cloud):
    port = urllib.parse.urlsplit(cloud.url).port
    bearer = "Authorization: Bearer " + cloud.token

    def status(*fields, path="/_pyfops/health"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            head = "\r\n".join([f"GET {path} HTTP/1.0", *fields])
            connection.sendall((head + "\r\n\r\n").encode())
            return int(connection.makefile("rb").readline().split()[1])

    for host in ("127.0.0.1", f"127.0.0.1:{port}", "localhost:1", "LocalHost", "[::1]", f"[::1]:{port}"):
        assert status("Host: " + host, bearer) == 200, host
    strangers = (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
    )
    for host in (
        *strangers,
        "127.0.0.1:80:80",
        "127.0.0.1:x",
        "127.0.0.1:",
        "[::1",
        "::1",
        "127.0.0.1@evil",
        "",
    ):
        assert status("Host: " + host, bearer) == 421, host
    assert status(bearer) == 421
    # A name says nothing without the token, and the faces are asked under their real hosts' names.
    assert status(f"Host: 127.0.0.1:{port}") == 403
    for host in (
        "lambda.eu-central-1.amazonaws.com",
        "sts.aliyuncs.com:80",
        "x.azurewebsites.net",
        "run.app",
        "iam.cloud.ibm.com",
        "api.localhost:1",
        "127.3.2.1",
    ):
        assert status("Host: " + host, path="/what/is/this") in (400, 401, 404), host
    # Nor are the faces served to a page that lets its own name lead here.
    for host in (
        *strangers,
        "127.0.0.1.nip.example",
        "127.0.0.x",
        "notamazonaws.com",
        "amazonaws.com.evil.example",
    ):
        assert status("Host: " + host, path="/what/is/this") == 421, host
        assert status("Host: " + host, path="/management.azure.com/subscriptions") == 421, host


def test_requests_of_nobody(cloud):
    status, _, body = http("GET", cloud.url + "/what/is/this")
    assert status == 404 and b"no provider of this local cloud" in body


def test_failures_in_each_protocol(cloud):
    for service, call, rule, expected in [
        ("lambda", "list_functions", {"status": 429, "retry_after": 3}, "TooManyRequestsException"),
        ("lambda", "list_functions", {"status": 500}, "ServiceException"),
        ("iam", "list_roles", {"status": 429}, "Throttling"),
        ("s3", "list_buckets", {"status": 503, "code": "SlowDown"}, "SlowDown"),
        ("logs", "describe_log_groups", {"status": 500, "code": "InternalError"}, "InternalError"),
    ]:
        cloud.faults([dict(rule, action="status", operation=service + ":*", nth=1)])
        client = cloud.client(service)
        with pytest.raises(ClientError) as failed:
            getattr(client, call)()
        assert failed.value.response["Error"]["Code"] == expected
        headers = failed.value.response["ResponseMetadata"]["HTTPHeaders"]
        assert headers.get("retry-after") == ("3" if "retry_after" in rule else None)
        getattr(client, call)()


def test_retries_of_boto3_get_through(cloud):
    cloud.faults([{"operation": "lambda:ListFunctions", "nth": [1, 2], "action": "status", "status": 500}])
    cloud.client("lambda", retries=3).list_functions()


def test_update_in_progress(cloud, lam):
    cloud.function("busy", CODE)
    cloud.faults(
        [{"operation": "lambda:UpdateFunctionConfiguration", "nth": 1, "action": "status", "status": 409}]
    )
    with pytest.raises(
        lam.exceptions.ResourceConflictException,
        match="An update is in progress for resource: arn:aws:lambda:.*:function:busy",
    ):
        lam.update_function_configuration(FunctionName="busy", Timeout=4)


def test_dropped_connections(cloud):
    iam = cloud.client("iam")
    trust = json.dumps({"Statement": []})
    for when, exists in (("before", False), ("during", False), ("after", True)):
        operation = "*" if when == "during" else "iam:CreateRole"
        cloud.faults([{"operation": operation, "nth": 1, "action": "drop", "when": when}])
        with pytest.raises(ConnectionClosedError):
            iam.create_role(RoleName="dropped-" + when, AssumeRolePolicyDocument=trust)
        cloud.faults()
        names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
        assert ("dropped-" + when in names) == exists


def test_upload_that_is_cut_off(cloud, lam):
    cloud.role()
    cloud.faults([{"operation": "lambda:CreateFunction", "nth": 1, "action": "drop", "when": "during"}])
    import os

    package = zipped({"main.py": CODE, "big": os.urandom(20 << 20)})
    with pytest.raises(Exception, match="Connection|closed|reset|Broken pipe"):
        cloud.function("cut", CODE, wait=False, Code={"ZipFile": package})
    cloud.faults()
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_function(FunctionName="cut")


def test_held_requests(cloud, lam):
    cloud.role()
    for when in ("before", "after"):
        for abandon in (False, True):
            name = "held-%s-%s" % (when, "abandoned" if abandon else "released")
            cloud.faults([{"operation": "lambda:CreateFunction", "nth": 1, "action": "hold", "when": when}])
            outcome = []

            def create():
                try:
                    cloud.function(name, CODE, wait=False)
                    outcome.append("answered")
                except Exception as error:
                    outcome.append(type(error).__name__)

            thread = threading.Thread(target=create)
            thread.start()
            wait_for(lambda: cloud.control("/_pyfops/faults")["held"])
            held = cloud.control("/_pyfops/faults")["held"]
            assert held[0]["operation"] == "lambda:CreateFunction" and held[0]["when"] == when
            assert not outcome
            released = cloud.control("/_pyfops/faults/release", {"n": held[0]["n"], "abandon": abandon})
            assert released == {"released": [held[0]["n"]]}
            thread.join(30)
            assert outcome == ["ConnectionClosedError" if abandon else "answered"]
            try:
                lam.get_function(FunctionName=name)
                exists = True
            except lam.exceptions.ResourceNotFoundException:
                exists = False
            assert exists == (when == "after" or not abandon)


def test_latency(cloud, lam):
    cloud.faults([{"action": "latency", "ms": 400, "nth": 1}])
    begin = time.monotonic()
    lam.list_functions()
    assert time.monotonic() - begin >= 0.4


def test_journal(cloud, lam):
    lam.list_functions()
    last = cloud.requests()[-1]
    assert (
        last["operation"] == "lambda:ListFunctions"
        and last["status"] == 200
        and last["outcome"] == "answered"
    )
    assert "request" not in last
    cloud.faults(journal__requests=True)
    lam.list_functions(MaxItems=7)
    recorded = json.dumps(cloud.requests()[-1])
    assert "MaxItems=7" in recorded and "Signature=" not in recorded
    assert cloud.environment["AWS_SESSION_TOKEN"] not in recorded


def test_a_plan_that_is_wrong(cloud):
    with pytest.raises(urllib.error.HTTPError) as refused:
        cloud.control("/_pyfops/faults", {"rules": [{"action": "explode"}]})
    told = json.load(refused.value)
    assert refused.value.code == 400 and told["error"].startswith(
        "fault plan: rules[0].action must be one of"
    )


def run(options):
    done = subprocess.run([BIN / "pyfops-emulator", options], capture_output=True, timeout=60)
    return done.returncode, json.loads(done.stdout)


def test_what_the_program_refuses(cloud, tmp_path):
    assert "a local cloud already runs for" in run(json.dumps(cloud.options))[1]["error"]
    code, told = run(json.dumps({"state": str(tmp_path), "colour": 1}))
    assert code == 1 and "'colour' must be left out" in told["error"] and told["hint"]
    assert "not JSON" in run("{")[1]["error"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, told = run(json.dumps({"state": str(tmp_path / "s"), "port": taken.getsockname()[1]}))
    assert code == 1 and ("taken" in told["error"] or "in use" in told["error"]), told


def test_it_ends_when_the_last_lease_is_gone(tmp_path):
    import fcntl

    state = tmp_path / "state"
    state.mkdir()
    with open(state / "lease.lock", "w") as lease:
        fcntl.flock(lease, fcntl.LOCK_SH)
        running = Cloud(state, foreground=False, linger_ms=300)
        time.sleep(1)
        assert running.process.poll() is None
    running.process.wait(10)
    assert not (state / "emulator.json").exists()
    running.stop()


def test_nothing_is_left_of_what_ran(tmp_path):
    running = Cloud(tmp_path / "state")
    running.function(
        "sleeper", "import time\ndef handler(event, context):\n    time.sleep(300)\n", Timeout=400
    )
    thread = threading.Thread(
        target=lambda: pytest.raises(Exception, running.client("lambda").invoke, FunctionName="sleeper")
    )
    thread.start()

    def children():
        return subprocess.run(
            ["pgrep", "-P", str(running.process.pid)], capture_output=True, text=True
        ).stdout.split()

    wait_for(lambda: running.requests()[-1]["operation"] == "lambda:Invoke")
    wait_for(children)
    pids = children()
    running.stop()
    thread.join(30)
    for pid in pids:
        wait_for(
            lambda: (
                not __import__("os").path.exists("/proc/%s/cmdline" % pid)
                or not open("/proc/%s/cmdline" % pid).read()
            )
        )

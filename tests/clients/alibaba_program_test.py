# SPDX-License-Identifier: Apache-2.0
"""The program on the local Alibaba Cloud, from outside: a whole life, and what bad input gets."""

import json
import os
import pathlib
import re
import subprocess
import tempfile

import alibaba_support as ali
import pytest
from alibaba_support import FAST, Fc
from conftest import BIN, Cloud, http
from program import Project

KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")
REGIONS = ("eu-central-1", "cn-hangzhou")
CODE = """
import os

def handler(event, context):
    print("called in", context.region)
    if event.get("fail"):
        raise ValueError("as you wish")
    if event.get("eat"):
        return len([bytearray(8 << 20) for _ in range(100)])
    return {"event": event, "provider": context.provider, "name": context.function_name, "memory": context.memory_mb}
"""


def project_file(regions=REGIONS, memory="auto", settings=None, **function):
    given = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "timeout": 5,
        "memory": memory,
        "tests": [{"name": "plain", "input": {"a": 1}, "expect": {"subset": {"event": {"a": 1}}}}],
    }
    given.update(function)
    return json.dumps(
        {
            "project": "gate",
            "functions": [given],
            "deployments": [{"provider": "alibaba", "regions": list(regions)}],
            "providers": {"alibaba": {"python": "3.10", **(settings or {})}},
        }
    )


class World:
    """A project and a local cloud of its own that stays between commands."""

    def __init__(self, directory):
        self.project = Project(pathlib.Path(directory) / "gate")
        self.project.write("hello/hello.py", CODE)
        self.state = self.project.folder / ".pyfops" / "local"
        self.state.mkdir(parents=True)
        self.cloud = Cloud(self.state, faults={"settings": FAST})
        self.write()

    def write(self, **more):
        self.project.write("pyfops.yaml", project_file(**more))

    def run(self, *words, **more):
        return self.project.run(*words, "--local", **more)

    def names(self, region="eu-central-1"):
        return {key.split("/", 1)[1] for key in self.functions() if key.startswith(region)}

    def functions(self):
        found = set()
        for region in REGIONS:
            path = "/fcv3.%s.aliyuncs.com/2023-03-30/functions" % region
            headers = ali.signed(self.cloud, "GET", "/2023-03-30/functions", action="ListFunctions")
            document = ali.send(self.cloud, "GET", path, headers)[2]
            found |= {region + "/" + one["functionName"] for one in document["functions"]}
        return found


@pytest.fixture
def world():
    with tempfile.TemporaryDirectory(prefix="pyfops-alibaba-") as directory:
        made = World(directory)
        try:
            yield made
        finally:
            made.cloud.stop()


def test_a_whole_life(world):
    report = world.run("run")
    assert report["succeeded"]
    assert world.functions() == {region + "/gate-hello" for region in REGIONS}
    links = {}
    for unit in report["deployments"]:
        deployment = unit["deployment"]
        links[unit["region"]] = deployment["link"]
        host = re.escape(unit["region"]) + r"\.fcapp\.run/"
        assert re.fullmatch(re.escape(world.cloud.url) + r"/[a-z]{18}\." + host, deployment["link"])
        assert len(deployment["link"]) <= 255
    assert len(set(links.values())) == 2

    assert world.run("run", trace=True)["succeeded"]
    changing = [w for w in world.project.writes() if not w.endswith(("/invocations", "POST /"))]
    assert changing == [], "a second run of the same writes nothing"

    status, headers, body = http("POST", links["eu-central-1"], b'{"n": 2}')
    assert status == 200 and headers["content-type"] == "application/json"
    assert json.loads(body) == {"event": {"n": 2}, "provider": "alibaba", "name": "gate-hello", "memory": 128}
    # What the AFCL engine does with a URL that it does not know.
    status, _, body = http("GET", links["eu-central-1"] + "?a=1&b=x")
    assert status == 200 and json.loads(body)["event"] == {"a": "1", "b": "x"}
    status, headers, body = http("POST", links["eu-central-1"], b'{"fail": true}')
    assert status == 500 and headers["x-pyfops-error"] == "function"
    assert json.loads(body)["error"] == "ValueError: as you wish"

    answer = world.run("invoke", "hello", '{"x": 1}', "--only", "region=cn-hangzhou", "--logs")
    text = json.dumps(answer)
    assert '"x": 1' in text and "called in cn-hangzhou" in text
    lines = world.run("logs", "hello", "--only", "region=cn-hangzhou")["lines"]
    assert any(line["text"] == "called in cn-hangzhou" for line in lines)
    assert not any("called in eu-central-1" in line["text"] for line in lines)

    listed = world.run("list")["deployments"]
    assert {one["link"] for one in listed} == set(links.values())
    assert {one["link"] for one in world.run("list", "--from-cloud")["deployments"]} == set(links.values())
    assert all(one["removed"] for one in world.run("destroy", "--yes")["deployments"])
    assert world.functions() == set()
    assert http("GET", links["eu-central-1"])[0] == 404


def test_function_errors_and_probe_calls(world):
    world.write(regions=["eu-central-1"])
    assert world.run("run")["succeeded"]
    failed = json.dumps(world.run("invoke", "hello", '{"fail": true}', code=1))
    assert "ValueError" in failed and "as you wish" in failed
    eaten = json.dumps(world.run("invoke", "hello", '{"eat": true}', code=1))
    assert "out of memory" in eaten
    assert world.run("invoke", "hello", '{"x": 1}')["cold"] is None  # the platform does not say
    probed = world.run("invoke", "hello", '{"x": 1}', "--probe")
    assert isinstance(probed["cold"], bool) and probed["output"]["event"] == {"x": 1}


def test_adoption_without_the_database(world):
    world.run("run")
    for file in world.state.glob("afcl.db*"):
        file.unlink()
    for folder in (world.project.folder / ".pyfops").glob("journal*"):
        for file in folder.rglob("*"):
            file.unlink()
    assert {one["region"] for one in world.run("list", "--from-cloud")["deployments"]} == set(REGIONS)
    world.run("deploy", trace=True)
    assert [w for w in world.project.writes() if not w.endswith(("/invocations", "POST /"))] == []
    world.run("destroy", "--yes")
    assert world.functions() == set()


def test_regions_of_the_same_code_are_told_apart_in_the_afcl_tables(world):
    import sqlite3

    world.run("run")
    with sqlite3.connect(next(world.state.glob("*.db"))) as database:
        codes = {row[0] for row in database.execute("SELECT region FROM region")}
        links = {row[0] for row in database.execute("SELECT KMS_Arn FROM functiondeployment")}
    assert {"alibaba-eu-central-1", "cn-hangzhou"} <= codes
    assert all(".fcapp.run/" in link for link in links)


def test_a_large_package_goes_through_oss(world):
    world.write(regions=["eu-central-1"])
    world.project.write("hello/model.bin", os.urandom(51 << 20))
    assert world.run("run", trace=True)["succeeded"]
    puts = [r["url"] for r in world.project.sent if r["method"] == "PUT" and r["url"].endswith(".zip")]
    assert len(puts) == 1
    assert not any(r["method"] == "DELETE" and r["url"] in puts for r in world.project.sent[:5])
    world.run("destroy", "--yes", trace=True)
    assert any(r["method"] == "DELETE" and "/pyfops-gate-" in r["url"] for r in world.project.sent)


# ---- bad input -------------------------------------------------------------------------------------------


def told(world, *words, code, environment=None):
    """What a person is told; the program is given the emulator as if it were the real cloud."""
    given = {**world.cloud.environment, **(environment or {})}
    variables = {**world.project.environment, **{k: v for k, v in given.items() if v is not None}}
    done = subprocess.run(
        [BIN / "pyfops", *words, "--database", "sqlite:" + str(world.project.folder / "own.db")],
        cwd=world.project.folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    text = done.stdout + done.stderr
    assert done.returncode == code, text
    return text


def test_no_credentials(world):
    text = told(world, "run", code=3, environment=dict.fromkeys(KEYS))
    assert (
        "no Alibaba Cloud credentials were found" in text and "ALIBABA_CLOUD_ACCESS_KEY_ID is not set" in text
    )
    assert "aliyun configure" in text
    assert world.functions() == set()


@pytest.mark.parametrize(
    "key, value, says",
    [
        (KEYS[0], "LTAInobody0000000000", "does not know the credentials"),
        (KEYS[1], "this-is-no-secret-of-that-key", "does not accept the signature"),
        (KEYS[2], "this-is-no-token-of-that-key", "does not know the credentials"),
    ],
)
def test_keys_that_are_wrong(world, key, value, says):
    text = told(world, "run", code=3, environment={key: value})
    assert says in text and "nvironment" in text
    assert key == KEYS[0] or value not in text  # an id is no secret
    assert world.functions() == set()


def test_keys_that_expired(world):
    rule = {"action": "status", "status": 403, "code": "InvalidSecurityToken.Expired"}
    world.cloud.faults([{**rule, "operation": "fc:*"}])
    text = told(world, "run", code=3)
    assert "have expired" in text
    world.cloud.faults()
    assert told(world, "run", code=0)
    assert len(world.functions()) == 2


@pytest.mark.parametrize(
    "change, says",
    [
        ({"regions": ["eu-centrl-1"]}, "did you mean 'eu-central-1'?"),
        ({"memory": [100]}, "does not offer 100 MB"),
        ({"memory": [65536]}, "128 to 32768 MB can be had"),
        ({"settings": {"cpu": "1:3"}}, "1:3"),
        ({"settings": {"disk": 600}}, "there is no disk of 600 MB"),
        ({"settings": {"http_trigger": "everyone"}}, "everyone"),
        ({"environment": {"FC_X": "1"}}, "is reserved by Alibaba Function Compute"),
        ({"timeout": 100000}, "'timeout' must be 1 to 86400 seconds"),
    ],
    ids=str,
)
def test_what_is_not_offered(world, change, says):
    world.write(**change)
    text = told(world, "run", code=2)
    assert says.lower() in text.lower() and "pyfops.yaml:1:" in text
    assert world.functions() == set()


@pytest.mark.parametrize("operation", ["fc:CreateFunction", "fc:GetFunction", "fc:CreateTrigger", "sts:*"])
@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 429},
        {"action": "status", "status": 500},
        {"action": "drop", "when": "before"},
        {"action": "drop", "when": "after"},
    ],
    ids=lambda fault: "%s %s" % (fault["action"], fault.get("status", fault.get("when"))),
)
def test_one_failure_is_got_over(world, operation, fault):
    world.write(regions=["eu-central-1"])
    world.cloud.faults([{**fault, "operation": operation, "nth": 1}])
    told(world, "run", code=0)
    assert world.names() == {"gate-hello"}
    path = "/fcv3.eu-central-1.aliyuncs.com/2023-03-30/functions/gate-hello/triggers"
    headers = ali.signed(
        world.cloud, "GET", "/2023-03-30/functions/gate-hello/triggers", action="ListTriggers"
    )
    assert len(ali.send(world.cloud, "GET", path, headers)[2]["triggers"]) == 1


def test_a_failure_that_stays_is_told_and_recorded(world):
    world.write(regions=["eu-central-1"])
    world.cloud.faults([{"operation": "fc:CreateFunction", "action": "status", "status": 500}])
    text = told(world, "run", "--timeout", "20s", code=1)
    assert "failed on Alibaba Cloud's side" in text and "InternalServerError" in text
    world.cloud.faults()
    told(world, "run", code=0)


def test_a_right_that_is_missing_is_named(world):
    world.cloud.faults([{"operation": "fc:CreateFunction", "action": "status", "status": 403}])
    text = told(world, "run", code=3)
    assert "does not allow fc:CreateFunction" in text and "docs/providers/alibaba.md" in text


def test_a_function_of_somebody_else_stays(world):
    world.write(regions=["cn-hangzhou"])
    Fc(world.cloud).create("gate-hello", "def handler(e, c):\n    return 'theirs'\n")
    text = told(world, "run", code=1)
    assert "was not made by pyfOps" in text
    assert Fc(world.cloud).invoke("gate-hello")[1] == b"theirs"
    assert "it stays" in told(world, "destroy", "--yes", code=1)
    assert Fc(world.cloud).invoke("gate-hello")[1] == b"theirs"


def test_a_wrong_clock_is_corrected(world):
    world.cloud.faults(clock__skew_ms=3_600_000)
    told(world, "run", code=0)
    world.cloud.faults()
    assert len(world.functions()) == 2


def test_an_account_that_is_not_the_projects(world):
    # On loopback the project's own settings do not count: each other service by its own variable.
    world.write(settings={"account_id": "1234567890"})
    endpoint = world.cloud.environment["FC_CLIENT_CUSTOM_ENDPOINT"]
    text = told(world, "run", code=3, environment={"FC_CLIENT_CUSTOM_ENDPOINT": None, "X": endpoint})
    assert "are of account 0000000000000000, the project is for 1234567890" in text

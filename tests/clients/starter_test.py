# SPDX-License-Identifier: Apache-2.0
"""The starter project from outside: its packages under the real runtime interface client, and boto3's view of what
`pyfops run --local` made."""

import base64
import hashlib
import json
import pathlib
import tempfile

import pytest
from conftest import ACCOUNT, Cloud, copy_awslambdaric, invoke
from program import Project

REGIONS = ("eu-central-1", "us-east-1")
HASH = "$2b$10$A7XtQB6bBkpwPeBNy49oxuUjwwIyKFYNsvBGd5y1WWgGJ3nfmHLr."
EVENTS = {
    "summary": [
        {"numbers": [1, 2, 3, 4, 10]},
        {"numbers": [7]},
        {"numbers": []},
        {"numbers": "x"},
        None,
        "text",
    ],
    "password": [
        {"password": "correct horse battery", "hash": HASH},
        {"password": "incorrect horse battery", "hash": HASH},
        {"password": "horse"},
        {},
    ],
    "address": [{"address": "ada@example.org"}, {"address": "zoë@bücher.example"}, {"address": "nobody"}],
}
WHO = "import sys\ndef handler(event, context):\n    return 'awslambdaric' in sys.modules\n"


class Starter:
    """The starter project after `pyfops run --local`, on a cloud of its own that still runs."""

    def __init__(self, directory, settings):
        self.project = Project(directory / "starter")
        self.project.run("init", ".", "--template", "starter")
        state = self.project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        base = {"lambda.pending_ms": 20, "lambda.update_ms": 20, "iam.propagation_ms": 0}
        self.cloud = Cloud(state, faults={"settings": base | settings})
        try:
            self.report = self.project.run("run", "--local", "--only", "provider=aws")
            self.cloud.function("who", WHO)
            self.names = {one["function"]: one["cloud_name"] for one in self.report["deployments"]}
        except BaseException:
            self.cloud.stop()
            raise

    def answers(self, region, names=None):
        """What boto3 gets from every function for every event."""
        lam, seen = self.cloud.client("lambda", region), {}
        for function, events in EVENTS.items():
            for event in events:
                answer, payload, log = invoke(lam, (names or self.names)[function], event)
                if isinstance(payload, dict):
                    payload.pop("requestId", None)
                last = log.splitlines()[-1].split("\t")
                shape = [part.split(":")[0] for part in last if not part.startswith(("Init", "XRAY"))]
                seen[function, json.dumps(event)] = (answer.get("FunctionError"), payload, shape)
        return seen


@pytest.fixture(scope="module")
def clouds():
    with tempfile.TemporaryDirectory(prefix="pyfops-starter-") as directory:
        base, made = pathlib.Path(directory), {}
        try:
            (base / "ours").mkdir()
            made["ours"] = Starter(base / "ours", {})
            copy_awslambdaric(base / "client")
            (base / "official").mkdir()
            made["official"] = Starter(base / "official", {"lambda.runtime_client": str(base / "client")})
            yield made
        finally:
            for one in made.values():
                one.cloud.stop()


def test_the_project_passes_its_tests_under_both(clouds):
    for one in clouds.values():
        deployments = one.report["deployments"]
        assert one.report["succeeded"] and len(deployments) == 6
        assert all(test["passed"] for deployment in deployments for test in deployment["tests"])
        assert sum(len(deployment["tests"]) for deployment in deployments) == 20
    assert invoke(clouds["ours"].cloud.client("lambda"), "who")[1] is False
    assert invoke(clouds["official"].cloud.client("lambda"), "who")[1] is True


def test_the_answers_are_the_same(clouds):
    official = clouds["official"].answers("us-east-1")
    ours = clouds["ours"].answers("us-east-1")
    for key, answer in official.items():
        assert ours[key] == answer, key
    assert official["password", json.dumps(EVENTS["password"][0])][1] == {"valid": True}
    assert {error for error, _, _ in official.values()} == {None, "Unhandled"}


def test_the_packages_on_disk_are_the_ones_that_ran(clouds):
    """`pyfops package`, uploaded by boto3 with a handler that is in the zip: no part of pyfOps is at work then."""
    one = clouds["official"]
    packages = one.project.run("package", "--output", "packages", "--only", "provider=aws")["implementations"]
    lam = one.cloud.client("lambda", "us-east-1")
    names = {}
    for package in packages:
        content = (one.project.folder / package["output"]).read_bytes()
        deployed = lam.get_function_configuration(FunctionName=one.names[package["function"]])
        assert deployed["CodeSha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
        names[package["function"]] = "by-boto3-" + package["function"]
        lam.create_function(
            FunctionName=names[package["function"]],
            Runtime=deployed["Runtime"],
            Role=one.cloud.role(),
            Handler=deployed["Handler"],
            Code={"ZipFile": content},
            Timeout=10,
            Environment={"Variables": {"MIN_LENGTH": "12"}},
        )
        lam.get_waiter("function_active_v2").wait(
            FunctionName=names[package["function"]], WaiterConfig={"Delay": 1}
        )
    wheels = {part["wheel"] for package in packages for part in package["package"]["distributions"]}
    assert any(wheel.startswith("bcrypt-") and "abi3-manylinux" in wheel for wheel in wheels)
    assert one.answers("us-east-1", names) == one.answers("us-east-1")


def test_what_boto3_sees(clouds):
    one = clouds["ours"]
    for region in REGIONS:
        lam, logs = one.cloud.client("lambda", region), one.cloud.client("logs", region)
        listed = {
            f["FunctionName"]: f
            for page in lam.get_paginator("list_functions").paginate()
            for f in page["Functions"]
        }
        assert set(listed) == set(one.names.values()) | ({"who"} if region == REGIONS[0] else set())
        for deployment in one.report["deployments"]:
            if deployment["region"] != region:
                continue
            name, configuration = deployment["cloud_name"], listed[deployment["cloud_name"]]
            assert configuration["FunctionArn"] == deployment["deployment"]["link"]
            assert configuration["FunctionArn"] == "arn:aws:lambda:%s:%s:function:%s" % (
                region,
                ACCOUNT,
                name,
            )
            assert configuration["MemorySize"] == deployment["memory_mb"]
            assert configuration["Timeout"] == deployment["timeout_s"]
            assert configuration["CodeSize"] == deployment["package"]["bytes"]
            assert configuration["Runtime"] == "python3.11"
            tags = lam.list_tags(Resource=configuration["FunctionArn"])["Tags"]
            assert tags["pyfops:project"] == one.report["project"]
            assert tags["pyfops:fd"] == "/".join(
                [one.report["project"], deployment["function"], "aws", region, "local", deployment["slot"]]
            )
            assert tags["pyfops:code-sha256"] == configuration["CodeSha256"]
            answer, payload, tail = invoke(lam, name, EVENTS[deployment["function"]][0])
            assert "FunctionError" not in answer, payload
            request_id = answer["ResponseMetadata"]["RequestId"]
            events = logs.filter_log_events(logGroupName="/aws/lambda/" + name)["events"]
            lines = [event["message"] for event in events]
            assert any(line.startswith("START RequestId: %s " % request_id) for line in lines)
            assert any(line.startswith("REPORT RequestId: %s\t" % request_id) for line in lines)
            assert tail.splitlines()[-1] in [line.rstrip("\n") for line in lines]
        role = one.cloud.client("iam").get_role(RoleName="pyfops-" + one.report["project"])["Role"]
        assert {configuration["Role"] for name, configuration in listed.items() if name != "who"} == {
            role["Arn"]
        }


def test_destroy_leaves_only_what_is_not_ours(clouds):
    for one in clouds.values():
        one.project.run("destroy", "--yes", "--local")
        left = [
            f["FunctionName"]
            for region in REGIONS
            for f in one.cloud.client("lambda", region).list_functions()["Functions"]
        ]
        assert [name for name in left if not name.startswith("by-boto3-")] == ["who"]
        assert [role["RoleName"] for role in one.cloud.client("iam").list_roles()["Roles"]] == ["runner"]

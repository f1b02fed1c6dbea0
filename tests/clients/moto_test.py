# SPDX-License-Identifier: Apache-2.0
"""The program against moto, a stand-in for AWS that is not ours: what is made, changed, left alone and removed, as boto3
sees it there. moto does not check signatures and runs no function."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import boto3
import pytest
from conftest import http, zipped
from program import Project

REGIONS = ("eu-central-1", "us-east-1")
ACCOUNT = "123456789012"  # moto's
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "no-secret"}


def project_file(memory="auto", mode="fast", regions=REGIONS):
    return json.dumps(
        {
            "project": "gate",
            "functions": [
                {
                    "name": "hello",
                    "source": "hello",
                    "handler": "hello:handler",
                    "timeout": 5,
                    "memory": memory,
                    "environment": {"MODE": mode},
                }
            ],
            "deployments": [{"provider": "aws", "regions": list(regions)}],
        }
    )


CODE = "def handler(event, context):\n    return {'version': %d}\n"


@pytest.fixture(scope="module")
def moto():
    """The address of a moto server of its own."""
    server = pathlib.Path(sys.executable).parent / "moto_server"
    process = subprocess.Popen(
        [server, "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "PYTHONUNBUFFERED": "1"},
    )
    seen = ""
    for line in process.stdout:
        seen += line
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    else:
        pytest.fail("moto does not start:\n" + seen)
    # Its log of requests must not fill the pipe.
    drain = subprocess.Popen(["/bin/cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
    yield found.group()
    process.terminate()
    process.wait(30)
    drain.wait(30)
    process.stdout.close()


@pytest.fixture
def project(moto):
    with tempfile.TemporaryDirectory(prefix="pyfops-moto-") as directory:
        made = Project(pathlib.Path(directory) / "gate", AWS_ENDPOINT_URL=moto, **KEYS)
        made.write("hello/hello.py", CODE % 1)
        made.write("pyfops.yaml", project_file())
        yield made


@pytest.fixture
def aws(moto):
    @functools.cache
    def client(service, region=REGIONS[0]):
        return boto3.Session(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"]).client(
            service, region, endpoint_url=moto
        )

    try:
        yield client
        # Whatever a test did: nothing of it is left.
        assert client("iam").list_roles()["Roles"] == []
        assert client("s3").list_buckets()["Buckets"] == []
        for region in REGIONS:
            assert client("lambda", region).list_functions()["Functions"] == []
            assert client("logs", region).describe_log_groups()["logGroups"] == []
    finally:
        assert http("POST", moto + "/moto-api/reset")[0] == 200


def actions(document):
    return [deployment["deployment"]["action"] for deployment in document["deployments"]]


def test_deploy_update_destroy(project, aws):
    assert [one["action"] for one in project.run("plan", trace=True)["deployments"]] == ["create"] * 2
    assert project.writes() == []

    made = project.run("deploy", trace=True)
    assert actions(made) == ["created"] * 2
    assert sorted(project.writes()) == ["AttachRolePolicy", "CreateRole"] + ["POST /2015-03-31/functions"] * 2
    role = aws("iam").get_role(RoleName="pyfops-gate")["Role"]
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "lambda.amazonaws.com"},
        "sts:AssumeRole",
    )
    policies = aws("iam").list_attached_role_policies(RoleName="pyfops-gate")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in policies] == ["AWSLambdaBasicExecutionRole"]
    assert {"Key": "pyfops:project", "Value": "gate"} in role["Tags"]
    before = {}
    for deployment in made["deployments"]:
        name, region = deployment["cloud_name"], deployment["region"]
        found = before[region] = aws("lambda", region).get_function(FunctionName=name)
        configuration = found["Configuration"]
        assert configuration["FunctionArn"] == deployment["deployment"]["link"]
        assert configuration["FunctionArn"] == "arn:aws:lambda:%s:%s:function:%s" % (region, ACCOUNT, name)
        assert configuration["Role"] == role["Arn"]
        assert (configuration["Runtime"], configuration["Timeout"]) == ("python3.11", 5)
        assert configuration["MemorySize"] == deployment["memory_mb"]
        assert configuration["CodeSize"] == deployment["package"]["bytes"]
        assert configuration["Environment"]["Variables"]["MODE"] == "fast"
        assert found["Tags"]["pyfops:project"] == "gate"
        assert found["Tags"]["pyfops:content-hash"] and found["Tags"]["pyfops:fd"]

    assert actions(project.run("deploy", trace=True)) == ["unchanged"] * 2
    assert project.writes() == []
    assert [one["action"] for one in project.run("plan")["deployments"]] == ["unchanged"] * 2

    cloud = project.run("list", "--from-cloud", trace=True)["deployments"]
    assert project.writes() == []
    assert sorted(one["link"] for one in cloud) == sorted(
        one["deployment"]["link"] for one in made["deployments"]
    )
    recorded = project.run("list")["deployments"]
    assert sorted((one["link"], one["state"]) for one in recorded) == sorted(
        (one["link"], "deployed") for one in cloud
    )

    # One changed byte: the code, and nothing but the code.
    project.write("hello/hello.py", CODE % 2)
    assert [one["action"] for one in project.run("plan")["deployments"]] == ["update"] * 2
    assert actions(project.run("deploy", trace=True)) == ["updated"] * 2
    written = [action.replace("gate-hello", "NAME") for action in project.writes()]
    assert written.count("PUT /2015-03-31/functions/NAME/code") == 2
    assert not [action for action in written if action.endswith("/configuration")]
    for region, old in before.items():
        new = aws("lambda", region).get_function(FunctionName="gate-hello")
        assert new["Configuration"]["CodeSha256"] != old["Configuration"]["CodeSha256"]
        assert new["Tags"]["pyfops:content-hash"] != old["Tags"]["pyfops:content-hash"]
        assert new["Tags"]["pyfops:fd"] == old["Tags"]["pyfops:fd"]
    assert actions(project.run("deploy")) == ["unchanged"] * 2

    # Another variable: the configuration, and no upload.
    project.write("pyfops.yaml", project_file(mode="slow"))
    assert actions(project.run("deploy", trace=True)) == ["updated"] * 2
    written = [action.replace("gate-hello", "NAME") for action in project.writes()]
    assert written.count("PUT /2015-03-31/functions/NAME/configuration") == 2
    assert not [action for action in written if action.endswith("/code")]
    for region in REGIONS:
        variables = aws("lambda", region).get_function_configuration(FunctionName="gate-hello")[
            "Environment"
        ]["Variables"]
        assert variables["MODE"] == "slow"

    gone = project.run("destroy", "--yes")
    assert [one["removed"] for one in gone["deployments"]] == [True] * 2
    assert project.run("list")["deployments"] == []
    assert project.run("list", "--from-cloud")["deployments"] == []


def test_another_memory_size(project, aws):
    """A listed size is a deployment of its own; the one that is no longer listed is still ours to remove."""
    project.write("pyfops.yaml", project_file(memory=128))
    assert actions(project.run("deploy")) == ["created"] * 2
    project.write("pyfops.yaml", project_file(memory=[128, 256]))
    assert sorted(actions(project.run("deploy", trace=True))) == ["created"] * 2 + ["unchanged"] * 2
    assert project.writes() == ["POST /2015-03-31/functions"] * 2
    for region in REGIONS:
        sizes = {
            one["FunctionName"]: one["MemorySize"]
            for one in aws("lambda", region).list_functions()["Functions"]
        }
        assert sizes == {"gate-hello-128": 128, "gate-hello-256": 256}
    project.write("pyfops.yaml", project_file(memory=256))
    assert actions(project.run("deploy")) == ["unchanged"] * 2
    gone = project.run("destroy", "--yes")
    assert (
        sorted((one["slot"], one["removed"]) for one in gone["deployments"])
        == [("128", True)] * 2 + [("256", True)] * 2
    )


def test_what_somebody_else_changed_is_put_right(project, aws):
    project.run("deploy")
    lam = aws("lambda")
    size = lam.get_function_configuration(FunctionName="gate-hello")["MemorySize"]
    lam.update_function_configuration(FunctionName="gate-hello", MemorySize=3000, Timeout=9)
    assert sorted(actions(project.run("deploy", trace=True))) == ["unchanged", "updated"]
    assert "PUT /2015-03-31/functions/gate-hello/code" not in project.writes()
    configuration = lam.get_function_configuration(FunctionName="gate-hello")
    assert (configuration["MemorySize"], configuration["Timeout"]) == (size, 5)
    project.run("destroy", "--yes")


def test_without_the_database(project):
    """The cloud is the truth: found, adopted and removed by the marks alone."""
    links = sorted(one["deployment"]["link"] for one in project.run("deploy")["deployments"])
    shutil.rmtree(project.folder / ".pyfops")
    assert sorted(one["link"] for one in project.run("list", "--from-cloud")["deployments"]) == links
    assert actions(project.run("deploy", trace=True)) == ["unchanged"] * 2
    assert project.writes() == []
    assert sorted(one["link"] for one in project.run("list")["deployments"]) == links
    shutil.rmtree(project.folder / ".pyfops")
    assert [one["removed"] for one in project.run("destroy", "--yes")["deployments"]] == [True] * 2


def test_what_is_not_ours_is_left_alone(project, aws):
    lam, iam = aws("lambda"), aws("iam")
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )
    role = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    lam.create_function(
        FunctionName="gate-hello",
        Runtime="python3.11",
        Role=role,
        Handler="x.y",
        Code={"ZipFile": zipped({"x.py": "y = print"})},
    )
    before = lam.get_function(FunctionName="gate-hello")["Configuration"]
    made = project.run("deploy", code=1)
    verdicts = {one["region"]: one["failure"] and one["failure"]["kind"] for one in made["deployments"]}
    assert verdicts == {"eu-central-1": "conflict", "us-east-1": None}
    gone = project.run("destroy", "--yes", code=1)
    assert {one["region"]: one["removed"] for one in gone["deployments"]} == {
        "eu-central-1": False,
        "us-east-1": True,
    }
    assert lam.get_function(FunctionName="gate-hello")["Configuration"] == before
    lam.delete_function(FunctionName="gate-hello")
    iam.delete_role(RoleName="theirs")
    project.run("destroy", "--yes")


def test_a_large_package_goes_through_s3(project, aws):
    project.write("pyfops.yaml", project_file(memory=512, regions=["eu-central-1"]))
    project.write("hello/model.bin", os.urandom(52 << 20))
    made = project.run("deploy", trace=True)
    assert actions(made) == ["created"]
    size = made["deployments"][0]["package"]["bytes"]
    assert size > 50 << 20
    assert aws("lambda").get_function_configuration(FunctionName="gate-hello-512")["CodeSize"] == size
    s3 = aws("s3")
    [bucket] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert bucket.startswith("pyfops-gate-")
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-central-1"
    assert {"Key": "pyfops:project", "Value": "gate"} in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    [put] = [one["url"] for one in project.sent if one["method"] == "PUT" and one["url"].endswith(".zip")]
    assert urllib.parse.urlsplit(put).path.startswith("/%s/" % bucket)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)  # deleted once Lambda has it
    assert actions(project.run("deploy", trace=True)) == ["unchanged"]
    assert project.writes() == []
    (project.folder / "hello/model.bin").unlink()
    assert actions(project.run("deploy", trace=True)) == ["updated"]  # small now: in the request
    assert not [action for action in project.writes() if bucket in action]
    assert [one["removed"] for one in project.run("destroy", "--yes")["deployments"]] == [True]


def test_buckets_of_every_region_go(project, aws):
    project.write("hello/model.bin", os.urandom(52 << 20))
    assert actions(project.run("deploy")) == ["created"] * 2
    assert len(aws("s3").list_buckets()["Buckets"]) == 2
    assert [one["removed"] for one in project.run("destroy", "--yes")["deployments"]] == [True] * 2


def test_shared_things_stay_while_somebody_needs_them(project, aws):
    project.run("deploy")
    gone = project.run("destroy", "--yes", "--only", "region=us-east-1")
    assert [(one["region"], one["removed"]) for one in gone["deployments"]] == [("us-east-1", True)]
    assert [role["RoleName"] for role in aws("iam").list_roles()["Roles"]] == ["pyfops-gate"]
    project.run("destroy", "--yes")

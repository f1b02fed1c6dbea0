# SPDX-License-Identifier: Apache-2.0
"""Every request that the program sends in the life of a project, held against the official models of the services."""

import base64
import json
import os
import pathlib
import re
import tempfile

import pytest
from conftest import ACCOUNT, Cloud
from program import Project
from service_models import check

SETTINGS = {
    "journal.requests": True,
    "lambda.pending_ms": 20,
    "lambda.update_ms": 20,
    "iam.propagation_ms": 300,
}
CODE = "def handler(event, context):\n    print('seen')\n    return %s\n"


def project_file(url, **environment):
    test = {"name": "echo", "input": {"a": [1, "ü", None]}, "expect": {"exact": {"a": [1, "ü", None]}}}
    functions = [
        {
            "name": "hello",
            "source": "hello",
            "handler": "hello:handler",
            "timeout": 5,
            "memory": [128, 256],
            "description": "An echo & more <ü>",
            "environment": environment,
            "tests": [test],
        },
        {"name": "large", "source": "large", "handler": "large:handler", "timeout": 5},
    ]
    deployments = [
        {"provider": "aws", "regions": ["eu-central-1", "us-east-1"], "functions": ["hello"]},
        {"provider": "aws", "regions": "eu-central-1", "functions": ["large"]},
    ]
    tags = {"cost centre": "a+b/c=d @ e"}
    return json.dumps(
        {
            "project": "gate",
            "functions": functions,
            "deployments": deployments,
            "providers": {"aws": {"url": url, "tags": tags}},
        }
    )


def assume_roles(project, cloud):
    """What credentials cost: a profile that assumes a role, and the token of a web identity."""
    anyone = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::%s:root" % ACCOUNT},
        "Action": "sts:AssumeRole",
    }
    issuer = {"Federated": "arn:aws:iam::%s:oidc-provider/issuer.example" % ACCOUNT}
    token = {"Effect": "Allow", "Principal": issuer, "Action": "sts:AssumeRoleWithWebIdentity"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [anyone, token]})
    cloud.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=document)
    role = "arn:aws:iam::%s:role/deployer" % ACCOUNT
    keys = "".join(
        "%s = %s\n" % (name.lower(), text)
        for name, text in cloud.environment.items()
        if "KEY" in name or "TOKEN" in name
    )
    credentials = project.write("../credentials", "[base]\n" + keys)
    config = project.write(
        "../config",
        "[profile deployer]\nrole_arn = %s\nsource_profile = base\nexternal_id = x+y&z\n"
        "role_session_name = me\nduration_seconds = 1800\n" % role,
    )
    real = {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_CONFIG_FILE": str(config),
    }
    web = cloud.state / "cloud" / "identity" / "aws-token"
    for more in (
        {"AWS_PROFILE": "deployer"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": str(web), "AWS_ROLE_ARN": role},
    ):
        asking = Project(project.folder, **real, **more)
        assert asking.run("list", "--from-cloud")["deployments"] == []


@pytest.fixture(scope="module")
def recorded():
    """The requests of create, test, logs, update, list and destroy."""
    with tempfile.TemporaryDirectory(prefix="pyfops-requests-") as directory:
        project = Project(pathlib.Path(directory) / "gate")
        state = project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        cloud = Cloud(state, faults={"settings": SETTINGS})
        try:
            project.write("hello/hello.py", CODE % "event")
            project.write("large/large.py", CODE % "1")
            project.write("large/model.bin", os.urandom(51 << 20))
            project.write("pyfops.yaml", project_file(True, MODE="a b&c"))
            assert project.run("run", "--local")["succeeded"]
            project.write("pyfops.yaml", project_file(True, MODE="slow", MORE="ü"))
            assert project.run("run", "--local", "--only", "function=hello,region=us-east-1")["succeeded"]
            project.write("hello/hello.py", CODE % "dict(event)")
            project.write("pyfops.yaml", project_file(False))
            assert project.run("run", "--local")["succeeded"]
            project.run("invoke", "large", "{}", "--local", "--logs")
            project.run("invoke", "large", "--local", "--probe")
            lines = project.run("logs", "large", "--local")["lines"]
            assert any(line["text"].startswith("seen") for line in lines)
            assert len(project.run("list", "--local", "--from-cloud")["deployments"]) == 5
            assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])
            assume_roles(project, cloud)
            yield [entry for entry in cloud.requests() if entry["operation"] and "request" in entry]
        finally:
            cloud.stop()


EXPECTED = {
    "lambda": "AddPermission CreateFunction CreateFunctionUrlConfig DeleteFunction DeleteFunctionUrlConfig GetFunction"
    " GetFunctionUrlConfig GetPolicy Invoke ListFunctions ListTags RemovePermission TagResource UntagResource"
    " UpdateFunctionCode UpdateFunctionConfiguration",
    "s3": "CreateBucket DeleteBucket DeleteObject GetBucketTagging HeadBucket ListObjectsV2 PutBucketTagging PutObject"
    " PutPublicAccessBlock",
    "iam": "AttachRolePolicy CreateRole DeleteRole DetachRolePolicy GetRole ListAttachedRolePolicies",
    "logs": "DeleteLogGroup FilterLogEvents",
    "sts": "AssumeRole AssumeRoleWithWebIdentity GetCallerIdentity",
}


def test_every_request_is_what_the_model_says(recorded):
    names = set()
    for entry in recorded:
        try:
            name = check(entry["request"])
        except Exception as error:
            raise AssertionError("%s %s: %s" % (entry["operation"], entry["request"], error)) from error
        assert name == entry["operation"]
        names.add(name)
    assert names >= {
        service + ":" + name for service, operations in EXPECTED.items() for name in operations.split()
    }


def refused(seen, complaint=None):
    with pytest.raises(AssertionError, match=complaint):
        check(seen)


def samples(recorded):
    """One request of each operation, the one with most to say."""
    best = {}
    for entry in recorded:
        size = len(entry["request"].get("body", "")) + len(entry["request"]["target"])
        if size > best.get(entry["operation"], (0,))[0]:
            best[entry["operation"]] = (size, entry["request"])
    return {name: request for name, (size, request) in best.items()}


def with_body(seen, body):
    return {**seen, "body": base64.b64encode(body.encode() if isinstance(body, str) else body).decode()}


def text(seen):
    return base64.b64decode(seen["body"]).decode()


def test_every_renamed_member_is_seen(recorded):
    """Members of bodies, names of the query and of headers: one letter more, and the request is refused."""
    renamed = 0
    for name, seen in samples(recorded).items():
        assert check(seen) == name
        path, _, query = seen["target"].partition("?")
        for part in filter(None, query.split("&")):
            refused({**seen, "target": path + "?" + query.replace(part, "Z" + part)})
            renamed += 1
        for header in seen["headers"]:
            if header.lower() in ("x-amz-expected-bucket-owner", "x-amz-log-type", "x-amz-checksum-sha256"):
                refused(
                    {**seen, "headers": {header + "z": "1", **seen["headers"]}}, "does not know the headers"
                )
                renamed += 1
        body = text(seen) if seen.get("body") else ""
        if body.startswith("<"):
            for tag in set(re.findall(r"</(\w+)>", body)):
                refused(with_body(seen, re.sub(r"(</?)%s\b" % tag, r"\1Z" + tag, body)))
                renamed += 1
        elif body.startswith("{") and not name.endswith(":Invoke"):
            for member in json.loads(body):
                refused(with_body(seen, body.replace('"%s":' % member, '"Z%s":' % member, 1)))
                renamed += 1
        elif "Action=" in body:
            for part in body.split("&"):
                refused(with_body(seen, body.replace(part, "Z" + part, 1)))
                renamed += 1
    assert renamed >= 80


@pytest.mark.parametrize(
    "operation, old, new, complaint",
    [
        ("lambda:CreateFunction", r'"Role":"[^"]*",', "", 'Missing required parameter in input: "Role"'),
        (
            "lambda:CreateFunction",
            r'"MemorySize":\d+',
            '"MemorySize":"256"',
            "Invalid type for parameter MemorySize",
        ),
        ("lambda:CreateFunction", r'"MemorySize":\d+', '"MemorySize":64', "valid min value: 128"),
        ("lambda:CreateFunction", r'"Publish":false', '"Publish":0', "Invalid type for parameter Publish"),
        ("lambda:CreateFunction", r'"Variables"', '"variables"', "does not know"),
        (
            "lambda:CreateFunction",
            r'"Architectures":\["x86_64"\]',
            '"Architectures":"x86_64"',
            "Invalid type",
        ),
        ("lambda:CreateFunction", r'"S3Key"', '"S3key"', "does not know"),
        ("lambda:AddPermission", r'"Principal":"[^"]*",?', "", "Missing required parameter"),
        ("lambda:TagResource", r'{"Tags":.*', '{"Tags":["a"]}', "Invalid type for parameter Tags"),
        ("logs:DeleteLogGroup", r'"logGroupName":"[^"]*"', "", "Missing required parameter"),
        (
            "logs:FilterLogEvents",
            r'"startTime":(\d+)',
            r'"startTime":"\1"',
            "Invalid type for parameter startTime",
        ),
        ("iam:CreateRole", r"&AssumeRolePolicyDocument=[^&]*", "", "Missing required parameter"),
        ("iam:CreateRole", r"Tags\.member\.", "Tags.", "does not know"),
        ("iam:CreateRole", r"&Tags\.member\.1\.Value=[^&]*", "", "Missing required parameter"),
        ("iam:CreateRole", r"Version=2010-05-08", "Version=2011-06-15", "cannot be read.*CreateRole"),
        ("s3:CreateBucket", r"CreateBucketConfiguration", "BucketConfiguration", "the model wants"),
        ("s3:PutBucketTagging", r"<Key>[^<]*</Key>", "", "Missing required parameter"),
        ("s3:PutPublicAccessBlock", r">true<", ">yes<", "is no boolean"),
        ("s3:PutPublicAccessBlock", r"http://s3.amazonaws.com/doc/2006-03-01/", "urn:x", "the body: "),
    ],
)
def test_a_changed_body_is_seen(recorded, operation, old, new, complaint):
    seen = [
        one["request"] for one in recorded if one["operation"] == operation and one["request"].get("body")
    ]
    seen = next(one for one in seen if re.search(old, text(one)))
    refused(with_body(seen, re.sub(old, new, text(seen))), complaint)


@pytest.mark.parametrize(
    "operation, old, new",
    [
        ("lambda:GetFunction", "/2015-03-31/functions/", "/2015-03-31/function/"),
        ("lambda:GetFunctionUrlConfig", "/2021-10-31/", "/2015-03-31/"),
        ("lambda:UpdateFunctionCode", "/code", "/codes"),
        ("s3:ListObjectsV2", "list-type=2", "list-type=3"),
    ],
)
def test_another_path_is_seen(recorded, operation, old, new):
    seen = samples(recorded)[operation]
    assert old in seen["target"]
    with pytest.raises(AssertionError):
        assert check({**seen, "target": seen["target"].replace(old, new)}) == operation


def test_another_method_or_target_is_seen(recorded):
    seen = samples(recorded)
    for operation, method in (
        ("lambda:UpdateFunctionCode", "POST"),
        ("lambda:Invoke", "PUT"),
        ("s3:PutObject", "POST"),
    ):
        with pytest.raises(AssertionError):
            assert check({**seen[operation], "method": method}) == operation
    logs = seen["logs:FilterLogEvents"]
    for name, value in (
        ("X-Amz-Target", "Logs_20140328.FilterEvents"),
        ("X-Amz-Target", "Logs.FilterLogEvents"),
        ("Content-Type", "application/json"),
    ):
        assert name in logs["headers"]
        refused({**logs, "headers": {**logs["headers"], name: value}})

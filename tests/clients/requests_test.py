# SPDX-License-Identifier: Apache-2.0
"""Requests of the official client as the emulator saw them: nothing is lost on the way in, and what holds requests against
the models accepts what the models' own client makes of them."""

import base64
import json

import pytest
from conftest import TRUST
from service_models import check, read

CODE = "def handler(event, context):\n    return event\n"


@pytest.fixture(scope="module")
def recorded(cloud):
    cloud.faults(journal__requests=True)
    lam = cloud.client("lambda")
    arn = cloud.function("seen", CODE, Tags={"a": "b"}, Environment={"Variables": {"AB": "c"}})["FunctionArn"]
    lam.invoke(FunctionName=arn, Payload=b"{}", LogType="Tail")
    lam.update_function_configuration(FunctionName="seen", Timeout=5)
    lam.list_functions(MaxItems=5)
    lam.untag_resource(Resource=arn, TagKeys=["a", "z"])
    lam.add_permission(
        FunctionName="seen",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )
    iam = cloud.client("iam")
    iam.create_role(
        RoleName="a",
        Path="/p/",
        AssumeRolePolicyDocument=TRUST,
        Tags=[{"Key": "k", "Value": "ü &+"}, {"Key": "l", "Value": ""}],
    )
    iam.delete_role(RoleName="a")
    cloud.client("sts").get_caller_identity()
    cloud.client("logs").filter_log_events(logGroupName="/aws/lambda/seen", startTime=0, limit=9)
    s3 = cloud.client("s3")
    s3.create_bucket(
        Bucket="bucket-of-seen", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    s3.put_bucket_tagging(Bucket="bucket-of-seen", Tagging={"TagSet": [{"Key": "a", "Value": "<&>"}]})
    s3.list_objects_v2(Bucket="bucket-of-seen", Prefix="a/b c")
    s3.delete_object(Bucket="bucket-of-seen", Key="a/b c+d", ExpectedBucketOwner="000000000000")
    s3.delete_bucket(Bucket="bucket-of-seen")
    return [entry for entry in cloud.requests() if "request" in entry]


def test_requests_fit_the_model(recorded):
    names = set()
    for entry in recorded:
        assert check(entry["request"]) == entry["operation"]
        names.add(entry["operation"].split(":")[1])
    assert names >= {
        "CreateFunction",
        "Invoke",
        "UpdateFunctionConfiguration",
        "ListFunctions",
        "UntagResource",
        "AddPermission",
    }
    assert names >= {"CreateRole", "DeleteRole", "GetCallerIdentity", "FilterLogEvents"}
    assert names >= {"CreateBucket", "PutBucketTagging", "ListObjectsV2", "DeleteObject", "DeleteBucket"}


@pytest.mark.parametrize(
    "name, member, value",
    [
        ("lambda:UntagResource", "TagKeys", ["a", "z"]),
        ("lambda:ListFunctions", "MaxItems", 5),
        ("lambda:Invoke", "Payload", b"{}"),
        ("iam:CreateRole", "Tags", [{"Key": "k", "Value": "ü &+"}, {"Key": "l", "Value": ""}]),
        ("s3:PutBucketTagging", "Tagging", {"TagSet": [{"Key": "a", "Value": "<&>"}]}),
        ("s3:DeleteObject", "Key", "a/b c+d"),
        ("s3:DeleteObject", "ExpectedBucketOwner", "000000000000"),
        ("logs:FilterLogEvents", "limit", 9),
    ],
)
def test_parameters_are_read(recorded, name, member, value):
    seen = [entry["request"] for entry in recorded if entry["operation"] == name][-1]
    assert read(seen).parameters[member] == value


@pytest.mark.parametrize(
    "change, complaint",
    [
        (lambda body: body.pop("Role"), 'Missing required parameter in input: "Role"'),
        (lambda body: body.update(MemorySize=64), "MemorySize, value: 64, valid min value: 128"),
        (lambda body: body.update(Timout=3), "the model does not know"),
        (lambda body: body["Environment"].update(variables={}), "the model does not know"),
    ],
)
def test_a_changed_request_does_not(recorded, change, complaint):
    seen = dict(next(entry["request"] for entry in recorded if entry["operation"] == "lambda:CreateFunction"))
    body = json.loads(base64.b64decode(seen["body"]))
    change(body)
    seen["body"] = base64.b64encode(json.dumps(body).encode()).decode()
    with pytest.raises(AssertionError, match=complaint):
        check(seen)

# SPDX-License-Identifier: Apache-2.0
"""boto3, as it is from the registry, through the life of a function."""

import base64
import hashlib
import json
import urllib.request

import pytest
from botocore.exceptions import ClientError
from conftest import ACCOUNT, REGION, zipped

CODE = "def handler(event, context):\n    return event\n"


def test_lifecycle(cloud, lam):
    created = cloud.function("life", CODE, wait=False, Description="first", MemorySize=256, Tags={"a": "1"})
    arn = "arn:aws:lambda:%s:%s:function:life" % (REGION, ACCOUNT)
    assert created["FunctionArn"] == arn
    assert created["State"] == "Pending" and "LastUpdateStatus" not in created
    lam.get_waiter("function_active_v2").wait(FunctionName="life")
    found = lam.get_function(FunctionName=arn)
    configuration = found["Configuration"]
    assert configuration["State"] == "Active" and configuration["LastUpdateStatus"] == "Successful"
    assert configuration["RevisionId"] != created["RevisionId"]
    assert found["Tags"] == {"a": "1"}
    with urllib.request.urlopen(found["Code"]["Location"]) as answer:
        content = answer.read()
    assert base64.b64encode(hashlib.sha256(content).digest()).decode() == configuration["CodeSha256"]
    assert len(content) == configuration["CodeSize"]

    cloud.faults(lambda__update_ms=1500)
    updated = lam.update_function_configuration(
        FunctionName="life", MemorySize=512, Environment={"Variables": {"AB": "c"}}
    )
    assert updated["LastUpdateStatus"] == "InProgress" and updated["State"] == "Active"
    with pytest.raises(
        lam.exceptions.ResourceConflictException, match="An update is in progress for resource: " + arn
    ):
        lam.update_function_code(FunctionName="life", ZipFile=zipped({"main.py": CODE}))
    lam.get_waiter("function_updated_v2").wait(FunctionName="life")
    cloud.faults()
    new_code = zipped({"main.py": CODE + "\n# changed\n"})
    lam.update_function_code(FunctionName="life", ZipFile=new_code)
    lam.get_waiter("function_updated_v2").wait(FunctionName="life")
    configuration = lam.get_function_configuration(FunctionName="life")
    assert configuration["MemorySize"] == 512
    assert configuration["Environment"] == {"Variables": {"AB": "c"}}
    assert configuration["CodeSha256"] == base64.b64encode(hashlib.sha256(new_code).digest()).decode()

    lam.delete_function(FunctionName="life")
    with pytest.raises(lam.exceptions.ResourceNotFoundException, match="Function not found: " + arn):
        lam.get_function(FunctionName="life")


def test_listing_in_pages(cloud, lam):
    us = cloud.client("lambda", "us-west-2")
    for i in range(7):
        cloud.function("page-%d" % i, CODE, region="us-west-2", wait=False)
    paginator = us.get_paginator("list_functions")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Functions"]) for page in pages] == [3, 3, 1]
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    assert names == ["page-%d" % i for i in range(7)]
    assert "State" not in pages[0]["Functions"][0]
    assert not any(f["FunctionName"].startswith("page-") for f in lam.list_functions()["Functions"])


def test_versions_and_aliases(cloud, lam):
    cloud.function("versions", CODE)
    first = lam.publish_version(FunctionName="versions", Description="one")
    assert first["Version"] == "1" and first["FunctionArn"].endswith(":versions:1")
    assert lam.publish_version(FunctionName="versions")["Version"] == "1"
    lam.update_function_configuration(FunctionName="versions", Timeout=11)
    lam.get_waiter("function_updated_v2").wait(FunctionName="versions")
    assert lam.publish_version(FunctionName="versions")["Version"] == "2"
    versions = lam.list_versions_by_function(FunctionName="versions")["Versions"]
    assert [v["Version"] for v in versions] == ["$LATEST", "1", "2"]
    alias = lam.create_alias(FunctionName="versions", Name="live", FunctionVersion="1")
    assert alias["AliasArn"].endswith(":versions:live")
    assert lam.get_function(FunctionName="versions", Qualifier="live")["Configuration"]["Version"] == "1"
    lam.update_alias(FunctionName="versions", Name="live", FunctionVersion="2")
    assert lam.get_alias(FunctionName="versions", Name="live")["FunctionVersion"] == "2"
    with pytest.raises(ClientError, match="Alias already exists"):
        lam.create_alias(FunctionName="versions", Name="live", FunctionVersion="1")
    lam.delete_alias(FunctionName="versions", Name="live")
    with pytest.raises(lam.exceptions.ResourceNotFoundException, match="Cannot find alias arn"):
        lam.get_alias(FunctionName="versions", Name="live")


def test_tags(cloud, lam):
    arn = cloud.function("tags", CODE, Tags={"project": "p"})["FunctionArn"]
    lam.tag_resource(Resource=arn, Tags={"fd": "p/f/aws", "b": "2"})
    lam.untag_resource(Resource=arn, TagKeys=["b", "nothing"])
    assert lam.list_tags(Resource=arn)["Tags"] == {"project": "p", "fd": "p/f/aws"}
    with pytest.raises(ClientError, match="Number of tags exceeds resource tag limit."):
        lam.tag_resource(Resource=arn, Tags={"k%d" % i: "v" for i in range(50)})
    with pytest.raises(ClientError, match="Tags on function aliases and versions are not supported"):
        lam.list_tags(Resource=arn + ":1")


def test_policy(cloud, lam):
    cloud.function("policy", CODE)
    with pytest.raises(
        lam.exceptions.ResourceNotFoundException, match="The resource you requested does not exist."
    ):
        lam.get_policy(FunctionName="policy")
    answer = lam.add_permission(
        FunctionName="policy", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    assert json.loads(answer["Statement"])["Principal"] == {"Service": "s3.amazonaws.com"}
    with pytest.raises(
        lam.exceptions.ResourceConflictException, match="already exists. Please provide a new statement id"
    ):
        lam.add_permission(
            FunctionName="policy", StatementId="s3", Action="lambda:InvokeFunction", Principal="*"
        )
    policy = lam.get_policy(FunctionName="policy")
    assert policy["RevisionId"] == lam.get_function_configuration(FunctionName="policy")["RevisionId"]
    with pytest.raises(ClientError, match="The Revision Id provided does not match"):
        lam.remove_permission(FunctionName="policy", StatementId="s3", RevisionId="wrong")
    lam.remove_permission(FunctionName="policy", StatementId="s3")
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_policy(FunctionName="policy")


def test_concurrency_and_account(cloud, lam):
    cloud.function("reserved", CODE)
    assert "ReservedConcurrentExecutions" not in lam.get_function_concurrency(FunctionName="reserved")
    lam.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
    assert lam.get_function(FunctionName="reserved")["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    with pytest.raises(lam.exceptions.TooManyRequestsException) as refused:
        lam.invoke(FunctionName="reserved")
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lam.delete_function_concurrency(FunctionName="reserved")
    settings = lam.get_account_settings()
    assert settings["AccountLimit"]["CodeSizeUnzipped"] == 262144000
    assert settings["AccountUsage"]["FunctionCount"] >= 1


def test_code_from_a_bucket(cloud, lam):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="code", Key="a/b c.zip", Body=zipped({"main.py": CODE}))
    answer = cloud.function("from-bucket", CODE, Code={"S3Bucket": "code", "S3Key": "a/b c.zip"})
    assert answer["CodeSize"] == len(zipped({"main.py": CODE}))
    for bucket, key, text in [
        (
            "nowhere",
            "a",
            "S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
        ),
        ("code", "a", "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."),
    ]:
        with pytest.raises(ClientError, match="Error occurred while GetObject. " + text):
            lam.update_function_code(FunctionName="from-bucket", S3Bucket=bucket, S3Key=key)
    with pytest.raises(ClientError, match="PermanentRedirect"):
        cloud.function("elsewhere", CODE, region="us-east-1", Code={"S3Bucket": "code", "S3Key": "a/b c.zip"})


def test_what_was_made_is_there_after_a_kill(cloud, lam):
    cloud.function("kept", CODE, Tags={"a": "b"})
    port = cloud.ready["port"]
    cloud.stop(kill=True)
    cloud.start()
    assert cloud.ready["port"] == port
    assert lam.get_function(FunctionName="kept")["Tags"] == {"a": "b"}

# SPDX-License-Identifier: Apache-2.0
"""S3, IAM, STS and CloudWatch Logs through boto3."""

import json
import time

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ACCOUNT, REGION, TRUST, forged_tokens, http, invoke


@pytest.fixture
def s3(cloud):
    return cloud.client("s3")


@pytest.fixture
def bucket(s3, request):
    name = "b-" + request.node.name.replace("_", "-").replace("[", "-").replace("]", "").lower()[:50]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def test_objects(s3, bucket):
    body = bytes(range(256)) * 1000
    put = s3.put_object(
        Bucket=bucket, Key="a/ü b+c//d", Body=body, Metadata={"fd": "x"}, ContentType="application/zip"
    )
    got = s3.get_object(Bucket=bucket, Key="a/ü b+c//d")
    assert got["Body"].read() == body
    assert (
        got["ETag"] == put["ETag"]
        and got["Metadata"] == {"fd": "x"}
        and got["ContentType"] == "application/zip"
    )
    head = s3.head_object(Bucket=bucket, Key="a/ü b+c//d")
    assert head["ContentLength"] == len(body)
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="nothing")
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key="nothing")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a/ü b+c//d")
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=bucket)


def test_buckets(cloud, s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    with pytest.raises(ClientError, match="BucketAlreadyOwnedByYou"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(ClientError, match="IllegalLocationConstraintException"):
        s3.create_bucket(Bucket="another-one")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a<b", "Value": "c&d"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a<b", "Value": "c&d"}]
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})


def test_listing(s3, bucket):
    keys = ["a/1", "a/2", "b", "c/1", "c/2", "d"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})
    assert [o["Key"] for page in pages for o in page["Contents"]] == keys
    answer = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in answer["CommonPrefixes"]] == ["a/", "c/"]
    assert [o["Key"] for o in answer["Contents"]] == ["b", "d"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in keys]})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_upload_in_parts(s3, bucket, tmp_path):
    from boto3.s3.transfer import TransferConfig

    content = bytes(i * 7 % 251 for i in range(256)) * 4096 * 11
    (tmp_path / "big").write_bytes(content)
    s3.upload_file(
        str(tmp_path / "big"),
        bucket,
        "big",
        Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20),
    )
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == content


@pytest.mark.parametrize("checksum", ["CRC32", "SHA1", "SHA256"])
def test_trailing_checksums_over_tls(cloud, bucket, checksum):
    """Over TLS botocore leaves the payload unsigned and sends its checksum behind it."""
    s3 = cloud.client(
        "s3", endpoint_url="https://127.0.0.1:%d" % cloud.ready["tls_port"], verify=cloud.ready["ca"]
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"some content", ChecksumAlgorithm=checksum)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"some content"


def test_body_that_was_changed_on_the_way(cloud, s3, bucket):
    def change(request, **_):
        request.body = b"changed on the way"
        request.headers["Content-Length"] = "18"

    s3.meta.events.register("before-send.s3.PutObject", change)
    with pytest.raises(ClientError, match="XAmzContentSHA256Mismatch"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"what was signed   ")


def test_presigned(cloud, s3, bucket):
    s3 = cloud.client("s3", config=Config(signature_version="s3v4"))
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "p"}, ExpiresIn=60)
    assert http("PUT", put, b"by url")[0] == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p"}, ExpiresIn=60)
    assert http("GET", get)[2] == b"by url"
    assert http("GET", get.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))[0] == 403
    cloud.faults(clock__skew_ms=61000)
    status, _, body = http("GET", get)
    cloud.faults()
    assert status == 403 and b"Request has expired" in body


def test_roles(cloud):
    iam = cloud.client("iam")
    made = iam.create_role(
        RoleName="roles", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}]
    )["Role"]
    assert made["Arn"] == "arn:aws:iam::%s:role/roles" % ACCOUNT
    assert iam.get_role(RoleName="roles")["Role"]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    with pytest.raises(
        iam.exceptions.EntityAlreadyExistsException, match="Role with name roles already exists."
    ):
        iam.create_role(RoleName="roles", AssumeRolePolicyDocument=TRUST)
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName="broken", AssumeRolePolicyDocument="{")
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="roles", PolicyArn=basic)
    attached = iam.list_attached_role_policies(RoleName="roles")["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": basic}]
    with pytest.raises(iam.exceptions.DeleteConflictException, match="must detach all policies first"):
        iam.delete_role(RoleName="roles")
    iam.put_role_policy(RoleName="roles", PolicyName="p", PolicyDocument=TRUST)
    assert iam.list_role_policies(RoleName="roles")["PolicyNames"] == ["p"]
    assert iam.get_role_policy(RoleName="roles", PolicyName="p")["PolicyDocument"] == json.loads(TRUST)
    iam.delete_role_policy(RoleName="roles", PolicyName="p")
    iam.detach_role_policy(RoleName="roles", PolicyArn=basic)
    assert iam.list_role_tags(RoleName="roles")["Tags"] == [{"Key": "a", "Value": "b"}]
    for i in range(5):
        iam.create_role(RoleName="many%d" % i, AssumeRolePolicyDocument=TRUST)
    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2})
    assert {"roles", "many0", "many4"} <= {r["RoleName"] for page in pages for r in page["Roles"]}
    iam.delete_role(RoleName="roles")
    with pytest.raises(
        iam.exceptions.NoSuchEntityException, match="The role with name roles cannot be found."
    ):
        iam.get_role(RoleName="roles")


def trust(kind, who, action):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {kind: who}, "Action": action}],
        }
    )


def test_sessions(cloud):
    iam, sts = cloud.client("iam"), cloud.client("sts")
    identity = sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT and identity["Arn"].startswith(
        "arn:aws:sts::%s:assumed-role/" % ACCOUNT
    )
    role = "arn:aws:iam::%s:role/" % ACCOUNT
    iam.create_role(
        RoleName="session", AssumeRolePolicyDocument=trust("AWS", role[:-5] + "root", "sts:AssumeRole")
    )
    given = sts.assume_role(RoleArn=role + "session", RoleSessionName="me", DurationSeconds=900)[
        "Credentials"
    ]
    mine = cloud.client(
        "sts",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    assert mine.get_caller_identity()["Arn"] == "arn:aws:sts::%s:assumed-role/session/me" % ACCOUNT
    cloud.faults(clock__skew_ms=0, sts__session_seconds=1)
    short = sts.assume_role(RoleArn=role + "session", RoleSessionName="me")["Credentials"]
    cloud.faults(clock__skew_ms=2000)
    late = cloud.client(
        "lambda",
        aws_access_key_id=short["AccessKeyId"],
        aws_secret_access_key=short["SecretAccessKey"],
        aws_session_token=short["SessionToken"],
    )
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        late.list_functions()
    cloud.faults()
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role + "nobody", RoleSessionName="me")


def test_web_identity(cloud):
    from botocore import UNSIGNED

    policy = trust(
        "Federated", "arn:aws:iam::%s:oidc-provider/issuer" % ACCOUNT, "sts:AssumeRoleWithWebIdentity"
    )
    cloud.client("iam").create_role(RoleName="ci", AssumeRolePolicyDocument=policy)
    sts = cloud.client("sts", config=Config(signature_version=UNSIGNED))
    call = {"RoleArn": "arn:aws:iam::%s:role/ci" % ACCOUNT, "RoleSessionName": "run"}
    answer = sts.assume_role_with_web_identity(
        WebIdentityToken=cloud.identity_token(
            sub="repo:x", aud="sts.amazonaws.com", iss="issuer", exp=int(time.time()) + 60
        ),
        **call,
    )
    assert answer["SubjectFromWebIdentityToken"] == "repo:x"
    with pytest.raises(sts.exceptions.ExpiredTokenException):
        sts.assume_role_with_web_identity(
            WebIdentityToken=cloud.identity_token(exp=int(time.time()) - 60), **call
        )
    with pytest.raises(sts.exceptions.InvalidIdentityTokenException):
        sts.assume_role_with_web_identity(WebIdentityToken="nonsense", **call)
    given = (cloud.state / "cloud" / "identity" / "aws-token").read_text()
    assert (
        sts.assume_role_with_web_identity(WebIdentityToken=given, **call)["Audience"] == "sts.amazonaws.com"
    )
    for forged in forged_tokens(sub="me", aud="sts.amazonaws.com", exp=int(time.time()) + 600):
        with pytest.raises(sts.exceptions.InvalidIdentityTokenException):
            sts.assume_role_with_web_identity(WebIdentityToken=forged, **call)


def test_a_function_stays_one_in_every_role(cloud):
    """Nor does a user's session become a function's by its name."""
    role = "arn:aws:iam::%s:role/anyone" % ACCOUNT
    cloud.client("iam").create_role(
        RoleName="anyone", AssumeRolePolicyDocument=trust("AWS", "*", "sts:AssumeRole")
    )
    cloud.function("keys", "import os\ndef handler(event, context):\n    return dict(os.environ)\n")
    found = invoke(cloud.client("lambda"), "keys")[1]

    def session(**keys):
        given = cloud.client("sts", **keys).assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    keys = {
        "aws_" + name: found["AWS_" + name.upper()]
        for name in ("access_key_id", "secret_access_key", "session_token")
    }
    for _ in range(3):
        for service, call in (("lambda", "list_functions"), ("iam", "list_roles")):
            with pytest.raises(ClientError, match="AccessDenied"):
                getattr(cloud.client(service, **keys), call)()
        keys = session(**keys)
    own = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="function")["Credentials"]
    user = cloud.client(
        "lambda",
        aws_access_key_id=own["AccessKeyId"],
        aws_secret_access_key=own["SecretAccessKey"],
        aws_session_token=own["SessionToken"],
    )
    assert user.list_functions()["Functions"]


def test_log_groups(cloud):
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="/own")
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName="/own")
    logs.put_retention_policy(logGroupName="/own", retentionInDays=7)
    group = logs.describe_log_groups(logGroupNamePrefix="/own")["logGroups"][0]
    assert group["retentionInDays"] == 7 and group["logGroupArn"].endswith(":log-group:/own")
    logs.delete_log_group(logGroupName="/own")
    with pytest.raises(
        logs.exceptions.ResourceNotFoundException, match="The specified log group does not exist."
    ):
        logs.filter_log_events(logGroupName="/own")

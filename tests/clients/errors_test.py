# SPDX-License-Identifier: Apache-2.0
"""What AWS refuses is refused here with the same words, as boto3's exceptions."""

import datetime
import io

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ACCOUNT, REGION, TRUST, zipped

CODE = "def handler(event, context):\n    return event\n"
ARN = "arn:aws:lambda:%s:%s:function:" % (REGION, ACCOUNT)


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


def arguments(cloud, **more):
    given = {
        "FunctionName": "refused",
        "Runtime": "python3.11",
        "Role": cloud.role(),
        "Handler": "main.handler",
        "Code": {"ZipFile": zipped({"main.py": CODE})},
    }
    given.update(more)
    return given


@pytest.mark.parametrize(
    "change, code, text",
    [
        (
            {"Role": "r1"},
            "ValidationException",
            "1 validation error detected: Value 'r1' at 'role' failed to satisfy",
        ),
        (
            {"Runtime": "python2"},
            "InvalidParameterValueException",
            "Value python2 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14,",
        ),
        (
            {"MemorySize": 64},
            "ValidationException",
            "Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
        ),
        ({"MemorySize": 10241}, "ValidationException", "Value '10241' at 'memorySize'"),
        ({"Timeout": 901}, "ValidationException", "Value '901' at 'timeout'"),
        (
            {"Handler": "a b"},
            "ValidationException",
            r"at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s]+",
        ),
        (
            {"Architectures": ["x86_64", "arm64"]},
            "ValidationException",
            "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
        ),
        (
            {"Environment": {"Variables": {"AB": "x" * 4090}}},
            "InvalidParameterValueException",
            'exceeded the 4KB limit. String measured: {"AB":"xxx',
        ),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {"Code": {"ZipFile": b"no zip"}},
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        (
            {"Role": "arn:aws:iam::%s:role/nobody" % ACCOUNT},
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            {"FunctionName": "a" * 65},
            "InvalidParameterValueException",
            "Member must have length less than or equal to 64",
        ),
        (
            {"FunctionName": "no!"},
            "ValidationException",
            "Value 'no!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?",
        ),
        (
            {"Tags": {"k%d" % i: "v" for i in range(51)}},
            "InvalidParameterValueException",
            "Number of tags exceeds resource tag limit.",
        ),
    ],
)
def test_create(cloud, change, code, text):
    # What boto3 itself would refuse is to reach the service.
    unchecked = cloud.client("lambda", config=Config(parameter_validation=False))
    status, got, message = refusal(unchecked.create_function, **arguments(cloud, **change))
    assert (status, got) == (400, code)
    assert text in message


def test_sizes(cloud, lam):
    big = io.BytesIO()
    import zipfile

    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("big", "w", force_zip64=False) as file:
            for _ in range(251):
                file.write(b"\0" * (1 << 20))
    assert refusal(lam.create_function, **arguments(cloud, Code={"ZipFile": big.getvalue()})) == (
        400,
        "InvalidParameterValueException",
        "Unzipped size must be smaller than 262144000 bytes",
    )
    assert refusal(lam.create_function, **arguments(cloud, Code={"ZipFile": b"\0" * 52428801})) == (
        413,
        "RequestEntityTooLargeException",
        "Zipped size must be smaller than 52428800 bytes",
    )
    assert refusal(lam.create_function, **arguments(cloud, Code={"ZipFile": b"\0" * 53000000})) == (
        413,
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    )


def test_names_and_qualifiers(cloud, lam):
    missing = "ResourceNotFoundException"
    assert refusal(lam.get_function, FunctionName="none") == (
        404,
        missing,
        "Function not found: " + ARN + "none",
    )
    assert refusal(lam.invoke, FunctionName="none") == (
        404,
        missing,
        "Function not found: " + ARN + "none:$LATEST",
    )
    assert refusal(lam.get_function, FunctionName=ARN.replace(REGION, "us-east-1") + "x") == (
        404,
        missing,
        "Functions from 'us-east-1' are not reachable in this region ('%s')" % REGION,
    )
    assert refusal(lam.get_function, FunctionName=ARN + "x:1", Qualifier="2") == (
        400,
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.",
    )
    status, code, text = refusal(lam.get_function, FunctionName="x", Qualifier="invalid!")
    assert (status, code) == (400, "ValidationException")
    assert text == (
        "1 validation error detected: Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must satisfy "
        r"regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
    )
    assert refusal(lam.delete_function, FunctionName="x", Qualifier="$LATEST")[2] == (
        "$LATEST version cannot be deleted without deleting the function."
    )


def test_taken_and_busy(cloud, lam):
    cloud.function("taken", CODE)
    taken = refusal(lam.create_function, **arguments(cloud, FunctionName="taken"))
    assert taken == (409, "ResourceConflictException", "Function already exist: taken")
    cloud.faults(lambda__pending_ms=60000)
    cloud.function("pending", CODE, wait=False)
    pending = "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    assert refusal(lam.invoke, FunctionName="pending")[2] == pending
    assert refusal(lam.update_function_configuration, FunctionName="pending", Timeout=5)[2] == pending
    cloud.faults()


def test_role_that_has_not_propagated(cloud, lam):
    cloud.faults(iam__propagation_ms=600_000)
    cloud.client("iam").create_role(RoleName="fresh", AssumeRolePolicyDocument=TRUST)
    role = "arn:aws:iam::%s:role/fresh" % ACCOUNT
    call = arguments(cloud, FunctionName="propagates", Role=role)
    assert (
        refusal(lam.create_function, **call)[2]
        == "The role defined for the function cannot be assumed by Lambda."
    )
    cloud.faults(iam__propagation_ms=1)
    for _ in range(50):
        try:
            lam.create_function(**call)
            break
        except lam.exceptions.InvalidParameterValueException:
            import time

            time.sleep(0.1)
    else:
        pytest.fail("the role never became usable")
    cloud.faults()


class TestSignatures:
    def test_wrong_secret(self, cloud):
        for service, call, code in [
            ("lambda", "list_functions", "InvalidSignatureException"),
            ("s3", "list_buckets", "SignatureDoesNotMatch"),
            ("iam", "list_roles", "SignatureDoesNotMatch"),
            ("logs", "describe_log_groups", "InvalidSignatureException"),
        ]:
            client = cloud.client(service, aws_secret_access_key="x" * 40)
            status, got, text = refusal(getattr(client, call))
            assert (status, got) == (403, code)
            assert text.startswith(
                "The request signature we calculated does not match the signature you provided."
            )

    def test_unknown_key_and_wrong_token(self, cloud):
        for change in ({"aws_access_key_id": "AKIAUNKNOWN"}, {"aws_session_token": "x"}):
            assert refusal(cloud.client("lambda", **change).list_functions) == (
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
            assert refusal(cloud.client("sts", **change).get_caller_identity)[1] == "InvalidClientTokenId"

    def test_no_signature(self, cloud):
        from botocore import UNSIGNED

        client = cloud.client("lambda", config=Config(signature_version=UNSIGNED))
        assert refusal(client.list_functions)[:2] == (403, "MissingAuthenticationTokenException")

    def test_clock(self, cloud):
        def call(service, method, seconds):
            cloud.faults(clock__skew_ms=seconds * 1000)
            try:
                return refusal(getattr(cloud.client(service), method))
            finally:
                cloud.faults()

        status, code, text = call("lambda", "list_functions", 301 + 5)
        assert (status, code) == (403, "InvalidSignatureException")
        assert text.startswith("Signature expired: 20") and text.endswith(" - 5 min.)")
        assert call("lambda", "list_functions", -306)[2].startswith("Signature not yet current: 20")
        assert call("s3", "list_buckets", 906)[1] == "RequestTimeTooSkewed"
        cloud.faults(clock__skew_ms=290 * 1000)
        cloud.client("lambda").list_functions()
        cloud.faults()

    def test_clock_of_the_answer(self, cloud):
        """The Date header is the cloud's clock, so that a client can correct its own."""
        cloud.faults(clock__skew_ms=3600 * 1000)
        with pytest.raises(ClientError) as raised:
            cloud.client("lambda").list_functions()
        cloud.faults()
        date = raised.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]
        told = datetime.datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT")
        assert abs((told - datetime.datetime.utcnow()).total_seconds() - 3600) < 60

    def test_region_that_is_not_enabled(self, cloud):
        cloud.faults(regions__disabled=["ap-east-1"])
        assert refusal(cloud.client("lambda", "ap-east-1").list_functions)[1] == "UnrecognizedClientException"
        cloud.client("lambda").list_functions()
        cloud.faults()

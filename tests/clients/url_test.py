# SPDX-License-Identifier: Apache-2.0
"""Function URLs by plain HTTP."""

import base64
import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import REGION, http

ECHO = """
    def handler(event, context):
        if event["rawPath"] == "/answer":
            return {"statusCode": 418, "headers": {"x-own": "a"}, "cookies": ["k=v"], "body": "dGVh", "isBase64Encoded": True}
        if event["rawPath"] == "/fail":
            raise ValueError("no")
        if event["rawPath"] == "/text":
            return "plain"
        return event
"""


@pytest.fixture(scope="module")
def url(cloud):
    lam = cloud.client("lambda")
    cloud.function("by-url", ECHO)
    made = lam.create_function_url_config(FunctionName="by-url", AuthType="NONE")
    return made["FunctionUrl"]


def test_both_statements_are_needed(cloud, lam, url):
    assert url.startswith("http://127.0.0.1:%d/" % cloud.ready["port"])
    assert url.endswith(".lambda-url.%s.on.aws/" % REGION) and len(url) <= 255
    forbidden = {
        "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
    }

    def refused():
        status, headers, body = http("GET", url)
        return (
            status == 403
            and headers["x-amzn-ErrorType"] == "AccessDeniedException"
            and json.loads(body) == forbidden
        )

    assert refused()
    lam.add_permission(
        FunctionName="by-url",
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    assert refused()
    lam.add_permission(
        FunctionName="by-url",
        StatementId="invoke",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )
    assert http("GET", url)[0] == 200


def test_event(url):
    status, headers, body = http(
        "POST",
        url + "a%20b/c?q=1&q=2&x=%2F",
        b'{"a": 1}',
        {"Content-Type": "application/json", "X-Own": "MixedCase", "Cookie": "a=1; b=2"},
    )
    event = json.loads(body)
    assert status == 200 and headers["Content-Type"] == "application/json"
    assert event["version"] == "2.0" and event["routeKey"] == "$default"
    assert event["rawPath"] == "/a b/c" and event["rawQueryString"] == "q=1&q=2&x=%2F"
    assert event["queryStringParameters"] == {"q": "1,2", "x": "/"}
    assert event["headers"]["x-own"] == "MixedCase" and event["cookies"] == ["a=1", "b=2"]
    assert event["body"] == '{"a": 1}' and event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert context["http"]["method"] == "POST" and context["domainName"] == event["headers"]["host"]
    assert context["domainPrefix"] in url
    binary = json.loads(http("PUT", url, b"\xff\x00", {"Content-Type": "application/octet-stream"})[2])
    assert binary["isBase64Encoded"] and base64.b64decode(binary["body"]) == b"\xff\x00"


def test_answers(url):
    status, headers, body = http("GET", url + "answer")
    assert (status, body, headers["x-own"], headers["Set-Cookie"]) == (418, b"tea", "a", "k=v")
    assert http("GET", url + "text")[2] == b"plain"
    assert http("GET", url + "fail")[0] == 502


def test_signed(cloud, lam, url):
    lam.update_function_url_config(FunctionName="by-url", AuthType="AWS_IAM")
    assert http("GET", url)[0] == 403
    request = AWSRequest("GET", url)
    e = cloud.environment
    SigV4Auth(
        Credentials(e["AWS_ACCESS_KEY_ID"], e["AWS_SECRET_ACCESS_KEY"], e["AWS_SESSION_TOKEN"]),
        "lambda",
        REGION,
    ).add_auth(request)
    status, _, body = http("GET", url, headers=request.headers.items())
    assert status == 200 and json.loads(body)["requestContext"]["authorizer"]["iam"]["userArn"]


def test_configuration(lam, url):
    got = lam.get_function_url_config(FunctionName="by-url")
    assert got["FunctionUrl"] == url and got["InvokeMode"] == "BUFFERED"
    with pytest.raises(
        lam.exceptions.ResourceConflictException, match="FunctionUrlConfig exists for this Lambda function"
    ):
        lam.create_function_url_config(FunctionName="by-url", AuthType="NONE")
    assert len(lam.list_function_url_configs(FunctionName="by-url")["FunctionUrlConfigs"]) == 1
    lam.delete_function_url_config(FunctionName="by-url")
    assert http("GET", url)[0] in (403, 404)
    with pytest.raises(
        lam.exceptions.ResourceNotFoundException, match="The resource you requested does not exist."
    ):
        lam.get_function_url_config(FunctionName="by-url")

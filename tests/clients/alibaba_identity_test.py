# SPDX-License-Identifier: Apache-2.0
"""Signatures, keys and STS of the local cloud, held against the official SDK and its signing code."""

import time

import alibaba_support as ali
import pytest
from alibaba_support import Fc, local_cloud, sts
from alibabacloud_sts20150401 import models as sts_models
from conftest import forged_tokens, http
from darabonba.exceptions import DaraException

PATH = "/2023-03-30/functions"
ROLE = "acs:ram::%s:role/deployer" % ali.ACCOUNT


@pytest.fixture(scope="module")
def cloud():
    with local_cloud() as running:
        yield running


def code(cloud, headers, path=PATH, method="GET", body=None, query=""):
    status, _, document = ali.send(cloud, method, path, headers, body, query)
    return document["Code"] if status >= 400 else status


def signed(cloud, **more):
    return ali.signed(cloud, "GET", PATH, action="ListFunctions", **more)


def test_whose_keys_they_are(cloud):
    who = sts(cloud).get_caller_identity().body
    assert (who.account_id, who.identity_type) == (ali.ACCOUNT, "AssumedRoleUser")
    assert who.arn.startswith("acs:ram::%s:assumed-role/" % ali.ACCOUNT)


def test_a_request_that_the_sdk_signs_is_taken_once(cloud):
    headers = signed(cloud)
    assert code(cloud, headers) == 200
    assert code(cloud, headers) == "SignatureNonceUsed"


def test_whatever_is_changed_after_signing_is_refused(cloud):
    assert code(cloud, {**signed(cloud), "x-acs-region-id": "eu-central-1"}) == "SignatureNotMatch"
    assert code(cloud, {**signed(cloud), "x-acs-action": "DeleteFunction"}) == "SignatureNotMatch"
    assert code(cloud, signed(cloud), query="?prefix=x") == "SignatureNotMatch"
    assert code(cloud, signed(cloud), path=PATH + "/x") == "SignatureNotMatch"
    assert code(cloud, signed(cloud), method="POST", body=b"{}") == "SignatureNotMatch"
    headers = signed(cloud)
    headers["Authorization"] = headers["Authorization"].replace("host;", "")
    assert code(cloud, headers) == "SignatureNotMatch"


def test_keys_that_are_not_known(cloud):
    given = cloud.environment
    key, secret, token = (
        given["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        given["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        given["ALIBABA_CLOUD_SECURITY_TOKEN"],
    )
    assert code(cloud, signed(cloud, key=("LTAInobody", secret, token))) == "InvalidAccessKeyID"
    assert code(cloud, signed(cloud, key=(key, secret + "x", token))) == "SignatureNotMatch"
    assert code(cloud, signed(cloud, key=(key, secret, token + "x"))) == "InvalidSecurityToken.Malformed"
    assert code(cloud, signed(cloud, x_acs_security_token=None)) == "InvalidSecurityToken.Malformed"
    assert (
        code(cloud, {"x-acs-version": "2023-03-30", "x-acs-action": "ListFunctions"})
        == "MissingRequiredHeader"
    )
    with pytest.raises(DaraException) as caught:
        Fc(cloud, secret="wrong").get("x")
    assert caught.value.code == "SignatureNotMatch" and caught.value.status_code == 403


def test_the_time_may_differ_by_a_quarter_of_an_hour(cloud):
    def at(offset):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))

    for offset, found in (
        (-880, 200),
        (880, 200),
        (-920, "InvalidTimeStamp.Expired"),
        (920, "InvalidTimeStamp.Expired"),
    ):
        assert code(cloud, signed(cloud, x_acs_date=at(offset))) == found
    assert code(cloud, signed(cloud, x_acs_date="yesterday")) == "MissingRequiredHeader"
    assert code(cloud, signed(cloud, x_acs_date=None)) == "MissingRequiredHeader"
    assert code(cloud, signed(cloud, x_acs_signature_nonce=None)) == "MissingRequiredHeader"


def test_keys_of_a_role(cloud):
    good = {"role_arn": ROLE, "role_session_name": "me", "duration_seconds": 900}
    keys = sts(cloud).assume_role(sts_models.AssumeRoleRequest(**good)).body.credentials
    own = {"key": keys.access_key_id, "secret": keys.access_key_secret, "token": keys.security_token}
    assert sts(cloud, **own).get_caller_identity().body.arn.endswith("assumed-role/deployer/me")
    assert Fc(cloud, **own).client.list_functions(ali.fc_models.ListFunctionsRequest()).body.functions == []
    try:
        cloud.faults(clock__skew_ms=901_000)
        with pytest.raises(DaraException) as caught:
            sts(cloud, **own).get_caller_identity()
        assert caught.value.code == "InvalidSecurityToken.Expired"
    finally:
        cloud.faults()
    for wrong in ({"role_arn": "acs:ram::1:role/x"}, {"role_session_name": "!"}, {"duration_seconds": 60}):
        with pytest.raises(DaraException):
            sts(cloud).assume_role(sts_models.AssumeRoleRequest(**{**good, **wrong}))


def test_keys_for_a_token(cloud):
    def ask(text):
        return sts(cloud).assume_role_with_oidc(
            sts_models.AssumeRoleWithOIDCRequest(
                role_arn=ROLE,
                oidcprovider_arn="acs:ram::%s:oidc-provider/issuer" % ali.ACCOUNT,
                oidctoken=text,
                role_session_name="ci",
            )
        )

    issuer = "https://issuer.example"
    soon = int(time.time()) + 600
    assert ask((cloud.state / "cloud" / "identity" / "alibaba-token").read_text()).body.credentials
    keys = ask(cloud.identity_token(iss=issuer, exp=soon)).body.credentials
    own = {"key": keys.access_key_id, "secret": keys.access_key_secret, "token": keys.security_token}
    assert sts(cloud, **own).get_caller_identity().body.arn.endswith("assumed-role/deployer/ci")
    for text in (
        cloud.identity_token(iss=issuer, exp=soon - 601),
        "no token",
        *forged_tokens(iss=issuer, sub="x", exp=soon),
    ):
        with pytest.raises(DaraException) as caught:
            ask(text)
        assert caught.value.code.startswith("AuthenticationFail.OIDCToken")


def test_requests_of_others_are_none_of_ours(cloud):
    """Faces of several providers share the address."""
    assert http("GET", cloud.url + "/v1/projects/x", headers={"Authorization": "Bearer x"})[0] in (401, 404)
    status, _, body = http("GET", cloud.url + "/2015-03-31/functions")
    assert b"Alibaba" not in body and status in (403, 404)


def test_faults_have_the_form_of_the_service(cloud):
    try:
        cloud.faults([{"operation": "fc:ListFunctions", "action": "status", "status": 429, "times": 1}])
        with pytest.raises(DaraException) as caught:
            Fc(cloud).client.list_functions(ali.fc_models.ListFunctionsRequest())
        assert caught.value.code == "Throttling.User"
        cloud.faults([{"operation": "sts:*", "action": "status", "status": 500, "times": 1}])
        with pytest.raises(DaraException) as caught:
            sts(cloud).get_caller_identity()
        assert caught.value.code == "InternalServerError"
    finally:
        cloud.faults()

# SPDX-License-Identifier: Apache-2.0
"""The clock of the local cloud, on the faces where no signature depends on it: `clock.skew_ms` moves what answers and
tokens say, and when a token has expired (AWS and Alibaba: errors_test, alibaba_identity_test)."""

import email.utils
import json
import time
import urllib.parse

import jwt
import pytest
from conftest import http

AHEAD = 2 * 3600


def azure(cloud):
    """(URL and form that give a token, URL that needs one)"""
    known = json.loads((cloud.state / "emulator.json").read_text())
    variables = cloud.environment
    form = {
        "grant_type": "client_credentials",
        "client_id": variables["AZURE_CLIENT_ID"],
        "client_secret": variables["AZURE_CLIENT_SECRET"],
        "scope": "https://management.azure.com/.default",
    }
    base = known["base_url"]
    return (
        "%s/%s/oauth2/v2.0/token" % (base, variables["AZURE_TENANT_ID"]),
        form,
        base + "/management.azure.com/subscriptions?api-version=2022-12-01",
    )


def ibm(cloud):
    variables = cloud.environment
    form = {
        "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
        "apikey": variables["CODE_ENGINE_APIKEY"],
    }
    return (
        variables["CODE_ENGINE_AUTH_URL"] + "/identity/token",
        form,
        variables["CODE_ENGINE_URL"] + "/projects",
    )


def ask(where, form):
    status, headers, body = http("POST", where, urllib.parse.urlencode(form).encode())
    assert status == 200, body
    return json.loads(body)["access_token"], headers


def said(headers):
    date = {name.lower(): text for name, text in headers.items()}["date"]
    return email.utils.parsedate_to_datetime(date).timestamp() - time.time()


@pytest.mark.parametrize("face", [azure, ibm])
def test_the_clock_of_the_cloud_is_ahead(cloud, face):
    where, form, resource = face(cloud)
    early, headers = ask(where, form)
    assert abs(said(headers)) < 60
    assert http("GET", resource, headers={"Authorization": "Bearer " + early})[0] == 200
    cloud.faults(clock__skew_ms=AHEAD * 1000)
    try:
        # What was good for an hour has ended, and what is given now is of the cloud's time.
        status, headers, _ = http("GET", resource, headers={"Authorization": "Bearer " + early})
        assert status == 401
        assert abs(said(headers) - AHEAD) < 60
        late, _ = ask(where, form)
        claims = jwt.decode(late, options={"verify_signature": False})
        assert abs(claims["iat"] - time.time() - AHEAD) < 60
        assert http("GET", resource, headers={"Authorization": "Bearer " + late})[0] == 200
    finally:
        cloud.faults()
    assert http("GET", resource, headers={"Authorization": "Bearer " + early})[0] == 200

# SPDX-License-Identifier: Apache-2.0
"""IBM's own SDK for Code Engine, as it comes from the registry, against the local cloud."""

import base64
import json
import time

import jwt as pyjwt
import pytest
from conftest import http
from ibm_cloud import client, code_reference, function, project_of, wait_for
from ibm_cloud_sdk_core import ApiException

ECHO = """\
def main(args):
    print("seen", args.get("name"))
    return {"headers": {"Content-Type": "application/json"}, "statusCode": 200, "body": {"got": args}}
"""


@pytest.fixture(scope="module")
def sdk(cloud):
    return client(cloud)


@pytest.fixture(scope="module")
def project(sdk):
    return project_of(sdk, "sdk-project")


def test_the_token_is_a_jwt_with_times(cloud, sdk):
    sdk.list_projects()
    token = sdk.authenticator.token_manager.access_token
    claims = pyjwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["account"]["bss"] == "pyfops-local"


def test_a_project_is_created_and_becomes_active(sdk):
    made = sdk.create_project(name="by-the-sdk", tags=["a:b"]).get_result()
    assert made["status"] in ("creating", "active") and made["account_id"] == "pyfops-local"
    ready = wait_for(lambda: sdk.get_project(id=made["id"]).get_result(), "active")
    assert ready["resource_type"] == "project_v2"
    assert sdk.get_project_status_details(project_id=made["id"]).get_result()["project"] == "enabled"
    with pytest.raises(ApiException) as refused:
        sdk.create_project(name="by-the-sdk")
    assert refused.value.status_code == 409
    assert sdk.delete_project(id=made["id"]).get_status_code() == 202
    wait_for(lambda: sdk.get_project(id=made["id"]).get_result(), "soft_deleted")


def test_runtimes_are_listed(sdk):
    ids = [one["id"] for one in sdk.list_function_runtimes().get_result()["function_runtimes"]]
    assert "python-3.13" in ids


def test_a_function_from_creation_to_deletion(sdk, project):
    made = sdk.create_function(
        project_id=project,
        name="hello",
        runtime="python-3.13",
        code_reference=code_reference(ECHO),
        run_env_variables=[{"type": "literal", "name": "A", "value": "1"}],
        scale_cpu_limit="0.25",
        scale_memory_limit="1G",
    )
    assert made.get_status_code() == 201
    assert made.get_result()["status"] == "deploying"
    read = wait_for(
        lambda: sdk.get_function(project_id=project, name="hello").get_result(), "ready", "offline"
    )
    status, headers, body = http("GET", read["endpoint"] + "a/b?name=x&name2=%C3%BC", headers={"X-Some": "1"})
    assert status == 200 and headers["x-faas-actionstatus"] == "200" and headers["x-pyfops-ran-on"]
    got = json.loads(body)["got"]
    assert got["name"] == "x" and got["name2"] == "ü" and got["__ce_path"] == "/a/b"
    assert got["__ce_query"] == "name=x&name2=%C3%BC" and got["__ce_headers"]["X-Some"] == "1"
    assert "__ce_body" not in got and got["__ce_method"] == "GET"

    changed = sdk.update_function(
        project_id=project,
        name="hello",
        if_match=read["entity_tag"],
        function={
            "code_reference": code_reference(ECHO.replace('"got"', '"new"')),
            "scale_max_execution_time": 5,
        },
    ).get_result()
    assert changed["entity_tag"] != read["entity_tag"]
    assert changed["status_details"]["reason"] == "ready_update_in_progress"
    # The old code answers until the new one is there.
    assert b'"got"' in http("GET", read["endpoint"])[2]
    wait_for(lambda: sdk.get_function(project_id=project, name="hello").get_result(), "ready")
    assert b'"new"' in http("GET", read["endpoint"])[2]
    with pytest.raises(ApiException) as stale:
        sdk.update_function(
            project_id=project, name="hello", if_match=read["entity_tag"], function={"scale_down_delay": 2}
        )
    assert stale.value.status_code == 412

    assert sdk.delete_function(project_id=project, name="hello").get_status_code() == 202
    time.sleep(0.3)
    with pytest.raises(ApiException) as absent:
        sdk.get_function(project_id=project, name="hello")
    assert absent.value.status_code == 404 and absent.value.message == "Resource not found."


def test_pages(sdk, project):
    names = ["page-%d" % i for i in range(3)]
    for name in names:
        function(sdk, project, name, ECHO)
    seen = [one["name"] for one in sdk_pages(sdk, project)]
    assert [name for name in seen if name.startswith("page-")] == names
    for name in names:
        sdk.delete_function(project_id=project, name=name)


def sdk_pages(sdk, project):
    from ibm_code_engine_sdk.code_engine_v2 import FunctionsPager

    pager = FunctionsPager(client=sdk, project_id=project, limit=2)
    pages = []
    while pager.has_next():
        pages += pager.get_next()
    return pages


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Upper"},
        {"name": "x" * 64},
        {"runtime": "python-3.12"},
        {"scale_memory_limit": "8G"},
        {"scale_memory_limit": "2G"},
        {"scale_max_execution_time": 121},
        {"scale_down_delay": 601},
        {"scale_concurrency": 2},
        {"managed_domain_mappings": "all"},
        {"code_reference": "data:text/plain,abc"},
        {"code_reference": "data:text/plain;base64," + "A" * 110_000},
        {"code_main": "1st"},
        {"run_env_variables": [{"type": "literal", "name": "A"}]},
    ],
)
def test_what_is_not_offered_is_refused(sdk, project, change):
    given = {
        "project_id": project,
        "name": "refused",
        "runtime": "python-3.13",
        "code_reference": code_reference(ECHO),
        "scale_cpu_limit": "1",
        "scale_memory_limit": "4G",
    }
    given.update(change)
    with pytest.raises(ApiException) as refused:
        sdk.create_function(**given)
    assert refused.value.status_code == 400


def test_secrets_and_config_maps_reach_the_function(sdk, project):
    sdk.create_secret(project_id=project, format="generic", name="keys", data={"K": "hush", "L": "2"})
    sdk.create_config_map(project_id=project, name="plain", data={"M": "3"})
    code = """\
        import os
        def main(args):
            names = ("B", "S_L", "M")
            return {"statusCode": 200, "body": ",".join(os.environ[name] for name in names)}
    """
    read = function(
        sdk,
        project,
        "settings",
        code,
        run_env_variables=[
            {"type": "secret_key_reference", "reference": "keys", "key": "K", "name": "B"},
            {"type": "secret_full_reference", "reference": "keys", "prefix": "S_"},
            {"type": "config_map_full_reference", "reference": "plain"},
        ],
    )
    assert http("GET", read["endpoint"])[2] == b"hush,2,3"
    secret = sdk.get_secret(project_id=project, name="keys").get_result()
    replaced = sdk.replace_secret(
        project_id=project, name="keys", if_match=secret["entity_tag"], format="generic", data={"K": "new"}
    ).get_result()
    assert replaced["entity_tag"] != secret["entity_tag"]
    assert sdk.delete_secret(project_id=project, name="keys").get_status_code() == 202
    assert sdk.delete_config_map(project_id=project, name="plain").get_status_code() == 202


def test_a_function_whose_code_is_not_there_fails(sdk, project):
    sdk.create_function(
        project_id=project,
        name="nowhere",
        runtime="python-3.13",
        code_reference="private.de.icr.io/ns/none:1",
    )
    failed = wait_for(lambda: sdk.get_function(project_id=project, name="nowhere").get_result(), "failed")
    assert failed["status_details"]["reason"] == "no_code_bundle"


CALLS = {
    "json": ({"Content-Type": "application/json"}, b'{"a": [1]}'),
    "none": ({}, b'{"a": [1]}'),
    "text": ({"Content-Type": "text/plain"}, b'say "hi"\\\n'),
    "form": ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=b%20c"),
    "binary": ({"Content-Type": "application/octet-stream"}, b"\x00\xff"),
}


def test_bodies_by_content_type(cloud, sdk, project):
    read = function(sdk, project, "bodies", ECHO)
    seen = {}
    for name, (headers, body) in CALLS.items():
        answer = raw(read["endpoint"], body, headers)
        seen[name] = json.loads(answer[2])["got"]
    for name in ("json", "none"):
        assert base64.b64decode(seen[name]["__ce_body"]) == CALLS[name][1]
        assert seen[name]["a"] == [1]
    assert seen["text"]["__ce_body"] == 'say \\"hi\\"\\\\\\n'
    assert seen["form"]["__ce_body"] == "a=b%20c" and "a" not in seen["form"]
    assert base64.b64decode(seen["binary"]["__ce_body"]) == b"\x00\xff"
    assert raw(read["endpoint"], b"{", CALLS["json"][0])[0] == 400
    assert raw(read["endpoint"], b'{"__ce_path": 1}', CALLS["json"][0])[0] == 400


def raw(url, body, headers):
    """A POST without the Content-Type that urllib would add."""
    import http.client
    import urllib.parse

    where = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
    connection.request("POST", where.path, body, headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


@pytest.mark.parametrize(
    "returned, status, body, kind",
    [
        ('{"statusCode": 201, "body": "text"}', 201, b"text", "text/plain; charset=utf-8"),
        ('{"body": {"a": 1}, "headers": {"content-type": "application/json"}}', 200, b'{"a": 1}', None),
        ('{"body": "aGk=", "headers": {"Content-Type": "image/png"}}', 200, b"hi", "image/png"),
        ('{"body": "no!", "headers": {"Content-Type": "image/png"}}', 400, None, None),
        ('{"body": "text", "headers": {"Content-Type": "application/json"}}', 400, None, None),
        ('{"statusCode": 700, "body": ""}', 422, None, None),
        ('"text"', 422, None, None),
        ("1 / 0", 500, None, None),
    ],
)
def test_answers(sdk, project, returned, status, body, kind):
    name = "answer-%d" % abs(hash(returned))
    read = function(sdk, project, name[:40], "def main(args):\n    return %s\n" % returned)
    got, headers, content = http("GET", read["endpoint"])
    assert got == status
    assert ("x-faas-actionstatus" in headers) == (body is not None)
    if body is not None:
        assert content == body
    if kind:
        assert headers["content-type"] == kind
    sdk.delete_function(project_id=project, name=name[:40])


def test_time_and_memory_are_limited(sdk, project):
    slow = function(
        sdk, project, "slow", "import time\ndef main(args):\n    time.sleep(9)\n", scale_max_execution_time=1
    )
    assert http("GET", slow["endpoint"])[0] == 299
    code = "def main(args):\n    return {'statusCode': 200, 'body': str(len(bytearray(1500 << 20)))}\n"
    large = function(sdk, project, "large", code, scale_cpu_limit="0.25", scale_memory_limit="1G")
    status, headers, _ = http("GET", large["endpoint"])
    assert status == 424 and "memory" in headers["x-faas-errormessage"]
    ended = function(sdk, project, "ended", "import os\ndef main(args):\n    os._exit(3)\n")
    assert http("GET", ended["endpoint"])[0] == 424
    broken = function(sdk, project, "broken", "def main(args)\n")
    assert http("GET", broken["endpoint"])[0] == 422


def test_a_private_function_is_not_reached(sdk, project):
    read = function(sdk, project, "hidden", ECHO, managed_domain_mappings="local")
    assert http("GET", read["endpoint"])[0] == 404


def test_wrong_keys_and_tokens(cloud, sdk):
    wrong = client(cloud, apikey="not-the-key")
    with pytest.raises(ApiException) as refused:
        wrong.list_projects()
    assert refused.value.status_code == 400 and "API key" in refused.value.message
    sdk.list_projects()
    token = sdk.authenticator.token_manager.access_token
    url = cloud.environment["CODE_ENGINE_URL"] + "/projects"
    assert http("GET", url, headers={"Authorization": "Bearer " + token})[0] == 200
    assert http("GET", url)[0] == 401
    head, claims, signature = token.split(".")
    forged = pyjwt.encode({"exp": int(time.time()) + 60}, "another", algorithm="HS256")
    for bad in (forged, ".".join([head, claims, signature[::-1]]), "abc"):
        assert http("GET", url, headers={"Authorization": "Bearer " + bad})[0] == 401


def test_a_token_that_has_expired_is_refused(cloud):
    cloud.faults(ibm__token_seconds=1)
    try:
        short = client(cloud)
        short.list_projects()
        token = short.authenticator.token_manager.access_token
        time.sleep(1.2)
        url = cloud.environment["CODE_ENGINE_URL"] + "/projects"
        assert http("GET", url, headers={"Authorization": "Bearer " + token})[0] == 401
    finally:
        cloud.faults()


def test_faults_have_ibms_form(cloud, sdk):
    cloud.faults(
        [{"operation": "codeengine:ListProjects", "action": "status", "status": 429, "retry_after": 1}]
    )
    try:
        with pytest.raises(ApiException) as refused:
            sdk.list_projects()
        assert refused.value.status_code == 429 and refused.value.message
    finally:
        cloud.faults()


def test_without_a_host_in_the_path(cloud):
    """The forms of the reference: the plain address of the emulator as URL of the service and of IAM."""
    plain = client(cloud)
    plain.set_service_url(cloud.url + "/v2")
    plain.authenticator.token_manager.url = cloud.url
    assert plain.list_function_runtimes().get_result()["function_runtimes"]
    inside = project_of(plain, "plain")
    assert plain.list_functions(project_id=inside).get_result()["functions"] == []
    # Google has /v2/projects too; its projects are no UUIDs, and this is not for IBM.
    assert b"googleapis.com" in http("GET", cloud.url + "/v2/projects/pyfops-local/locations")[2]

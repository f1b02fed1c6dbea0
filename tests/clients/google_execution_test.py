# SPDX-License-Identifier: Apache-2.0
"""Functions of the local cloud as callers see them: tokens, policies, what the platform answers, and logs as Google's own
client (google-cloud-logging) reads them."""

import json
import pathlib
import tempfile
import time

import pytest
from conftest import http
from google.api_core import exceptions
from google_cloud import PARENT, PROJECT, REGION, GoogleCloud, access_token, call, package


@pytest.fixture(scope="module")
def cloud():
    with tempfile.TemporaryDirectory(prefix="pyfops-google-") as directory:
        running = GoogleCloud(pathlib.Path(directory) / "state")
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="module")
def client(cloud):
    return cloud.functions()


@pytest.fixture(scope="module")
def echo(cloud, client):
    return cloud.create(client, "echo").result(timeout=60)


def test_it_is_called_with_an_id_token(cloud, echo):
    status, headers, body = call(cloud, echo.url, {"a": [1, None, "ü"]})
    assert status == 200, body
    assert json.loads(body) == {"echo": {"a": [1, None, "ü"]}, "path": "/", "query": {}}
    assert headers["x-pyfops-ran-on"].startswith("3.")
    assert len(headers["X-Cloud-Trace-Context"].split(";")[0]) == 32
    uri = echo.service_config.uri
    status, _, body = http(
        "GET", uri + "/below/it?x=1&y=%20", None, {"Authorization": "Bearer " + cloud.id_token(uri)}
    )
    assert json.loads(body) == {"echo": None, "path": "/below/it", "query": {"x": "1", "y": " "}}


def test_without_the_right_token_it_is_not_called(cloud, client, echo):
    assert http("POST", echo.url, b"{}")[0] == 403
    for token in (
        cloud.id_token("https://somebody.else"),
        cloud.id_token(echo.url)[:-4] + "AAAA",
        "nonsense",
        access_token(cloud),
    ):
        assert http("POST", echo.url, b"{}", {"Authorization": "Bearer " + token})[0] == 401, token


def policy(cloud, service, verb, body=None):
    query = "?options.requestedPolicyVersion=3" if body is None else ""
    url = "%s/run.googleapis.com/v2/%s:%s%s" % (cloud.url, service, verb, query)
    headers = {"Authorization": "Bearer " + access_token(cloud), "Content-Type": "application/json"}
    status, _, answer = http(
        "GET" if body is None else "POST", url, body and json.dumps(body).encode(), headers
    )
    return status, json.loads(answer)


def test_everybody_may_call_when_the_policy_says_so(cloud, client):
    made = cloud.create(client, "open-one").result(timeout=60)
    service = made.service_config.service
    status, before = policy(cloud, service, "getIamPolicy")
    assert status == 200 and "bindings" not in before
    binding = {"role": "roles/run.invoker", "members": ["allUsers"]}
    body = {"policy": {"bindings": [binding], "etag": before["etag"], "version": 3}}
    assert http("POST", made.url, b"1")[0] == 403
    status, after = policy(cloud, service, "setIamPolicy", body)
    assert status == 200 and after["bindings"] == [binding] and after["etag"] != before["etag"]
    assert http("POST", made.url, b"1", {"Content-Type": "application/json"})[0] == 200
    status, refused = policy(cloud, service, "setIamPolicy", body)  # with the old etag
    assert status == 409 and refused["error"]["status"] == "ABORTED"
    assert policy(cloud, PARENT + "/services/nobody", "getIamPolicy")[0] == 404


def test_what_the_platform_answers_for_an_instance_that_ends(cloud, client):
    source = """
        import os, time
        def main(request):
            what = request.get_json()
            if what == "exit":
                os._exit(3)
            if what == "sleep":
                time.sleep(30)
            if what == "raise":
                raise ValueError("no good")
            if what == "grow":
                return str(len(bytearray(400 << 20)))
            return "fine"
    """
    made = cloud.create(client, "ends", archive=package(source), timeout_seconds=2).result(timeout=60)
    assert call(cloud, made.url, "fine")[::2] == (200, b"fine")
    assert call(cloud, made.url, "exit")[0] == 503
    assert call(cloud, made.url, "sleep")[0] == 504
    status, headers, body = call(cloud, made.url, "raise")
    assert (status, "X-Google-Status" in headers) == (500, False)
    assert call(cloud, made.url, "grow")[0] == 503
    assert call(cloud, made.url, "fine")[::2] == (200, b"fine")
    texts = "\n".join(str(entry.payload) for entry in entries(cloud, "ends"))
    assert "Memory limit of 256 MiB exceeded with" in texts
    assert "Container called exit(3)." in texts
    assert "maximum request timeout" in texts


def entries(cloud, function, extra="", **options):
    from google.cloud import logging

    client = logging.Client(
        project=PROJECT,
        credentials=cloud.credentials(),
        _use_grpc=False,
        client_options={"api_endpoint": cloud.url + "/logging.googleapis.com"},
    )
    # The client adds a lower bound of a day by itself.
    wanted = 'resource.type="cloud_run_revision" resource.labels.service_name="%s" %s' % (function, extra)
    return list(client.list_entries(filter_=wanted, **options))


def test_what_functions_print_is_logged(cloud, client):
    source = """
        import json, sys
        def main(request):
            print("a line of text")
            print(json.dumps({"severity": "WARNING", "message": "a structured one", "n": 7}))
            print("to stderr", file=sys.stderr)
            return "ok"
    """
    made = cloud.create(client, "talks", archive=package(source)).result(timeout=60)
    trace = "0af7651916cd43dd8448eb211c80319c"
    before = time.time()
    assert call(cloud, made.url, {}, **{"X-Cloud-Trace-Context": trace + "/1;o=1"})[0] == 200
    found = entries(cloud, "talks")
    payloads = [entry.payload for entry in found]
    assert "a line of text" in payloads and "to stderr" in payloads
    assert all(entry.timestamp.timestamp() > before - 1 for entry in found)
    warnings = entries(cloud, "talks", "severity>=WARNING")
    assert [entry.payload["message"] for entry in warnings] == ["a structured one"] and warnings[0].payload[
        "n"
    ] == 7
    traced = entries(cloud, "talks", 'trace="projects/%s/traces/%s"' % (PROJECT, trace))
    assert {entry.payload for entry in traced if isinstance(entry.payload, str)} >= {"a line of text"}
    requests = entries(cloud, "talks", 'logName="projects/%s/logs/run.googleapis.com%%2Frequests"' % PROJECT)
    assert requests[0].http_request["status"] == 200
    pages = entries(cloud, "talks", page_size=1)
    assert len(pages) == len(found)
    assert [one.insert_id for one in entries(cloud, "talks", order_by="timestamp desc")] == [
        one.insert_id for one in reversed(found)
    ]
    assert entries(cloud, "talks", 'NOT textPayload:"line" AND (severity=DEFAULT OR severity=INFO)')
    with pytest.raises(exceptions.BadRequest):
        entries(cloud, "talks", 'textPayload:"open')


def test_a_function_sees_what_the_platform_gives(cloud, client):
    source = """
        import os
        def main(request):
            return {"env": dict(os.environ), "headers": dict(request.headers), "host": request.host}
    """
    made = cloud.create(
        client, "looks", archive=package(source), environment_variables={"MINE": "yes"}
    ).result(timeout=60)
    token = cloud.id_token(made.url)
    seen = json.loads(call(cloud, made.url, {})[2])
    assert seen["env"]["MINE"] == "yes" and seen["env"]["K_SERVICE"] == "looks"
    assert seen["env"]["FUNCTION_TARGET"] == "main" and seen["env"]["PORT"] == "8080"
    assert seen["env"]["K_REVISION"].startswith("looks-00001-")
    assert not any(name.startswith(("GOOGLE_", "CLOUDSDK_")) for name in seen["env"])
    assert seen["headers"]["Authorization"].endswith(".SIGNATURE_REMOVED_BY_GOOGLE")
    assert token.rsplit(".", 1)[1] not in json.dumps(seen)
    assert seen["host"] == "%s-%s.cloudfunctions.net" % (REGION, PROJECT)


def test_more_requests_than_instances(cloud, client):
    import concurrent.futures

    source = "import time\ndef main(request):\n    time.sleep(1)\n    return 'x'\n"
    made = cloud.create(client, "narrow", archive=package(source), max_instance_count=1).result(timeout=60)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = sorted(answer[0] for answer in pool.map(lambda _: call(cloud, made.url, {}), range(4)))
    assert statuses[0] == 200 and statuses[-1] == 429

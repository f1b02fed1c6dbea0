# SPDX-License-Identifier: Apache-2.0
"""Google's own clients (google-cloud-functions, google-auth, google-cloud-logging) against the local cloud, unmodified."""

import json
import pathlib
import tempfile
import time

import pytest
from conftest import http
from google.protobuf.field_mask_pb2 import FieldMask
from google_cloud import ACCOUNT, ECHO, FRAMEWORK, PARENT, PROJECT, REGION, GoogleCloud, package, zipped

api = pytest.importorskip("google.cloud.functions_v2")
exceptions = pytest.importorskip("google.api_core.exceptions")


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


def name_of(function_id):
    return "%s/functions/%s" % (PARENT, function_id)


def call(cloud, url, event, **headers):
    headers = {
        "Authorization": "Bearer " + cloud.id_token(url),
        "Content-Type": "application/json",
        **headers,
    }
    return http("POST", url, json.dumps(event).encode(), headers)


def test_a_function_is_created_and_described(cloud, echo):
    assert echo.name == name_of("echo") and echo.state == api.Function.State.ACTIVE
    assert echo.environment == api.Environment.GEN_2
    assert echo.url == "%s/%s-%s.cloudfunctions.net/echo" % (cloud.url, REGION, PROJECT)
    assert echo.service_config.uri.endswith(".run.app")
    assert echo.service_config.service == PARENT + "/services/echo"
    assert echo.service_config.available_memory == "256Mi"
    assert echo.service_config.available_cpu == "0.1666"
    assert echo.service_config.max_instance_request_concurrency == 1
    assert echo.build_config.source_provenance.resolved_storage_source.generation > 0
    assert len(echo.url) <= 255


def test_the_operation_tells_its_way(cloud, client):
    cloud.faults(google__create_ms=1500)
    try:
        operation = cloud.create(client, "slow-one")
        assert not operation.done()
        assert operation.metadata.target == name_of("slow-one") and operation.metadata.verb == "create"
        assert operation.metadata.stages[0].state == api.Stage.State.IN_PROGRESS
        assert client.get_function(name=name_of("slow-one")).state == api.Function.State.DEPLOYING
        # Nothing runs before the first build is done, and nothing else may be started.
        assert http("GET", client.get_function(name=name_of("slow-one")).url)[0] == 404
        with pytest.raises(exceptions.Conflict, match="already in progress"):
            client.delete_function(name=name_of("slow-one"))
        assert operation.result(timeout=60).state == api.Function.State.ACTIVE
    finally:
        cloud.faults()


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


def access_token(cloud, kind="service-account"):
    import google.auth.transport.requests

    credentials = cloud.credentials(kind)
    credentials.refresh(google.auth.transport.requests.Request())
    return credentials.token


@pytest.mark.parametrize("kind", ["service-account", "external-account", "impersonated-account"])
def test_every_kind_of_credentials(cloud, echo, kind):
    assert cloud.functions(cloud.credentials(kind)).get_function(name=echo.name).name == echo.name


def test_wrong_credentials_are_refused(cloud, echo):
    import google.auth.exceptions
    from google.oauth2 import service_account

    headers = {"Authorization": "Bearer ya29.invented"}
    assert http("GET", cloud.url + "/cloudfunctions.googleapis.com/v2/" + echo.name, None, headers)[0] == 401
    assert http("GET", cloud.url + "/cloudfunctions.googleapis.com/v2/" + echo.name)[0] == 401
    info = json.loads(pathlib.Path(cloud.environment["GOOGLE_APPLICATION_CREDENTIALS"]).read_text())
    assert info["client_email"] == ACCOUNT
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    info["private_key"] = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    forged = service_account.Credentials.from_service_account_info(info)
    with pytest.raises(exceptions.Unauthorized):
        cloud.functions(forged).get_function(name=echo.name)
    with pytest.raises(google.auth.exceptions.RefreshError, match="Invalid JWT Signature"):
        import google.auth.transport.requests

        forged.with_scopes(["https://www.googleapis.com/auth/cloud-platform"]).refresh(
            google.auth.transport.requests.Request()
        )


def mask(*paths):
    return FieldMask(paths=paths)


def test_an_update_changes_what_its_mask_names(cloud, client):
    cloud.create(client, "changing", environment_variables={"A": "1"}).result(timeout=60)
    wanted = api.Function(
        name=name_of("changing"),
        labels={"team": "blue"},
        service_config=api.ServiceConfig(available_memory="512Mi", environment_variables={"B": "2"}),
    )
    changed = client.update_function(
        function=wanted, update_mask=mask("service_config.available_memory")
    ).result(timeout=60)
    assert changed.service_config.available_memory == "512Mi"
    assert dict(changed.service_config.environment_variables) == {"A": "1"} and not changed.labels
    both = mask("labels", "service_config.environment_variables")
    changed = client.update_function(function=wanted, update_mask=both).result(timeout=60)
    assert dict(changed.service_config.environment_variables) == {"B": "2"}
    assert dict(changed.labels) == {"team": "blue"} and changed.service_config.timeout_seconds == 10
    new = package(ECHO.replace('"echo"', '"new"'))
    wanted.build_config.source.storage_source = cloud.upload(client, new)
    changed = client.update_function(function=wanted, update_mask=mask("build_config.source")).result(
        timeout=60
    )
    assert json.loads(call(cloud, changed.url, 1)[2])["new"] == 1
    with pytest.raises(exceptions.BadRequest):
        client.update_function(function=wanted, update_mask=mask("service_config.memory"))


def test_lists_have_pages(cloud, client, echo):
    made = {"page-%d" % number for number in range(5)}
    for operation in [cloud.create(client, one) for one in sorted(made)]:
        operation.result(timeout=60)
    request = api.ListFunctionsRequest(parent=PARENT, page_size=2, filter='environment="GEN_2"')
    pages = list(client.list_functions(request=request).pages)
    assert len(pages) >= 3 and all(len(page.functions) <= 2 for page in pages)
    names = {one.name.split("/")[-1] for page in pages for one in page.functions}
    assert made | {"echo"} <= names
    everywhere = client.list_functions(parent="projects/%s/locations/-" % PROJECT)
    assert {one.name.split("/")[-1] for one in everywhere} == names
    elsewhere = client.list_functions(parent="projects/%s/locations/us-east1" % PROJECT)
    assert list(elsewhere) == []


def test_it_is_deleted(cloud, client):
    made = cloud.create(client, "short-lived").result(timeout=60)
    assert client.delete_function(name=made.name).result(timeout=60) is not None
    with pytest.raises(exceptions.NotFound):
        client.get_function(name=made.name)
    with pytest.raises(exceptions.NotFound):
        client.delete_function(name=made.name)
    assert http("POST", made.url, b"{}")[0] == 404


def test_runtimes(client):
    names = {one.name for one in client.list_runtimes(parent=PARENT).runtimes}
    assert {"python310", "python311", "python312", "python313", "python314"} == names


def test_the_same_name_twice(cloud, client, echo):
    with pytest.raises(exceptions.Conflict, match="already exists"):
        cloud.create(client, "echo")


@pytest.mark.parametrize(
    "change, says",
    [
        ({"available_memory": "64Mi"}, "availableMemory"),
        ({"available_memory": "64Gi"}, "availableMemory"),
        ({"available_memory": "much"}, "availableMemory"),
        ({"timeout_seconds": 3601}, "timeoutSeconds"),
        ({"available_memory": "4Gi", "available_cpu": "0.5"}, "CPU"),
        ({"max_instance_request_concurrency": 80, "available_cpu": "0.5"}, "concurrency"),
        ({"environment_variables": {"K_SERVICE": "x"}}, "K_SERVICE"),
        ({"environment_variables": {"A": "x" * 33000}}, "32 KiB"),
    ],
)
def test_what_is_not_allowed(cloud, client, change, says):
    with pytest.raises(exceptions.BadRequest, match=says):
        cloud.create(client, "refused", **change)


@pytest.mark.parametrize("name", ["abc", "Upper", "1abc", "a_bcd", "abcd-", "a" * 64])
def test_names_that_are_not_allowed(cloud, client, name):
    with pytest.raises(exceptions.BadRequest, match="function id"):
        cloud.create(client, name)


def test_other_regions_and_projects(cloud, client):
    with pytest.raises(exceptions.Forbidden):
        client.list_functions(parent="projects/%s/locations/europe-west99" % PROJECT)
    with pytest.raises(exceptions.Forbidden):
        client.list_functions(parent="projects/somebody/locations/europe-west1")


@pytest.mark.parametrize(
    "archive, says",
    [
        (b"no zip at all", "no zip archive"),
        (zipped({**FRAMEWORK, "other.py": "x = 1\n"}), "missing main.py"),
        (zipped({"main.py": ECHO}), "functions-framework"),
        (package("def somebody(request):\n    return ''\n"), "Container Healthcheck failed"),
    ],
)
def test_what_cannot_be_built(cloud, client, archive, says):
    with pytest.raises(exceptions.GoogleAPICallError, match=says):
        cloud.create(client, "unbuilt", archive=archive).result(timeout=60)
    failed = client.get_function(name=name_of("unbuilt"))
    assert failed.state == api.Function.State.FAILED and says in failed.state_messages[0].message
    client.delete_function(name=failed.name).result(timeout=60)


def test_an_upload_is_for_its_url_alone(cloud, client):
    answer = client.generate_upload_url(api.GenerateUploadUrlRequest(parent=PARENT))
    url, good = answer.upload_url, {"Content-Type": "application/zip"}
    assert http("PUT", url, b"x", {"Content-Type": "text/plain"})[0] == 403
    assert http("PUT", url, b"x", {**good, "Authorization": "Bearer " + access_token(cloud)})[0] == 403
    assert http("PUT", url, b"x", {**good, "x-goog-content-length-range": "0,1"})[0] == 403
    assert http("PUT", url.replace(".zip", ".zap"), b"x", good)[0] == 403
    assert http("PUT", url.replace("X-Goog-Expires=1800", "X-Goog-Expires=9999"), b"x", good)[0] == 403
    assert http("PUT", url, b"x", good)[0] == 200
    # What was never uploaded cannot be deployed.
    empty = client.generate_upload_url(api.GenerateUploadUrlRequest(parent=PARENT)).storage_source
    function = api.Function(
        build_config=api.BuildConfig(
            runtime="python311", entry_point="main", source=api.Source(storage_source=empty)
        )
    )
    with pytest.raises(exceptions.BadRequest, match="source object"):
        client.create_function(parent=PARENT, function=function, function_id="empty")


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


def test_it_is_all_there_after_a_kill(cloud):
    with tempfile.TemporaryDirectory(prefix="pyfops-google-") as directory:
        one = GoogleCloud(pathlib.Path(directory) / "state")
        try:
            made = one.create(one.functions(), "kept").result(timeout=60)
            one.stop(kill=True)
            one.start()
            again = one.functions().get_function(name=made.name)
            assert again.state == api.Function.State.ACTIVE
            assert call(one, again.url, 5)[0] == 200
        finally:
            one.stop()

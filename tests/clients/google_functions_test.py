# SPDX-License-Identifier: Apache-2.0
"""Google's own clients (google-cloud-functions, google-auth) against the control plane of the local cloud, unmodified."""

import json
import pathlib
import tempfile

import pytest
from conftest import http
from google.api_core import exceptions
from google.cloud import functions_v2 as api
from google.protobuf.field_mask_pb2 import FieldMask
from google_cloud import (
    ACCOUNT,
    ECHO,
    FRAMEWORK,
    PARENT,
    PROJECT,
    REGION,
    GoogleCloud,
    access_token,
    call,
    name_of,
    package,
    zipped,
)


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


# Of an impersonated account google-auth always asks Google itself; program tests have that one.
@pytest.mark.parametrize("kind", ["service-account", "external-account"])
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

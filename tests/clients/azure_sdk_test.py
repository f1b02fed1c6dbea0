# SPDX-License-Identifier: Apache-2.0
"""Azure's official clients for Python, unmodified, against the local cloud: create, wait, update, list, invoke, delete."""

import json

import pytest
from azure_support import REGION, SUBSCRIPTION, Azure, function_json, library, start, temporary
from conftest import forged_tokens, http

MAIN = """
import json
import azure.functions as func

def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    print("called", context.function_name)
    if req.params.get("fail"):
        raise ValueError("as asked")
    answer = {"event": req.get_json(), "method": req.method, "url": req.url, "route": dict(req.route_params),
              "query": dict(req.params), "header": req.headers.get("X-Mine"), "id": len(context.invocation_id)}
    return func.HttpResponse(json.dumps(answer), status_code=201, headers={"X-Theirs": "1"}, mimetype="application/json")
"""


@pytest.fixture(scope="module")
def azure():
    with temporary() as directory:
        cloud = start(directory + "/state")
        try:
            yield Azure(cloud)
        finally:
            cloud.stop()


def make_app(azure, name, group="group", memory=2048, settings=(), level="function"):
    """Everything that an app needs, as a person with the SDK makes it."""
    for provider in ("Microsoft.Web", "Microsoft.Storage"):
        azure.resources.providers.register(provider)
    import time

    while azure.resources.providers.get("Microsoft.Web").registration_state != "Registered":
        time.sleep(0.02)
    azure.resources.resource_groups.create_or_update(group, {"location": REGION, "tags": {"a": "b"}})
    account = "store" + group
    azure.storage.storage_accounts.begin_create(
        group, account, {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "location": REGION}
    ).result()
    azure.storage.blob_containers.create(group, account, "packages", {})
    key = azure.storage.storage_accounts.list_keys(group, account)["keys"][0]["value"]
    plan = azure.web.app_service_plans.begin_create_or_update(
        group,
        name + "-plan",
        {
            "location": REGION,
            "kind": "functionapp",
            "sku": {"name": "FC1", "tier": "FlexConsumption"},
            "properties": {"reserved": True},
        },
    ).result()
    connection = "DefaultEndpointsProtocol=https;AccountName=%s;AccountKey=%s" % (account, key)
    return azure.web.web_apps.begin_create_or_update(
        group, name, site_body(account, plan.id, connection, memory, settings)
    ).result()


def site_body(account, plan, connection, memory=2048, settings=()):
    variables = [
        {"name": "AzureWebJobsStorage", "value": connection},
        {"name": "STORE", "value": connection},
        *[{"name": name, "value": value} for name, value in settings],
    ]
    authentication = {"type": "StorageAccountConnectionString", "storageAccountConnectionStringName": "STORE"}
    storage = {
        "type": "blobContainer",
        "value": "https://%s.blob.core.windows.net/packages" % account,
        "authentication": authentication,
    }
    return {
        "location": REGION,
        "kind": "functionapp,linux",
        "properties": {
            "serverFarmId": plan,
            "siteConfig": {"appSettings": variables},
            "functionAppConfig": {
                "deployment": {"storage": storage},
                "runtime": {"name": "python", "version": "3.11"},
                "scaleAndConcurrency": {"maximumInstanceCount": 100, "instanceMemoryMB": memory},
            },
        },
    }


def synchronise(azure, group, name):
    azure.web.web_apps.sync_function_triggers(group, name)


def test_the_life_of_an_app(azure):
    from azure.core.exceptions import ResourceNotFoundError

    site = make_app(azure, "life-app")
    assert site.name == "life-app"
    assert site.properties.default_host_name == "life-app.azurewebsites.net"
    assert site.properties.state == "Running"
    files = {
        "host.json": "{}",
        "hello/function.json": function_json(route="greet/{name}", methods=["get", "post"]),
        "hello/__init__.py": MAIN,
        **library(),
    }
    assert azure.publish("life-app", files)["status"] == 4
    assert not list(azure.web.web_apps.list_functions("group", "life-app"))
    synchronise(azure, "group", "life-app")
    listed = list(azure.web.web_apps.list_functions("group", "life-app"))
    assert [one.name for one in listed] == ["life-app/hello"]
    assert azure.web.web_apps.get_function("group", "life-app", "hello").properties.language == "python"

    host = azure.web.web_apps.list_host_keys("group", "life-app")
    own = azure.web.web_apps.list_function_keys("group", "life-app", "hello")
    default = host.function_keys["default"]
    path = "api/greet/Ada?x=1&y=%C3%BC"
    assert azure.call("life-app", path)[0] == 401
    assert azure.call("life-app", path, x_functions_key="wrong")[0] == 401
    for key in (default, host.master_key, dict(own).get("default") or own.properties["default"]):
        status, headers, body = azure.call(
            "life-app", path, b'{"a": [1, "\xc3\xbc"]}', x_functions_key=key, X_Mine="m"
        )
        assert status == 201, (status, headers, body)
        assert headers["X-Theirs"] == "1"
        assert headers["x-pyfops-ran-on"].startswith("3.")
        answer = json.loads(body)
        assert answer["event"] == {"a": [1, "ü"]}
        assert answer["route"] == {"name": "Ada"}
        assert answer["query"] == {"x": "1", "y": "ü"}
        assert answer["url"] == "https://life-app.azurewebsites.net/api/greet/Ada?x=1&y=%C3%BC"
        assert answer["header"] == "m"
        assert answer["id"] == 36
    assert azure.call("life-app", path + "&code=" + default)[0] == 201
    assert azure.call("life-app", path + "&fail=1", x_functions_key=default)[0::2] == (500, b"")
    assert azure.call("life-app", "api/other", x_functions_key=default)[0] == 404
    assert azure.call("life-app", path, method="PUT", x_functions_key=default)[0] == 404

    settings = azure.web.web_apps.list_application_settings("group", "life-app")
    variables = {**settings.properties, "NEW": "1"}
    azure.web.web_apps.update_application_settings("group", "life-app", {"properties": variables})
    assert azure.web.web_apps.list_application_settings("group", "life-app").properties["NEW"] == "1"
    azure.web.web_apps.stop("group", "life-app")
    assert azure.call("life-app", path, x_functions_key=default)[0] == 403
    azure.web.web_apps.start("group", "life-app")
    assert azure.call("life-app", path, x_functions_key=default)[0] == 201
    azure.web.web_apps.delete("group", "life-app", delete_empty_server_farm=True)
    with pytest.raises(ResourceNotFoundError):
        azure.web.app_service_plans.get("group", "life-app-plan")
    assert azure.call("life-app", path, x_functions_key=default)[0] == 404
    azure.resources.resource_groups.begin_delete("group").result()
    assert [one.name for one in azure.resources.resource_groups.list()] == []


def test_listing_walks_pages(azure):
    azure.cloud.faults(pages__size=1)
    make_app(azure, "page-a", "pages")
    make_app(azure, "page-b", "pages")
    assert [one.name for one in azure.web.web_apps.list_by_resource_group("pages")] == ["page-a", "page-b"]
    assert {one.name for one in azure.web.web_apps.list()} >= {"page-a", "page-b"}
    azure.cloud.faults()


def test_memory_is_patched_and_checked(azure):
    from azure.core.exceptions import HttpResponseError

    make_app(azure, "memory-app", "memory")
    scale = {"properties": {"functionAppConfig": {"scaleAndConcurrency": {"instanceMemoryMB": 4096}}}}
    azure.web.web_apps.update("memory", "memory-app", scale)
    config = azure.web.web_apps.get("memory", "memory-app").properties.function_app_config
    assert config.scale_and_concurrency.instance_memory_mb == 4096
    assert config.runtime.version == "3.11"  # merged
    scale["properties"]["functionAppConfig"]["scaleAndConcurrency"]["instanceMemoryMB"] = 1024
    with pytest.raises(HttpResponseError, match="instanceMemoryMB"):
        azure.web.web_apps.update("memory", "memory-app", scale)


def test_tags_are_a_resource_of_their_own(azure):
    site = make_app(azure, "tagged-app", "tagged")
    azure.resources.tags.begin_create_or_update_at_scope(
        site.id, {"properties": {"tags": {"x": "y"}}}
    ).result()
    assert azure.resources.tags.get_at_scope(site.id).properties.tags == {"x": "y"}
    assert azure.web.web_apps.get("tagged", "tagged-app").tags == {"x": "y"}


def test_names_are_global(azure):
    from azure.core.exceptions import HttpResponseError, ResourceExistsError

    wanted = {"name": "only-one", "type": "Microsoft.Web/sites"}
    assert azure.web.check_name_availability(wanted).name_available
    make_app(azure, "only-one", "first")
    told = azure.web.check_name_availability(wanted)
    assert not told.name_available and told.reason == "AlreadyExists"
    with pytest.raises((ResourceExistsError, HttpResponseError), match="already exists"):
        make_app(azure, "only-one", "second")
    with pytest.raises((ResourceExistsError, HttpResponseError), match="already taken"):
        azure.storage.storage_accounts.begin_create(
            "second", "storefirst", {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "location": REGION}
        ).result()


def test_tokens_are_checked(azure):
    from azure.core.exceptions import ClientAuthenticationError

    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        azure.credential(client_secret="wrong").get_token("https://management.azure.com/.default")
    with pytest.raises(ClientAuthenticationError, match="AADSTS700016"):
        azure.credential(client_id="11111111-1111-1111-1111-111111111111").get_token(
            "https://management.azure.com/.default"
        )
    url = azure.plain + "/management.azure.com/subscriptions?api-version=2022-12-01"
    token = azure.token()
    assert http("GET", url, None, {"Authorization": "Bearer " + token})[0] == 200
    head, claims, signature = token.split(".")
    forged = ".".join((head, claims, signature[:-8] + "AAAAAAAA"))
    other = azure.credential().get_token("https://api.applicationinsights.io/.default").token
    for wrong in (None, "nonsense", forged, other):
        status, _, body = http("GET", url, None, {"Authorization": "Bearer " + wrong} if wrong else {})
        assert status == 401, body
        assert json.loads(body)["error"]["code"]
    assert azure.scm("GET", "only-one", "/api/deployments", token=forged)[0] == 401


def test_a_federated_token_is_exchanged(azure):
    import time

    from azure.identity import ClientAssertionCredential

    def claims(audience="api://AzureADTokenExchange", lifetime=600):
        return {"iss": "https://issuer", "sub": "me", "aud": audience, "exp": int(time.time()) + lifetime}

    def assertion(**changes):
        return azure.cloud.identity_token(**claims(**changes))

    environment = azure.cloud.environment

    def token(text):
        return ClientAssertionCredential(
            environment["AZURE_TENANT_ID"],
            environment["AZURE_CLIENT_ID"],
            lambda: text,
            authority=azure.tls,
            disable_instance_discovery=True,
            connection_verify=azure.ca,
        ).get_token("https://management.azure.com/.default")

    assert token(assertion()).token.count(".") == 2
    assert token((azure.cloud.state / "cloud" / "identity" / "azure-token").read_text()).token
    for wrong in (assertion(audience="other"), assertion(lifetime=-600), *forged_tokens(**claims())):
        with pytest.raises(Exception, match="AADSTS700"):
            token(wrong)


def test_published_keys_verify_the_tokens(azure):
    import jwt

    status, _, body = http("GET", "%s/common/discovery/v2.0/keys" % azure.plain)
    assert status == 200
    key = jwt.PyJWK(json.loads(body)["keys"][0])
    claims = jwt.decode(azure.token(), key.key, ["RS256"], audience="https://management.azure.com")
    assert claims["tid"] == azure.cloud.environment["AZURE_TENANT_ID"]


def test_what_is_not_there_and_what_is_missing(azure):
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError, match="ResourceGroupNotFound"):
        azure.web.web_apps.get("nowhere", "x")
    with pytest.raises(HttpResponseError, match="not available for resource type"):
        azure.resources.resource_groups.create_or_update("g", {"location": "atlantis"})
    with pytest.raises(HttpResponseError, match="SubscriptionNotFound"):
        from azure.mgmt.resource.resources import ResourceManagementClient

        ResourceManagementClient(
            azure.credential(),
            SUBSCRIPTION[:-1] + "9",
            base_url=azure.tls + "/management.azure.com",
            connection_verify=azure.ca,
            retry_total=0,
        ).resource_groups.get("g")


def test_a_package_that_is_none_fails(azure):
    make_app(azure, "broken-app", "broken")
    status, _, body = azure.scm("POST", "broken-app", "/api/publish", b"no zip")
    assert status == 202
    import time

    time.sleep(0.2)
    document = json.loads(azure.scm("GET", "broken-app", "/api/deployments/" + json.loads(body))[2])
    assert document["status"] == 3 and document["complete"]
    log = json.loads(azure.scm("GET", "broken-app", "/api/deployments/latest/log")[2])
    assert log[-1]["message"] == "Deployment failed."
    path = log[-1]["details_url"].split(".azurewebsites.net")[1]
    assert "could not be unpacked" in json.loads(azure.scm("GET", "broken-app", path)[2])[0]["message"]
    assert azure.scm("POST", "no-such-app", "/api/publish", b"x")[0] == 404

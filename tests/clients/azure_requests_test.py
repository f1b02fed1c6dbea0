# SPDX-License-Identifier: Apache-2.0
"""Every request that the program sends to the manager in the life of a project, held against the official models."""

import base64
import json

import pytest
from azure_models import FOLDER, check, models
from azure_support import AzureProject, temporary
from conftest import NO_REFERENCE

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=NO_REFERENCE)


@pytest.fixture(scope="module")
def known():
    return models()


@pytest.fixture(scope="module")
def recorded():
    """The requests of create, update, list, logs and destroy, on both plans."""
    entries = []
    for settings in ({"tags": {"cost centre": "a+b/c=d"}}, {"plan": "consumption"}):
        memory = [512] if "plan" not in settings else "auto"
        with temporary() as directory:
            one = AzureProject(directory, settings=settings, function={"memory": memory})
            try:
                one.run("deploy")
                one.document["functions"][0].update(environment={"MORE": "ü"}, timeout=7)
                one.document["providers"]["azure"]["python"] = "3.12"
                one.save()
                one.run("deploy")
                one.run("invoke", "hello", "{}")
                one.run("logs", "hello")
                one.run("list", "--from-cloud")
                one.run("destroy", "--yes")
                entries += [
                    entry for entry in one.cloud.requests() if entry["operation"] and "request" in entry
                ]
            finally:
                one.cloud.stop()
    return entries


def to_manager(recorded):
    skipped = ("entra:", "scm:", "azure:", "insights:", "blob:")
    for entry in recorded:
        follows = (
            "perationresults" in entry["request"]["target"].lower()
            or "asyncoperations" in entry["request"]["target"]
        )
        if not entry["operation"].startswith(skipped) and not follows:
            yield entry


EXPECTED = """appServicePlans.createOrUpdate appServicePlans.get blobContainers.create blobContainers.delete
blobContainers.get elsewhere providers.get providers.register resourceGroups.createOrUpdate resourceGroups.delete resourceGroups.get
storageAccounts.create storageAccounts.delete storageAccounts.getProperties storageAccounts.listKeys
webApps.createOrUpdate webApps.delete webApps.get webApps.listApplicationSettings webApps.listByResourceGroup
webApps.listFunctions webApps.listHostKeys webApps.syncFunctionTriggers webApps.update
webApps.updateApplicationSettings"""


def test_every_request_is_what_the_models_say(recorded, known):
    names = set()
    for entry in to_manager(recorded):
        try:
            names.add(check(entry["request"], known))
        except AssertionError as error:
            raise AssertionError("%s: %s" % (entry["operation"], error)) from error
    assert names == set(EXPECTED.split())


def test_the_app_has_the_form_of_azures_example(recorded):
    example = json.loads((FOLDER / "CreateOrUpdateFunctionAppFlexConsumption.request.json").read_text())
    puts = [entry["request"] for entry in recorded if entry["operation"] == "web:PutSite"]
    ours = json.loads(base64.b64decode(puts[0]["body"]))
    wanted = example["properties"]["functionAppConfig"]
    config = ours["properties"]["functionAppConfig"]
    assert config["deployment"]["storage"].keys() == wanted["deployment"]["storage"].keys()
    assert (
        config["deployment"]["storage"]["authentication"].keys()
        == wanted["deployment"]["storage"]["authentication"].keys()
    )
    assert config["runtime"].keys() == wanted["runtime"].keys()
    assert config["scaleAndConcurrency"].keys() >= wanted["scaleAndConcurrency"].keys()
    assert ours["kind"] == example["kind"]


def with_body(seen, change):
    document = json.loads(base64.b64decode(seen["body"]))
    change(document)
    return {**seen, "body": base64.b64encode(json.dumps(document).encode()).decode()}


def first(recorded, operation):
    return next(entry["request"] for entry in recorded if entry["operation"] == operation)


def rename(members, key):
    members["Z" + key] = members.pop(key)


@pytest.mark.parametrize(
    "operation, change, complaint",
    [
        ("web:PutSite", lambda d: d.pop("location"), "location is required"),
        ("web:PutSite", lambda d: rename(d["properties"], "serverFarmId"), "the model has no"),
        ("web:PutSite", lambda d: d["properties"].update(httpsOnly="true"), "is no boolean"),
        ("web:PutSite", lambda d: d["properties"].update(state="Running"), "read-only"),
        (
            "web:PutSite",
            lambda d: d["properties"]["functionAppConfig"]["scaleAndConcurrency"].update(
                instanceMemoryMB="512"
            ),
            "is no number",
        ),
        (
            "web:PutSite",
            lambda d: rename(d["properties"]["functionAppConfig"]["deployment"]["storage"], "authentication"),
            "the model has no",
        ),
        ("web:PutSite", lambda d: d["properties"]["siteConfig"]["appSettings"].append("x"), "is no object"),
        ("web:PutPlan", lambda d: rename(d["sku"], "tier"), "the model has no"),
        ("web:PutSettings", lambda d: d["properties"].update(X=1), "is no text"),
        ("web:PatchSite", lambda d: d.update(tags={"a": "b"}), "the model has no"),
        ("storage:PutAccount", lambda d: d.pop("kind"), "kind is required"),
        ("storage:PutAccount", lambda d: d["properties"].update(minimumTlsVersion=1.2), "is no text"),
        ("storage:PutContainer", lambda d: d["properties"].update(publicAccess="Everybody"), "is none of"),
        ("resources:PutGroup", lambda d: d.update(tag={}), "the model has no"),
    ],
)
def test_what_is_wrong_is_seen(recorded, known, operation, change, complaint):
    seen = first(recorded, operation)
    check(seen, known)
    with pytest.raises(AssertionError, match=complaint):
        check(with_body(seen, change), known)


def test_wrong_paths_and_queries_are_seen(recorded, known):
    seen = first(recorded, "web:DeleteSite")
    check(seen, known)
    for old, new in (
        ("deleteEmptyServerFarm=true", "deleteEmptyServerFarm=yes"),
        ("deleteMetrics", "deleteMetric"),
        ("api-version", "apiversion"),
        ("/sites/", "/site/"),
        ("Microsoft.Web", "Microsoft.Storage"),
    ):
        with pytest.raises(AssertionError):
            check({**seen, "target": seen["target"].replace(old, new)}, known)

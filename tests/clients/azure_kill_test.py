# SPDX-License-Identifier: Apache-2.0
"""kill -9 at each call that changes something: the next run ends where an undisturbed one does."""

import pytest
from azure_support import REGION, Azure, AzureProject, temporary

CODE = "def handler(event):\n    return %d\n"


@pytest.fixture(scope="module")
def one():
    with temporary() as directory:
        project = AzureProject(directory)
        try:
            project.project.run("package")  # the cache is warm: nobody waits for packages below
            yield project
        finally:
            project.cloud.stop()


def begin(one, plan):
    """Nothing is on the cloud, and the project is as at first."""
    one.document["providers"]["azure"] = {"plan": plan}
    one.document["functions"][0].update(memory=[512] if plan == "flex" else "auto", environment={"MODE": "a"})
    one.save()
    one.project.write("hello/hello.py", CODE % 1)


def on_the_cloud(one):
    """Names of everything that is there, by the official clients."""
    azure = Azure(one.cloud)
    accounts = list(azure.storage.storage_accounts.list())
    containers = [
        container.name
        for account in accounts
        for container in azure.storage.blob_containers.list(account.id.split("/")[4], account.name)
    ]
    return {
        "groups": [group.name for group in azure.resources.resource_groups.list()],
        "accounts": [account.name for account in accounts],
        "containers": containers,
        "plans": [plan.name for plan in azure.web.app_service_plans.list()],
        "apps": [app.name for app in azure.web.web_apps.list()],
    }


def converges(one, answer):
    """The next run completes it, there is one of everything, and then there is nothing to do."""
    assert one.run("run")["succeeded"]
    assert one.run("invoke", "hello", "{}")["output"] == answer
    assert one.run("run")["deployments"][0]["deployment"]["action"] == "unchanged"
    assert {kind: len(names) for kind, names in on_the_cloud(one).items()} == dict.fromkeys(
        ("groups", "accounts", "containers", "plans", "apps"), 1
    )
    assert len(one.run("list", "--from-cloud")["deployments"]) == 1


def is_gone(one):
    assert all(row["removed"] for row in one.run("destroy", "--yes")["deployments"])
    assert not any(on_the_cloud(one).values())


CREATING = ["resources:PutGroup", "storage:PutAccount", "storage:PutContainer", "web:PutPlan", "web:PutSite"]
PUBLISHING = {
    "flex": ["scm:Publish", "web:SyncTriggers", "resources:PutTags"],
    "consumption": ["blob:PutBlob", "web:PutSettings", "web:SyncTriggers", "resources:PutTags"],
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "plan, operation",
    [("flex", name) for name in CREATING + PUBLISHING["flex"]]
    + [("consumption", name) for name in ["web:PutSite"] + PUBLISHING["consumption"]],
)
def test_a_first_run(one, plan, operation, when):
    begin(one, plan)
    one.kill(operation, when, "run")
    converges(one, 1)
    is_gone(one)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "plan, operation",
    [("flex", name) for name in ["web:PutSite", "web:PutSettings"] + PUBLISHING["flex"]]
    + [("consumption", name) for name in PUBLISHING["consumption"] + ["blob:DeleteBlob"]],
)
def test_an_update(one, plan, operation, when):
    begin(one, plan)
    assert one.run("run")["succeeded"]
    one.document["functions"][0]["environment"]["MODE"] = "b"
    if plan == "flex":
        one.document["providers"]["azure"]["python"] = "3.12"
    one.save()
    one.project.write("hello/hello.py", CODE % 2)
    one.kill(operation, when, "run")
    converges(one, 2)
    is_gone(one)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "operation",
    ["storage:DeleteContainer", "web:DeleteSite", "storage:DeleteAccount", "resources:DeleteGroup"],
)
def test_a_removal(one, operation, when):
    begin(one, "flex")
    assert one.run("run")["succeeded"]
    one.kill(operation, when, "destroy", "--yes")
    is_gone(one)
    assert one.run("run")["deployments"][0]["deployment"]["action"] == "created"
    is_gone(one)


def test_a_run_that_meets_the_end_of_its_group(one):
    """Deleting a group takes minutes: what follows waits for it."""
    begin(one, "flex")
    assert one.run("run")["succeeded"]
    one.kill("resources:DeleteGroup", "after", "destroy", "--yes", azure__delete_ms=3000)
    assert one.run("run")["deployments"][0]["deployment"]["action"] == "created"
    assert [row["region"] for row in one.run("list", "--from-cloud")["deployments"]] == [REGION]
    is_gone(one)

# SPDX-License-Identifier: Apache-2.0
"""Every recorded link answers as the AFCL engine calls it: Lambda's Invoke on the whole ARN, HTTP on the others. A JSON
object in, the bare object out; where the engine knows no provider in a link it sends GET with an unencoded query."""

import json
import pathlib
import tempfile
import urllib.error
import urllib.request

import pytest
from conftest import Cloud
from program import Project

HANDLER = """\
def handler(event, context):
    if "fail" in event:
        raise ValueError("as asked")
    return {"got": event, "sum": sum(map(int, event.get("numbers", []))), "provider": context.provider}
"""
PLACES = {
    "aws": "eu-central-1",
    "google": "europe-west1",
    "azure": "westeurope",
    "ibm": "eu-de",
    "alibaba": "eu-central-1",
}
OVER_HTTP = [provider for provider in PLACES if provider != "aws"]
EVENT = {"word": "Grüße", "numbers": [1, 2, 3], "nested": {"deep": [None, True, 0.5]}}


@pytest.fixture(scope="module")
def links():
    """(the running local cloud, link by provider)"""
    with tempfile.TemporaryDirectory(prefix="pyfops-engine-") as directory:
        project = Project(pathlib.Path(directory) / "project")
        project.write("echo/echo.py", HANDLER)
        document = {
            "project": "gate",
            "functions": [{"name": "echo", "source": "echo", "handler": "echo:handler"}],
            "deployments": [
                {"provider": provider, "regions": [region]} for provider, region in PLACES.items()
            ],
            # The engine's google_sa_key and azure_key are not needed then.
            "providers": {"google": {"public": True}, "azure": {"public": True}},
        }
        project.write("pyfops.yaml", json.dumps(document))
        state = project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        cloud = Cloud(state)
        try:
            project.run("deploy", "--local")
            rows = project.run("report", "--local")["deployments"]
            yield cloud, {row["provider"]: row["link"] for row in rows}
        finally:
            cloud.stop()


def http(link, body=None, query=""):
    request = urllib.request.Request(
        link + query,
        data=None if body is None else json.dumps(body).encode(),
        headers={} if body is None else {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as failure:
        return failure.code, failure.read().decode()


def test_lambda_is_invoked_by_its_arn(links):
    cloud, link = links
    client = cloud.client("lambda", PLACES["aws"])
    answer = client.invoke(
        FunctionName=link["aws"], InvocationType="RequestResponse", Payload=json.dumps(EVENT)
    )
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"got": EVENT, "sum": 6, "provider": "aws"}


@pytest.mark.parametrize("provider", OVER_HTTP)
def test_an_object_is_posted_and_comes_back_bare(links, provider):
    _, link = links
    status, text = http(link[provider], EVENT)
    assert (status, json.loads(text)) == (200, {"got": EVENT, "sum": 6, "provider": provider})


@pytest.mark.parametrize("provider", OVER_HTTP)
def test_values_of_a_query_are_the_event(links, provider):
    _, link = links
    status, text = http(link[provider], query="?word=a:b/c&count=3")
    assert status == 200
    # A query has texts only.
    assert json.loads(text)["got"] == {"word": "a:b/c", "count": "3"}


@pytest.mark.parametrize("provider", OVER_HTTP)
def test_a_failure_has_the_words_that_the_engine_looks_for(links, provider):
    _, link = links
    status, text = http(link[provider], {"fail": 1})
    assert '"error":' in text.replace('" :', '":')
    assert "as asked" in text
    if provider != "alibaba":  # function errors are behind status 200 there
        assert status == 500

# SPDX-License-Identifier: Apache-2.0
"""The starter project on all five clouds at once: one command, eight regions, one table."""

import json
import pathlib
import re
import subprocess
import tempfile

import pytest
from conftest import BIN
from program import Project

PLACES = {
    ("aws", "eu-central-1"),
    ("aws", "us-east-1"),
    ("google", "europe-west1"),
    ("google", "us-central1"),
    ("azure", "westeurope"),
    ("alibaba", "eu-central-1"),
    ("alibaba", "ap-southeast-1"),
    ("ibm", "eu-de"),
}


@pytest.fixture(scope="module")
def starter():
    """(project, report of its first run)"""
    with tempfile.TemporaryDirectory(prefix="pyfops-five-") as directory:
        project = Project(pathlib.Path(directory) / "starter")
        project.run("init", ".", "--template", "starter")
        yield project, project.run("run", "--local")


def test_every_function_is_deployed_and_right_everywhere(starter):
    _, report = starter
    rows = report["deployments"]
    assert {(row["provider"], row["region"]) for row in rows} == PLACES
    # Three functions in seven regions; what does not fit into one source text does not go to IBM's.
    assert len(rows) == 3 * 7 + 1
    assert [row["function"] for row in rows if row["provider"] == "ibm"] == ["summary"]
    for row in rows:
        assert row["succeeded"], (row["provider"], row["function"], row["failure"], row["tests"])
        assert row["deployment"]["action"] == "created"
        assert row["package"]["bytes"] > 0 and row["deployment"]["total_ms"] >= 0
        assert row["tests"] and all(test["passed"] for test in row["tests"])


def test_every_deployment_has_a_link_of_its_own(starter):
    _, report = starter
    links = [row["deployment"]["link"] for row in report["deployments"]]
    assert len(set(links)) == len(links)
    assert all(0 < len(link) <= 255 for link in links)


def test_a_second_run_writes_nothing(starter):
    project, _ = starter
    again = project.run("deploy", "--local")
    assert {row["deployment"]["action"] for row in again["deployments"]} == {"unchanged"}


def test_the_same_input_gives_the_same_json_everywhere(starter):
    _, report = starter
    answers = {}
    for row in report["deployments"]:
        for test in row["tests"]:
            what = (
                test["output"] if test["error"] is None else [test["error"]["type"], test["error"]["message"]]
            )
            if row["function"] == "password" and "hash" in (test["output"] or {}):
                continue  # salted
            answers.setdefault((row["function"], test["name"]), set()).add(json.dumps(what, sort_keys=True))
    assert answers and all(len(same) == 1 for same in answers.values()), answers


def test_a_compiled_dependency_is_refused_by_name_where_it_cannot_go(starter):
    project, _ = starter
    text = (project.folder / "pyfops.yaml").read_text()
    (project.folder / "all.yaml").write_text(text.replace("    functions: [summary]\n", ""))
    report = project.run("package", "-f", "all.yaml", "--only", "provider=ibm,function=password", code=1)
    failure = report["implementations"][0]["failure"]
    assert "bcrypt" in failure["message"], failure
    assert failure["hint"]


def test_each_provider_says_how_its_clients_get_here(starter):
    project, _ = starter
    for provider in sorted({provider for provider, _ in PLACES}):
        known = project.run("emulate", "--print-env", provider)
        assert known["environment"], provider
        assert all("127.0.0.1" in text or "://" not in text for text in known["environment"].values()), known
    done = subprocess.run(
        [BIN / "pyfops", "emulate", "--print-env", "gogle"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "did you mean 'google'?" in done.stderr


def test_everything_is_removed_again(starter):
    project, report = starter
    cloud = project.run("list", "--from-cloud", "--local")
    assert len(cloud["deployments"]) == len(report["deployments"])
    removed = project.run("destroy", "--local", "--yes")
    assert all(row["removed"] for row in removed["deployments"]), removed
    assert project.run("list", "--from-cloud", "--local")["deployments"] == []


def test_a_trace_tells_no_setting_and_no_key(tmp_path):
    """Nor a plain one: the next command does not know which values were secret."""
    project = Project(tmp_path / "traced")
    project.run("init", ".", "--template", "minimal")
    (project.folder / "pyfops.yaml").write_text(
        json.dumps(
            {
                "project": "traced",
                "functions": [
                    {
                        "name": "hello",
                        "source": "functions/hello",
                        "handler": "hello:handler",
                        "environment": {"NOTE": "canary-in-the-environment"},
                    }
                ],
                "deployments": [
                    {"provider": provider, "regions": [region]}
                    for provider, region in dict(sorted(PLACES)).items()
                ],
            }
        )
    )
    for words in (["deploy", "--local"], ["deploy", "--local"], ["list", "--from-cloud", "--local"]):
        project.run(*words, trace=True)
        trace = (project.folder.parent / "trace.har").read_text()
        assert len(project.sent) > 5
        assert "canary" not in trace, trace[trace.index("canary") - 2000 : trace.index("canary") + 100]
        assert not re.search(r"AccountKey=(?!\*\*\*)|X-Goog-Signature=(?!\*\*\*)|[?&]sig=(?!\*\*\*)", trace)

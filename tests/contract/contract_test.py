# SPDX-License-Identifier: Apache-2.0
"""One Python contract: the same handlers give the same JSON, or the same kind of error, on every provider.

golden.json was written by hand from Python's own semantics and says what each caller gets. The functions are
deployed to the local cloud and really run there, once with plain calls by the program.
"""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
PYFOPS = pathlib.Path(os.environ["PYFOPS_BIN"]) / "pyfops"
GOLDEN = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
REGIONS = {
    "aws": "eu-central-1",
    "google": "europe-west1",
    "azure": "westeurope",
    "ibm": "eu-de",
    "alibaba": "eu-central-1",
}
# How many functions one project may have there, where that is fewer than there are cases.
ROOM = {"ibm": 20}
# Large events and answers are counted here instead of being written out in golden.json.
LARGE = {"name": "large", "handler": "answers:large", "input": {"text": "y" * 50000}}


def environment(folder):
    kept = (
        "PATH",
        "LANG",
        "PIP_",
        "SSL_CERT_FILE",
        "ASAN_",
        "UBSAN_",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    )
    clean = {name: text for name, text in os.environ.items() if name.upper().startswith(kept)}
    clean.update(
        HOME=str(folder / "home"), PYFOPS_CACHE_DIR=os.environ.get("PYFOPS_TEST_CACHE", str(folder / "cache"))
    )
    return clean


def project(name, cases, provider):
    return {
        "project": name,
        "functions": [
            {
                "name": case["name"],
                "source": "functions",
                "handler": case["handler"],
                "environment": {
                    "CONTRACT_TEXT": 'text with "quotes", spaces and ü',
                    "CONTRACT_NUMBER": "1.10",
                },
                "tests": [{"name": "golden", "input": case.get("input", {})}],
            }
            for case in cases
        ],
        "deployments": [{"provider": provider, "regions": [REGIONS[provider]]}],
    }


def ask(folder, command):
    done = subprocess.run(
        [PYFOPS, command, "--local", "--json", "-q"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    # Functions that fail make the command fail; what must not happen is that nothing was run.
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert "deployments" in report, done.stdout + done.stderr
    return report["deployments"]


def run(folder, document):
    """The rows of a project of its own, tested as it was deployed: at the provider's standard memory."""
    shutil.copytree(HERE / "functions", folder / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyfops.json").write_text(json.dumps(document))
    ask(folder, "deploy")
    return ask(folder, "test")


@pytest.fixture(scope="module", params=sorted(REGIONS))
def rows(request, tmp_path_factory):
    """{function: the row of its deployment} on one provider."""
    cases = [*GOLDEN, LARGE]
    room = ROOM.get(request.param, len(cases))
    found = {}
    for first in range(0, len(cases), room):
        name = "contract-%d" % (first // room)
        document = project(name, cases[first : first + room], request.param)
        for row in run(tmp_path_factory.mktemp(request.param), document):
            found[row["function"]] = row
    return found


def invocation(rows, name):
    row = rows[name]
    assert row["failure"] is None, row["failure"]
    assert len(row["tests"]) == 1
    return row, row["tests"][0]


def filled(template, row):
    """The golden answer with what depends on the deployment put in."""
    if isinstance(template, list):
        return [filled(item, row) for item in template]
    if isinstance(template, str) and template.startswith("{") and template.endswith("}"):
        return row[template[1:-1]]
    return template


def same(expected, got):
    """Equal as JSON: 1 and True are not, 1 and 1.0 are."""
    if isinstance(expected, bool) or isinstance(got, bool) or expected is None or got is None:
        return expected is got
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and list(expected) == list(got)
            and all(same(expected[key], got[key]) for key in expected)
        )
    if isinstance(expected, list):
        return isinstance(got, list) and len(expected) == len(got) and all(map(same, expected, got))
    return (
        type(expected) in (int, float)
        and type(got) in (int, float)
        and expected == got
        or (isinstance(expected, str) and expected == got)
    )


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_the_caller_gets_what_the_golden_file_says(rows, case):
    row, got = invocation(rows, case["name"])
    if "error" in case:
        expected = case["error"]
        assert got["error"] is not None, got
        assert got["error"]["type"] == expected["type"]
        assert got["error"]["cause"] == expected["cause"]
        if expected["message"]:
            assert expected["message"] in got["error"]["message"]
        else:
            assert got["error"]["message"] == ""
        return
    assert got["error"] is None, got["error"]
    assert same(filled(case["answer"], row), got["output"]), got["output"]


def test_large_events_and_answers(rows):
    _, got = invocation(rows, "large")
    assert got["error"] is None, got["error"]
    assert got["output"] == {"length": 50000, "answer": "x" * 200000}


def test_the_comparison_can_fail():
    assert not same(1, True) and not same(None, False) and not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same([1], [1, 2]) and not same("1", 1) and same(1, 1.0) and same({"a": [None]}, {"a": [None]})

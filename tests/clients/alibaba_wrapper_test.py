# SPDX-License-Identifier: Apache-2.0
"""The entry file alone, called as Function Compute's runtimes call it."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

TEMPLATES = pathlib.Path(os.environ["PYFOPS_SOURCE_DIR"]) / "templates" / "wrapper"

# One line in per event, in base64; one line out per answer.
DRIVER = """
import base64, json, os, sys
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what handlers print is a log line, not an answer

class Function:
    name, memory, timeout, handler = "gate-hello", 256, 30, "_pyfops_alibaba.handler"

class Native:
    request_id, region, function = "request-1", "cn-hangzhou", Function()

import _pyfops_alibaba
for line in sys.stdin:
    try:
        answer = _pyfops_alibaba.handler(base64.b64decode(line), Native())
        answer = {"ok": answer, "type": type(answer).__name__}
    except Exception as error:
        answer = {"raised": type(error).__name__, "message": str(error)}
    out.write(json.dumps(answer) + "\\n")
    out.flush()
"""

HANDLER = """
def handler(event, context):
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError("as you wish")
    if isinstance(event, dict) and event.get("bytes"):
        return b"x"
    if isinstance(event, dict) and event.get("who"):
        return [context.provider, context.region, context.function_name, context.memory_mb, context.request_id,
                context.cold_start, 29000 < context.remaining_ms() <= 30000, context.native is not None]
    return event
"""


@pytest.fixture
def package(tmp_path):
    for folder in ("alibaba", "common"):
        for source in (TEMPLATES / folder).glob("*.py"):
            shutil.copy(source, tmp_path)
    (tmp_path / "_pyfops_function.py").write_text("MODULE = 'main'\nCALLABLE = 'handler'\n")
    (tmp_path / "main.py").write_text(HANDLER)
    return tmp_path


def call(package, *events, **environment):
    """What the entry file returns or raises for each event, all of one instance."""
    lines = [base64.b64encode(one if isinstance(one, bytes) else json.dumps(one).encode()) for one in events]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=package,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        input=b"\n".join(lines) + b"\n",
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def http_event(body="", query=None, encoded=False):
    return {
        "version": "v1",
        "rawPath": "/x",
        "body": body,
        "isBase64Encoded": encoded,
        "headers": {},
        "queryParameters": query or {},
        "requestContext": {"http": {"method": "POST", "path": "/x"}, "requestId": "r"},
    }


def test_plain_events_are_json_and_answers_text(package):
    answers = call(package, {"a": "ü"}, None, b"", b" \n", [1], b"{broken", {"who": 1}, {"who": 1})
    assert answers[0] == {"ok": '{"a": "ü"}', "type": "str"}
    assert [one["ok"] for one in answers[1:5]] == ["null", "{}", "{}", "[1]"]
    assert answers[5]["raised"] == "ValueError" and "the event is not JSON" in answers[5]["message"]
    who = ["alibaba", "cn-hangzhou", "gate-hello", 256, "request-1"]
    assert json.loads(answers[6]["ok"]) == [*who, False, True, True]


def test_the_first_call_is_cold(package):
    first, second = call(package, {"who": 1}, {"who": 1})
    assert json.loads(first["ok"])[5] is True and json.loads(second["ok"])[5] is False


def test_failures_are_raised_so_that_the_platform_marks_them(package):
    answers = call(package, {"fail": 1}, {"bytes": 1})
    assert answers[0] == {"raised": "ValueError", "message": "as you wish"}
    assert answers[1]["raised"] == "Runtime.MarshalError" and "bytes" in answers[1]["message"]
    (package / "main.py").write_text("import nothing_of_that_name\n")
    assert call(package, 1)[0]["raised"] == "Runtime.ImportModuleError"


def test_http_events_only_where_a_trigger_is_ours(package):
    event = http_event('{"a": 1}')
    plain = call(package, event)[0]
    assert json.loads(plain["ok"]) == event  # without a trigger of ours it is an event like any other
    answer = json.loads(call(package, event, PYFOPS_URL="1")[0]["ok"])
    assert answer == {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "isBase64Encoded": False,
        "body": '{"a": 1}',
    }
    for change in ({"version": "v2"}, {"requestContext": {}}, {"requestContext": None}):
        other = {**event, **change}
        assert json.loads(call(package, other, PYFOPS_URL="1")[0]["ok"]) == other


def test_http_bodies_queries_and_failures(package):
    coded = http_event(base64.b64encode(b'{"a": 2}').decode(), encoded=True)
    events = [coded, http_event("", {"k": "v"}), http_event('{"fail": 1}'), http_event("{broken")]
    answers = [json.loads(one["ok"]) for one in call(package, *events, PYFOPS_URL="1")]
    assert [one["statusCode"] for one in answers] == [200, 200, 500, 400]
    assert json.loads(answers[0]["body"]) == {"a": 2} and json.loads(answers[1]["body"]) == {"k": "v"}
    assert answers[2]["headers"]["x-pyfops-error"] == "function"
    assert json.loads(answers[2]["body"])["error"] == "ValueError: as you wish"
    assert "x-pyfops-error" not in answers[3]["headers"]


def test_probe_calls_need_the_key(package):
    inner = {"__pyfops__": {"v": 1, "key": "the-key", "event": {"a": 1}}}
    good, bad = call(
        package, inner, {"__pyfops__": {**inner["__pyfops__"], "key": "x"}}, PYFOPS_PROBE_KEY="the-key"
    )
    measured = json.loads(good["ok"])["__pyfops__"]
    assert measured["result"] == {"a": 1} and measured["peak_rss_kb"] > 0
    assert json.loads(bad["ok"])["__pyfops__"]["key"] == "x"  # to the handler, untouched
    over = call(package, http_event(json.dumps(inner)), PYFOPS_PROBE_KEY="the-key", PYFOPS_URL="1")[0]
    assert "result" in json.loads(json.loads(over["ok"])["body"])["__pyfops__"]

# SPDX-License-Identifier: Apache-2.0
"""The real runtime interface client (awslambdaric, compiled part included) in the place of ours."""

import pathlib
import tempfile

import pytest
from conftest import Cloud, copy_awslambdaric, invoke

CODE = """
    import logging
    def handler(event, context):
        if event == "raise":
            raise ValueError("no good")
        if event == "bytes":
            return b"raw"
        if event == "object":
            return object()
        if event == "inner":
            return {"a": event.lower()["b"]}
        if event == "odd name":
            raise type("Odd\\r\\nX-Injected: 1\\x01\\x7f\\u2028", (Exception,), {})("in\\ntwo lines")
        if event == "no words":
            raise KeyError()
        logging.getLogger().warning("a warning")
        return {"event": event, "remaining": context.get_remaining_time_in_millis() > 0,
                "memory": context.memory_limit_in_mb, "arn": context.invoked_function_arn, "id": context.aws_request_id}
"""


@pytest.fixture(scope="module", params=["ours", "awslambdaric"])
def any_cloud(request):
    with tempfile.TemporaryDirectory(prefix="pyfops-ric-") as directory:
        folder = pathlib.Path(directory) / "client"
        settings = {"lambda.pending_ms": 0, "lambda.update_ms": 0, "iam.propagation_ms": 0}
        if request.param == "awslambdaric":
            copy_awslambdaric(folder)
            settings["lambda.runtime_client"] = str(folder)
        running = Cloud(pathlib.Path(directory) / "state", faults={"settings": settings})
        try:
            running.function("f", CODE, wait=False)
            yield running
        finally:
            running.stop()


def test_events(any_cloud):
    lam = any_cloud.client("lambda")
    for event in ({"a": [1, None, "ü"]}, 1, "text", None, []):
        answer, payload, log = invoke(lam, "f", event)
        assert "FunctionError" not in answer, (payload, log)
        assert payload["event"] == event and payload["remaining"] and payload["memory"] == "128"
        assert (
            payload["arn"].endswith(":function:f")
            and payload["id"] == answer["ResponseMetadata"]["RequestId"]
        )
        assert "[WARNING]\t2" in log and payload["id"] + "\ta warning\n" in log


def test_errors(any_cloud):
    lam = any_cloud.client("lambda")
    answer, error, log = invoke(lam, "f", "raise")
    assert answer["FunctionError"] == "Unhandled"
    assert error == {
        "errorMessage": "no good",
        "errorType": "ValueError",
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "stackTrace": ['  File "/var/task/main.py", line 5, in handler\n    raise ValueError("no good")\n'],
    }
    nbsp = "\u00a0"
    assert (
        "[ERROR] ValueError: no good\nTraceback (most recent call last):\n"
        + nbsp * 2
        + 'File "/var/task/main.py"'
        in log
    )
    assert invoke(lam, "f", "object")[1]["errorType"] == "Runtime.MarshalError"
    assert lam.invoke(FunctionName="f", Payload=b'"bytes"')["Payload"].read() == b"raw"


def test_odd_errors(any_cloud):
    lam = any_cloud.client("lambda")
    _, error, log = invoke(lam, "f", "inner")
    # Python would underline the subscript; the official client does not.
    assert [frame.splitlines()[1:] for frame in error["stackTrace"]] == [
        ['    return {"a": event.lower()["b"]}']
    ]
    assert "^" not in log
    _, error, log = invoke(lam, "f", "odd name")
    assert error["errorType"] == "Odd\r\nX-Injected: 1\x01\x7f\u2028"
    assert error["errorMessage"] == "in\ntwo lines"
    _, error, log = invoke(lam, "f", "no words")
    assert error["errorMessage"] == "" and "[ERROR] KeyError\nTraceback" in log
    assert "FunctionError" not in invoke(lam, "f", 1)[0]


def test_initialisation_errors(any_cloud):
    lam = any_cloud.client("lambda")
    any_cloud.function("no-import", "import nothing_of_that_name\n", wait=False)
    error = invoke(lam, "no-import")[1]
    assert error == {
        "errorMessage": "Unable to import module 'main': No module named 'nothing_of_that_name'",
        "errorType": "Runtime.ImportModuleError",
        "requestId": "",
        "stackTrace": [],
    }
    any_cloud.function("no-handler", "x = 1\n", wait=False)
    assert invoke(lam, "no-handler")[1]["errorMessage"] == "Handler 'handler' missing on module 'main'"
    any_cloud.function("bad-name", "x = 1\n", wait=False, Handler="main")
    assert invoke(lam, "bad-name")[1]["errorType"] == "Runtime.MalformedHandlerName"

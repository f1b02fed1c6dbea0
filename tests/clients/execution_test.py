# SPDX-License-Identifier: Apache-2.0
"""What functions do to themselves and to the machine, as AWS reports it; the next event finds a fresh instance."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from conftest import REGION, invoke

SEVERAL = """
    import os, sys, time, threading, uuid
    calls, instance = 0, uuid.uuid4().hex
    def handler(event, context):
        global calls
        calls += 1
        what = (event or {}).get("do")
        if what == "raise":
            raise ValueError("no good")
        if what == "exit":
            sys.exit(event.get("code", 0))
        if what == "abort":
            os.abort()
        if what == "memory":
            grow()
        if what == "thread":
            t = threading.Thread(target=grow); t.start(); t.join()
        if what == "child":
            if os.fork() == 0:
                grow()
            os.wait()
            return "the child is gone"
        if what == "forks":
            pids = []
            for _ in range(20):
                pid = os.fork()
                if pid == 0:
                    os._exit(0)
                pids.append(pid)
            return len([os.waitpid(p, 0) for p in pids])
        if what == "sleep":
            time.sleep(event["seconds"])
        if what == "print":
            for _ in range(event["lines"]):
                print("x" * 99)
        if what == "object":
            return object()
        if what == "big":
            return "x" * (7 << 20)
        return {"calls": calls, "instance": instance}
    def grow():
        kept = []
        while True:
            kept.append(bytearray(4 << 20))
"""


@pytest.fixture(scope="module")
def several(cloud):
    cloud.function("several", SEVERAL, Timeout=3)
    return "several"


def calls(lam, name):
    return invoke(lam, name, {})[1]["calls"]


def test_answer_and_report(lam, several):
    answer, payload, log = invoke(lam, several, {})
    assert answer["ExecutedVersion"] == "$LATEST" and "FunctionError" not in answer
    request = answer["ResponseMetadata"]["RequestId"]
    assert log.startswith("START RequestId: %s Version: $LATEST\n" % request)
    assert re.search(
        r"END RequestId: %s\nREPORT RequestId: %s\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$"
        % (request, request),
        log,
    )
    warm, again, log = invoke(lam, several, {})
    assert again["instance"] == payload["instance"] and again["calls"] == payload["calls"] + 1
    assert "Init Duration" not in log
    assert re.match(r"3\.\d+", warm["ResponseMetadata"]["HTTPHeaders"]["x-pyfops-ran-on"])


def test_exception(lam, several):
    answer, error, log = invoke(lam, several, {"do": "raise"})
    assert answer["StatusCode"] == 200 and answer["FunctionError"] == "Unhandled"
    assert list(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert error["errorType"] == "ValueError" and error["errorMessage"] == "no good"
    assert error["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert error["stackTrace"][-1].startswith(
        '  File "/var/task/main.py", line 9, in handler\n    raise ValueError'
    )
    assert "[ERROR] ValueError: no good\nTraceback (most recent call last):" in log
    assert calls(lam, several) > 1, "an exception does not end the instance"


@pytest.mark.parametrize(
    "event, text",
    [
        ({"do": "exit"}, "Runtime exited without providing a reason"),
        ({"do": "exit", "code": 3}, "Runtime exited with error: exit status 3"),
        ({"do": "abort"}, "Runtime exited with error: signal: aborted"),
    ],
)
def test_exit(lam, several, event, text):
    answer, error, _ = invoke(lam, several, event)
    assert answer["FunctionError"] == "Unhandled"
    request = answer["ResponseMetadata"]["RequestId"]
    assert error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: %s Error: %s" % (request, text),
    }
    assert calls(lam, several) == 1


@pytest.mark.parametrize("how", ["memory", "thread", "child"])
def test_out_of_memory(lam, several, how):
    answer, error, log = invoke(lam, several, {"do": how})
    assert answer["FunctionError"] == "Unhandled"
    assert error == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": "RequestId: %s Error: Runtime exited with error: signal: killed"
        % answer["ResponseMetadata"]["RequestId"],
    }
    assert re.search(r"Max Memory Used: 12\d MB", log)
    assert calls(lam, several) == 1


def test_timeout(lam, several):
    answer, error, log = invoke(lam, several, {"do": "sleep", "seconds": 60})
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: %s Error: Task timed out after 3.00 seconds"
        % answer["ResponseMetadata"]["RequestId"],
    }
    assert "Task timed out after 3.00 seconds" in log and "Status: timeout" in log
    assert calls(lam, several) == 1


def test_children_that_end_are_fine(lam, several):
    assert invoke(lam, several, {"do": "forks"})[1] == 20


def test_megabytes_of_output(lam, several):
    answer, payload, log = invoke(lam, several, {"do": "print", "lines": 50000})
    assert "FunctionError" not in answer and payload["calls"]
    assert len(log.encode()) == 4096 and log.endswith("\n") and "REPORT RequestId" in log


def test_answers_that_cannot_be_sent(lam, several):
    error = invoke(lam, several, {"do": "object"})[1]
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"].startswith(
        "Unable to marshal response: Object of type object is not JSON serializable"
    )
    assert invoke(lam, several, {"do": "big"})[1]["errorType"] == "Function.ResponseSizeTooLarge"


def test_initialisation(cloud, lam):
    cloud.function("no-import", "import nothing_of_that_name\n")
    answer, error, _ = invoke(lam, "no-import")
    assert answer["FunctionError"] == "Unhandled"
    assert error["errorType"] == "Runtime.ImportModuleError" and error["requestId"] == ""
    assert error["errorMessage"] == "Unable to import module 'main': No module named 'nothing_of_that_name'"
    cloud.function("no-handler", "x = 1\n")
    assert invoke(lam, "no-handler")[1]["errorType"] == "Runtime.HandlerNotFound"
    cloud.function("no-syntax", "def handler(:\n")
    assert invoke(lam, "no-syntax")[1]["errorType"] == "Runtime.UserCodeSyntaxError"
    cloud.function("raises", "raise KeyError('at import')\n")
    assert invoke(lam, "raises")[1]["errorType"] == "KeyError"
    cloud.function("eats", "kept = [bytearray(4 << 20) for _ in range(1000)]\n")
    assert invoke(lam, "eats")[1]["errorType"] == "Runtime.OutOfMemory"


def test_context_and_environment(cloud, lam):
    cloud.function(
        "context",
        """
        import os
        def handler(event, context):
            return {
                "remaining": context.get_remaining_time_in_millis(), "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb, "custom": context.client_context.custom,
                "variables": {k: v for k, v in os.environ.items()}, "home": os.listdir("/root") if os.access("/root", os.R_OK) else [],
            }
        """,
        Environment={"Variables": {"MODE": "fast"}},
        MemorySize=192,
    )
    import base64

    given = base64.b64encode(json.dumps({"custom": {"a": 1}}).encode()).decode()
    payload = invoke(lam, "context", {}, ClientContext=given)[1]
    assert 0 < payload["remaining"] <= 10000 and payload["memory"] == "192" and payload["custom"] == {"a": 1}
    assert payload["arn"].endswith(":function:context")
    variables = payload["variables"]
    assert variables["MODE"] == "fast" and variables["_HANDLER"] == "main.handler"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "context" and variables["AWS_REGION"] == REGION
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert not [name for name in variables if name.startswith("PYFOPS")] and not payload["home"]
    assert variables["AWS_ACCESS_KEY_ID"] != cloud.environment["AWS_ACCESS_KEY_ID"]


def test_events_at_once_run_beside_each_other(cloud, lam):
    cloud.function(
        "beside",
        "import time, uuid\nme = uuid.uuid4().hex\ndef handler(event, context):\n    time.sleep(1.5)\n    return me\n",
    )
    with ThreadPoolExecutor(4) as pool:
        instances = list(pool.map(lambda _: invoke(lam, "beside")[1], range(4)))
    assert len(set(instances)) == 4


def test_event_and_dry_run(cloud, lam, several):
    assert lam.invoke(FunctionName=several, InvocationType="DryRun")["StatusCode"] == 204
    cloud.function("async", "def handler(event, context):\n    print('got', event)\n")
    assert lam.invoke(FunctionName="async", InvocationType="Event", Payload=b'{"n": 1}')["StatusCode"] == 202
    logs = cloud.client("logs")
    for _ in range(100):
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/async", filterPattern='"got"')["events"]
        except logs.exceptions.ResourceNotFoundException:
            events = []
        if events:
            break
        time.sleep(0.1)
    assert events[0]["message"] == "got {'n': 1}\n"


def test_payloads_that_are_refused(lam, several):
    with pytest.raises(
        ClientError, match="Could not parse request body into json: Could not parse payload into json"
    ):
        lam.invoke(FunctionName=several, Payload=b"{no json")
    with pytest.raises(lam.exceptions.RequestTooLargeException):
        lam.invoke(FunctionName=several, Payload=b'"' + b"x" * (6 << 20) + b'"')


def test_logs(cloud, lam):
    cloud.function("logged", "def handler(event, context):\n    print('line', event)\n")
    for i in range(5):
        invoke(lam, "logged", i)
    logs = cloud.client("logs")
    group = "/aws/lambda/logged"
    assert group in [
        g["logGroupName"] for g in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    ]
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d/\[\$LATEST\][0-9a-f]{32}|\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream
    )
    found = logs.filter_log_events(logGroupName=group, filterPattern='"REPORT RequestId"')["events"]
    assert len(found) == 5 and all(e["message"].startswith("REPORT RequestId") for e in found)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 4}
    )
    messages = [e["message"] for page in pages for e in page["events"]]
    assert [m for m in messages if m.startswith("line")] == ["line %d\n" % i for i in range(5)]
    assert messages[0].startswith("INIT_START Runtime Version: python:")
    head = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    assert [e["message"] for e in head] == messages
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.describe_log_streams(logGroupName=group)


def test_an_update_reaches_the_next_event(cloud, lam):
    from conftest import zipped

    cloud.function("changing", "def handler(event, context):\n    return 1\n")
    assert invoke(lam, "changing")[1] == 1
    first = lam.publish_version(FunctionName="changing")["Version"]
    cloud.faults(lambda__update_ms=1500)
    lam.update_function_code(
        FunctionName="changing", ZipFile=zipped({"main.py": "def handler(event, context):\n    return 2\n"})
    )
    assert invoke(lam, "changing")[1] == 1, "until the update is done the old code runs"
    lam.get_waiter("function_updated_v2").wait(FunctionName="changing")
    cloud.faults()
    assert invoke(lam, "changing")[1] == 2
    answer, payload, log = invoke(lam, "changing", Qualifier=first)
    assert payload == 1 and answer["ExecutedVersion"] == first and "Version: " + first in log

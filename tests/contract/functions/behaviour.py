# SPDX-License-Identifier: Apache-2.0
"""Exceptions, context, environment, output, files: what a handler may do beside returning."""

import asyncio
import logging
import os
import pathlib
import subprocess
import sys
import time


class OutOfStock(Exception):
    pass


def raises(event, context):
    raise ValueError("boom: \u00fc %s")


def raises_own(event, context):
    raise OutOfStock("no %d left" % event["n"])


def raises_without_message(event, context):
    raise RuntimeError


def raises_from_deep(event, context):
    def inner(n):
        return 1 / n

    return inner(0)


def missing_key(event, context):
    return event["no such key"]


def exits(event, context):
    sys.exit(3)


def interrupts(event, context):
    raise KeyboardInterrupt


def prints(event, context):
    print("to standard output")
    print("to standard error", file=sys.stderr)
    sys.stdout.write("without an end of line")
    logging.getLogger("mine").warning("through logging")
    context.log.info("through the context")
    return {"printed": True}


async def asynchronous(event, context):
    await asyncio.sleep(0.01)
    return {"slept": True, "event": event}


async def asynchronous_failure(event, context):
    await asyncio.sleep(0)
    raise LookupError("after an await")


def event_alone(event):
    return {"got": event}


def any_arguments(*arguments):
    return len(arguments)


class Callable:
    def __call__(self, event, context):
        return "from an object"


an_object = Callable()


def context_fields(event, context):
    return {
        "provider": isinstance(context.provider, str) and len(context.provider) > 1,
        "region": isinstance(context.region, str) and len(context.region) > 1,
        "function_name": isinstance(context.function_name, str) and len(context.function_name) > 1,
        "memory_mb": isinstance(context.memory_mb, int) and context.memory_mb >= 128,
        "request_id": isinstance(context.request_id, str) and len(context.request_id) >= 8,
        "deadline": 0 < context.deadline - time.time() <= 31,
        "remaining_ms": isinstance(context.remaining_ms(), int) and 0 < context.remaining_ms() <= 31000,
        "cold_start": isinstance(context.cold_start, bool),
    }


def where(event, context):
    return [context.provider, context.region, context.memory_mb]


def environment(event, context):
    return {
        "plain": os.environ.get("CONTRACT_TEXT"),
        "number": os.environ.get("CONTRACT_NUMBER"),
        "absent": os.environ.get("CONTRACT_ABSENT"),
        "probe key": os.environ.get("PYFOPS_PROBE_KEY"),
    }


def data_file(event, context):
    return pathlib.Path(__file__).with_name("data.txt").read_text(encoding="utf-8").splitlines()


def temporary_file(event, context):
    import tempfile

    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("kept for a while")
        file.seek(0)
        return file.read()


def child_process(event, context):
    return subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout


_calls = 0


def keeps_state(event, context):
    global _calls
    _calls += 1
    return _calls >= 1


def changes_the_event(event, context):
    event["list"].append("more")
    return event

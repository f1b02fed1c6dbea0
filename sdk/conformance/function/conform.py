# SPDX-License-Identifier: Apache-2.0
"""The function that the conformance suite deploys: gives its event back, or does what it is told."""

import hashlib
import os
import sys
import time

VERSION = "{{version}}"

_kept = []


def handler(event, context):
    told = type(event) is dict and len(event) == 1 and event.get("conform")
    if not told:
        return event
    what, *arguments = told
    return globals()["do_" + what](context, *arguments)


def do_version(context):
    return VERSION


def do_context(context):
    return {
        "provider": context.provider,
        "region": context.region,
        "function_name": context.function_name,
        "memory_mb": context.memory_mb,
        "remaining_ms": context.remaining_ms(),
    }


def do_environment(context, name):
    return hashlib.sha256(os.environ.get(name, "").encode()).hexdigest()


def do_sleep(context, seconds):
    time.sleep(seconds)
    return "slept"


def do_fill(context, megabytes):
    for _ in range(megabytes):
        _kept.append(os.urandom(1 << 10) * 1024)
    return len(_kept)


def do_answer(context, length):
    return "a" * length


def do_length(context, text):
    return len(text)


def do_raise(context, message):
    raise ValueError(message)


def do_raise_nothing(context):
    raise KeyError


def do_exit(context):
    sys.exit(3)


def do_die(context):
    os._exit(3)


def do_bytes(context):
    return b"bytes"


def do_print(context, lines):
    for line in lines:
        print(line, flush=True)
    return len(lines)

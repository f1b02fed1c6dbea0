# SPDX-License-Identifier: Apache-2.0
"""A deployment package in a temporary directory, and a process that calls it as Lambda's runtime would."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TEMPLATES = pathlib.Path(__file__).resolve().parents[2] / "templates" / "wrapper"

# Stands in for the runtime: one line in per event, one line out per answer.
DRIVER = """
import json, os, sys, time
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what handlers print is a log line, not an answer

class Native:
    function_name = "project-function"
    memory_limit_in_mb = "256"
    aws_request_id = "request-1"
    def __init__(self):
        self.end = time.time() + 30
    def get_remaining_time_in_millis(self):
        return int((self.end - time.time()) * 1000)

import _pyfops_aws
for line in sys.stdin:
    try:
        answer = {"ok": _pyfops_aws.handler(json.loads(line), Native())}
    except Exception as error:
        answer = {"type": type(error).__name__, "message": str(error)}
    out.write(json.dumps(answer) + "\\n")
    out.flush()
"""


class Package:
    """`files` maps paths to sources; the handler is `module:callable`."""

    def __init__(self, files, handler="main:handler", environment=None):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pyfops-wrapper-"))
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        for source in list((TEMPLATES / "aws").glob("*.py")) + list((TEMPLATES / "common").glob("*.py")):
            shutil.copy(source, self.root)
        module, name = handler.split(":")
        (self.root / "_pyfops_function.py").write_text("MODULE = %r\nCALLABLE = %r\n" % (module, name))
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "AWS_REGION": "eu-central-1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.environment.update(environment or {})
        self.exit_code = None
        self.log = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)

    def call(self, *events):
        """The answers, one for each event that got one."""
        done = subprocess.run(
            [sys.executable, "-c", DRIVER],
            cwd=self.root,
            env=self.environment,
            input="".join(json.dumps(event) + "\n" for event in events),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.exit_code = done.returncode
        self.log = done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def call_one(source, event=None, **options):
    """The answer of a handler in main.py."""
    with Package({"main.py": source}, **options) as package:
        return package.call({} if event is None else event)[0]


def probe(key, event, version=1):
    return {"__pyfops__": {"v": version, "key": key, "event": event}}


assert os.path.isdir(TEMPLATES)

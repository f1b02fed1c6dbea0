# SPDX-License-Identifier: Apache-2.0
"""The side of the proxy in OpenWhisk's action-loop protocol: prepares the action as the runtime's compiler does,
starts it, and passes events and results on. Python 3.9 syntax."""

import json
import os
import subprocess
import sys

from pyfops_instance import Fault, serve

ACTION = "/tmp/action"
LOOP = "/opt/pyfops-runtime/pyfops_action_loop.py"


def prepare(task):
    """The entry file becomes main__.py; everything else keeps its place."""
    os.mkdir(ACTION)
    for name in os.listdir(task):
        os.symlink(
            os.path.join(task, name), os.path.join(ACTION, "main__.py" if name == "__main__.py" else name)
        )
    if not os.path.exists(os.path.join(ACTION, "main__.py")):
        raise Fault("Runtime.InvalidCode", "there is no __main__.py in the action")


def result_pipe():
    """A pipe whose writing end is descriptor 3, where the action expects it."""
    reading, writing = os.pipe()
    if reading == 3:
        reading = os.dup(reading)
        os.close(3)
    if writing != 3:
        os.dup2(writing, 3)
        os.close(writing)
    return reading


class Action:
    def __init__(self, main):
        reading = result_pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-u", LOOP, main], cwd=ACTION, stdin=subprocess.PIPE, pass_fds=(3,)
        )
        os.close(3)
        self.results = os.fdopen(reading, "rb")
        if self.results.readline().strip() != b'{"ok": true}':
            raise Fault("Runtime.InvalidCode", "the action did not start: %d" % self.process.wait())

    def run(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        result = self.results.readline()
        if not result:
            # As the action ended, so does the instance.
            code = self.process.wait()
            os._exit(code if code > 0 else 1)
        return result.strip()


def load():
    prepare(sys.argv[1])
    action = Action(sys.argv[2])

    def answer(_, body):
        result = action.run(body)
        if not isinstance(json.loads(result), (dict, list)):
            raise Fault("Runtime.BadAnswer", "the action did not return a dictionary or array")
        return result, "application/json"

    return answer


serve(load)

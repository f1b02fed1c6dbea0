# SPDX-License-Identifier: Apache-2.0
"""Functions that misbehave when they are called: told for that deployment, the others go on."""

import json
import os
import time
import unittest

from harness import ECHO, BadInput, until

ENDLESS = "def handler(event):\n    while True:\n        pass\n"
GREEDY = """\
def handler(event):
    kept = []
    while True:
        kept.append(bytearray(b"x" * 10_000_000))
"""
BOMB = """\
import os, time
def handler(event):
    children = 0
    try:
        for _ in range(100_000):
            if os.fork() == 0:
                time.sleep(1000)
                os._exit(0)
            children += 1
    except OSError as error:
        raise ChildProcessError("no more than %s" % ("many" if children > 50 else children)) from None
    return children
"""
FORKED = """\
import os, time
def handler(event):
    if os.fork() == 0:
        time.sleep(1000)
        os._exit(0)
    return event
"""
# A thread that asks for events beside the runtime, as the Runtime API does not allow.
SECOND_ASKER = """\
import http.client, os, threading, time
answers = []
def ask():
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while not answers:
        time.sleep(0.1)
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        answer = connection.getresponse()
        if b"waits for an event already" in answer.read():
            answers.append(answer.status)
threading.Thread(target=ask, daemon=True).start()
def handler(event):
    return answers
"""

# What each does, and what the report says of it: the cause, and a part of the sentence.
BAD = {
    "raises": (
        "def handler(event):\n    raise LookupError('not on my shelf')\n",
        "raised",
        "LookupError: not on my shelf",
    ),
    "nojson": (
        "def handler(event):\n    return {'set': {1, 2}}\n",
        "bad answer",
        "Runtime.MarshalError: Unable to marshal response: answer['set'] is a set: return a list",
    ),
    "endless": (
        {"source": ENDLESS, "timeout": 1},
        "timed out",
        "Task timed out after 1.00 seconds (a larger `timeout` gives it more time)",
    ),
    "greedy": (
        {"source": GREEDY, "memory": 128},
        "out of memory",
        "Runtime.OutOfMemory: Runtime exited with error: signal: killed (a larger `memory`",
    ),
    "leaves": (
        "import sys\ndef handler(event):\n    sys.exit(3)\n",
        "exited",
        "Runtime.ExitError: The handler called sys.exit(3)",
    ),
    "vanishes": (
        "import os\ndef handler(event):\n    os._exit(0)\n",
        "exited",
        "Runtime.ExitError: Runtime exited without providing a reason",
    ),
    "huge": (
        "def handler(event):\n    return 'x' * 7_000_000\n",
        "bad answer",
        "Response payload size exceeded maximum allowed payload size",
    ),
}
GOOD = {
    "good": ECHO,
    "prints": "def handler(event):\n    for _ in range(200):\n        print('x' * 50_000)\n    return event\n",
    "forked": FORKED,
}


class Handlers(BadInput):
    def test_each_is_told_and_the_others_go_on(self):
        self.project(
            {
                **{name: given for name, (given, _, _) in BAD.items()},
                "bomb": {"source": BOMB, "memory": 1024, "timeout": 20},
                **GOOD,
            }
        )
        result = self.check("run", "--json", code=1, says="of 11 deployments failed")
        units = {name: unit for (name, _), unit in result.units().items()}
        for name, (_, cause, text) in BAD.items():
            with self.subTest(handler=name):
                test = units[name]["tests"][0]
                self.assertEqual(test["error"]["cause"], cause, test)
                self.assertIn(text, test["reason"])
                self.assertEqual((units[name]["reached"], units[name]["failure"]), ("test", None))
                self.assertRegex(
                    result.stderr, rf"{name} aws/eu-central-1.*\nfailed: test 'echo': the function failed:"
                )
        for name in GOOD:
            with self.subTest(handler=name):
                self.assertTrue(units[name]["succeeded"], units[name])
        # The limit of processes or that of memory, whichever is reached first.
        bomb = units["bomb"]["tests"][0]
        self.assertIn(
            bomb["error"] and bomb["error"]["type"], ("ChildProcessError", "Runtime.OutOfMemory"), bomb
        )
        self.assert_rows(11, 11)
        verdicts = dict(self.sql("SELECT passed, COUNT(*) FROM pyfops_test_result GROUP BY passed"))
        self.assertEqual((verdicts[1], verdicts[0]), (3, 8))
        # Nothing of it harms a later call.
        again = self.check(
            "invoke", "vanishes", "{}", code=1, says="Runtime exited without providing a reason"
        )
        self.assertEqual(again.stdout, "")
        self.check("invoke", "good", "{}", code=0)
        self.check("destroy", "--yes", code=0)
        self.assert_nothing_in_the_cloud()

    def test_events_are_given_to_one_at_a_time(self):
        self.project({"asker": SECOND_ASKER})
        self.check("run", code=0)
        until(
            lambda: json.loads(self.check("invoke", "asker", "{}", code=0).stdout) == [403],
            "the second was refused",
        )
        # Two that waited at once once woke each other for ever: the cloud is idle now.
        spent = self.cpu_seconds()
        time.sleep(1)
        self.assertLess(self.cpu_seconds() - spent, 0.5)

    def cpu_seconds(self):
        with open(f"/proc/{self.cloud.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and kill -9 in the middle of a deployment: what is there is recorded or found again, never made twice."""

import json
import os
import signal
import time
import unittest

from harness import ECHO, BadInput, sandboxes, until

# The requests of a first run that act, or after which something is there that is not recorded yet.
FIRST = (
    "sts:GetCallerIdentity",
    "iam:CreateRole",
    "iam:AttachRolePolicy",
    "lambda:CreateFunction",
    "lambda:Invoke",
)
UPDATE = ("lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode", "lambda:TagResource")


class Interruption(BadInput):
    def hold(self, operation, when, nth=1):
        self.cloud.faults({"operation": operation, "nth": nth, "action": "hold", "when": when})

    def start_until_held(self, *words):
        process = self.start(*words)
        until(lambda: self.cloud.held() or process.poll() is not None, "the request is held")
        if process.poll() is not None:
            self.fail("ended before the request: " + str(self.finish(process)))
        return process

    def kill(self, operation, when, nth=1):
        """kill -9 while the request is held, before or after the cloud acted on it."""
        self.hold(operation, when, nth)
        process = self.start_until_held("run")
        process.kill()
        self.assertEqual(self.finish(process).code, -signal.SIGKILL)
        self.cloud.control("POST", "faults/release", {"abandon": True} if when == "before" else {})
        until(lambda: not self.cloud.held(), "nothing is held")

    def test_kill_9_in_a_first_run(self):
        base = self.name
        for operation in FIRST:
            for when in ("before", "after"):
                with self.subTest(operation=operation, when=when):
                    self.name = f"{base[:14]}-{operation.split(':')[1].lower()}-{when[0]}"
                    self.folder = os.path.join(self.shared, self.name)
                    self.project()
                    self.kill(operation, when)
                    self.assert_converges(1)

    def test_kill_9_between_two_deployments(self):
        """The first is complete, the second is on its way."""
        self.project(regions=("eu-central-1", "us-east-1"))
        self.kill("lambda:CreateFunction", "after", nth=2)
        self.assert_converges(2)

    def test_kill_9_in_an_update(self):
        base = self.name
        for operation in UPDATE:
            for when in ("before", "after"):
                with self.subTest(operation=operation, when=when):
                    self.name = f"{base[:10]}-{operation.split(':')[1].lower()}-{when[0]}"
                    self.folder = os.path.join(self.shared, self.name)
                    self.project()
                    self.check("run", code=0)
                    # Another answer, so that code from before cannot pass for the new one.
                    self.project(
                        {
                            "good": {
                                "source": "def handler(event):\n    return 'new'\n",
                                "timeout": 7,
                                "tests": [{"name": "new", "input": {}, "expect": "new"}],
                            }
                        }
                    )
                    self.kill(operation, when)
                    self.assert_converges(1)
                    configuration = self.function_configuration()
                    self.assertEqual(configuration["Timeout"], 7)

    def test_kill_9_in_a_destroy(self):
        base = self.name
        for operation in ("lambda:DeleteFunction", "iam:DeleteRole"):
            for when in ("before", "after"):
                with self.subTest(operation=operation, when=when):
                    self.name = f"{base[:14]}-{operation.split(':')[1].lower()}-{when[0]}"
                    self.folder = os.path.join(self.shared, self.name)
                    self.project()
                    self.check("run", code=0)
                    self.hold(operation, when)
                    process = self.start_until_held("destroy", "--yes")
                    process.kill()
                    self.finish(process)
                    self.cloud.control(
                        "POST", "faults/release", {"abandon": True} if when == "before" else {}
                    )
                    self.cloud.faults()
                    self.check("destroy", "--yes", code=0)
                    self.assert_nothing_in_the_cloud()
                    self.assert_rows(deployed=0, total=1)
                    self.assert_converges(1)

    def test_a_destroy_of_one_region_leaves_the_role_to_the_other(self):
        self.project(regions=("eu-central-1", "us-east-1"))
        self.check("run", code=0)
        self.check("destroy", "--yes", "--only", "region=us-east-1", code=0)
        self.assertEqual(len(self.cloud.roles(self.name)), 1)
        self.check("test", "--only", "region=eu-central-1", code=0)
        self.check("destroy", "--yes", code=0)
        self.assert_nothing_in_the_cloud()

    def function_configuration(self):
        (function,) = (
            document
            for key, document in self.cloud.documents("aws/functions").items()
            if key == f"eu-central-1/{self.name}-good"
        )
        return function["latest"]["config"]

    def interrupt(self, process, how=signal.SIGINT):
        process.send_signal(how)
        result = self.finish(process, timeout=30)
        self.assertEqual(result.code, 130, result)
        self.assertEqual(os.listdir(self.temporary), [])
        self.cloud.control("POST", "faults/release", {"abandon": True})
        return result

    def test_ctrl_c_while_a_request_is_under_way(self):
        base = self.name
        for when in ("before", "after"):
            for how in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(when=when, how=how):
                    self.name = f"{base[:14]}-{when}-{how.name.lower()}"
                    self.folder = os.path.join(self.shared, self.name)
                    self.project({"good": ECHO, "other": ECHO})
                    self.hold("lambda:CreateFunction", when)
                    process = self.start_until_held("run", "--json")
                    result = self.interrupt(process, how)
                    document = json.loads(result.stdout)
                    self.assertTrue(document["cancelled"])
                    self.assertIn("cancelled", {unit["verdict"] for unit in document["deployments"]})
                    self.assertIn("cancelled", result.stderr)
                    # What was under way is recorded, and the run has an end.
                    self.assertEqual(
                        self.sql("SELECT COUNT(*) FROM pyfops_stage WHERE error_kind = 'cancelled'")[0][0]
                        > 0,
                        True,
                    )
                    runs = self.sql("SELECT succeeded, finished FROM pyfops_run")
                    self.assertEqual(len(runs), 1)
                    self.assertEqual(runs[0][0], 0)
                    self.assertTrue(runs[0][1])
                    self.assert_converges(2)

    def test_ctrl_c_while_a_function_runs(self):
        self.project(
            {"slow": {"source": "import time\ndef handler(event):\n    time.sleep(60)\n", "timeout": 100}}
        )
        process = self.start("run")
        until(
            lambda: (
                self.cloud.functions(self.name)
                and self.sql("SELECT COUNT(*) FROM pyfops_stage WHERE stage = 'deploy'")[0][0] == 1
            ),
            "it is deployed",
        )
        result = self.interrupt(process)
        self.assertIn("cancelled", result.stdout + result.stderr)
        self.assert_rows(deployed=1, total=1)

    def test_ctrl_c_while_a_handler_is_checked(self):
        self.project({"hanging": "while True:\n    pass\n"})
        process = self.start("run")
        until(lambda: sandboxes(process.pid), "the sandbox runs")
        self.interrupt(process)
        self.assert_nothing_in_the_cloud()

    def test_the_second_ctrl_c_leaves_at_once(self):
        self.project()
        self.hold("lambda:CreateFunction", "before")
        process = self.start_until_held("run")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        self.assertEqual(self.finish(process).code, 130)
        self.assertLess(time.monotonic() - start, 10)
        self.cloud.control("POST", "faults/release", {"abandon": True})
        self.assert_converges(1)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The whole way on the local cloud: the program, the emulator and the sandbox as a user runs them."""

import json
import os
import signal
import subprocess
import time

from harness import PROGRAM, ProgramTest

PROJECT = """\
project: demo
functions:
  - name: hello
    source: hello
    handler: hello:handler
    tests:
      - {name: echo, input: {a: 1}, expect: {a: 1}}
deployments:
  - {provider: aws, regions: [eu-central-1, us-east-1]}
"""
HANDLER = """\
def handler(event):
    if event.get("fail"):
        raise ValueError("as you wish")
    print("called \\x1b[31m")
    return event
"""


class Local(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", PROJECT)
        self.write("hello/hello.py", HANDLER)
        self.addCleanup(self.wait_for_the_end)

    def wait_for_the_end(self):
        """The local cloud ends by itself soon after the last command; its folder must not go before."""
        state = os.path.join(self.folder, ".pyfops/local/emulator.json")
        if os.path.exists(state):
            with open(state, encoding="utf-8") as file:
                os.kill(json.load(file)["pid"], signal.SIGTERM)
        for _ in range(200):
            if not os.path.exists(state):
                return
            time.sleep(0.05)

    def listed(self, *words):
        return self.document("list", "--local", *words, schema="pyfops.list/1")["deployments"]

    def test_the_life_of_a_deployment_in_separate_processes(self):
        report = self.document("run", "--local", schema="pyfops.run/1")
        self.assertEqual(
            [unit["verdict"].split(",")[0] for unit in report["deployments"]], ["1/1 passed"] * 2
        )
        links = {unit["deployment"]["link"] for unit in report["deployments"]}
        self.assertEqual(len(links), 2)
        again = self.document("deploy", "--local", schema="pyfops.run/1")
        self.assertEqual({unit["deployment"]["action"] for unit in again["deployments"]}, {"unchanged"})
        self.assertEqual(
            {
                unit["action"]
                for unit in self.document("plan", "--local", schema="pyfops.plan/1")["deployments"]
            },
            {"unchanged"},
        )
        self.assertEqual({row["link"] for row in self.listed()}, links)
        self.assertEqual({row["link"] for row in self.listed("--from-cloud")}, links)

        several = self.check("invoke", "hello", "{}", "--local", code=2).stderr
        self.assertIn("region=us-east-1", several)
        one = ("--local", "--only", "region=us-east-1")
        answer = self.check("invoke", "hello", '{"b": [1, null, "x"]}', *one)
        self.assertEqual(json.loads(answer.stdout), {"b": [1, None, "x"]})
        self.assertEqual(
            json.loads(self.check("invoke", "hello", "-", *one, input='{"c": 2}').stdout), {"c": 2}
        )
        failed = self.check("invoke", "hello", '{"fail": true}', *one, code=1)
        self.assertEqual(failed.stdout, "")
        self.assertIn("function error: ValueError: as you wish", failed.stderr)
        self.assertTrue(
            any(
                "called" in line["text"]
                for line in self.document("logs", "hello", *one, schema="pyfops.logs/1")["lines"]
            )
        )
        self.document("test", "--local", "--repeat", "2", schema="pyfops.run/1")

        self.assertTrue(self.document("destroy", "--local", "--yes", schema="pyfops.destroy/1")["succeeded"])
        self.assertEqual(self.listed(), [])
        self.assertEqual(self.listed("--from-cloud"), [])
        self.assertEqual({row["state"] for row in self.listed("--all")}, {"destroyed"})
        self.assertFalse(os.path.exists(self.folder + "/.pyfops/afcl.db"), "the real record is not touched")

    def test_two_at_once_make_one_of_everything(self):
        both = [
            subprocess.Popen(
                [PROGRAM, "run", "--local", "--json"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for process in both:
            output, errors = process.communicate(timeout=100)
            self.assertEqual(process.returncode, 0, output + errors)
        self.assertEqual(len(self.listed()), 2)
        self.assertEqual(len(self.listed("--from-cloud")), 2)

    def interrupted(self, how):
        """Stops a run after its first deployment was begun; returns the process's end."""
        self.write("hello/hello.py", HANDLER + "\nimport time\ntime.sleep(1)\n")
        process = subprocess.Popen(
            [PROGRAM, "run", "--local", "-v"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in process.stderr:
            if "deploying" in line or "testing" in line:
                break
        process.send_signal(how)
        process.communicate(timeout=60)
        return process.returncode

    def test_ctrl_c_ends_orderly_and_the_next_run_converges(self):
        self.assertEqual(self.interrupted(signal.SIGINT), 130)
        self.check("run", "--local")
        self.assertEqual(len(self.listed("--from-cloud")), len(self.listed()))

    def test_after_kill_9_the_next_run_converges(self):
        self.assertEqual(self.interrupted(signal.SIGKILL), -signal.SIGKILL)
        self.check("run", "--local")
        self.assertEqual([row["state"] for row in self.listed()], ["deployed"] * 2)
        self.assertEqual(len(self.listed("--from-cloud")), 2)

    def test_the_foreground_cloud_says_where_it_is_and_ends_at_ctrl_c(self):
        process = subprocess.Popen(
            [PROGRAM, "emulate"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.assertIn("http://127.0.0.1:", process.stdout.readline())
        self.assertIn("export AWS_ENDPOINT_URL=", self.check("emulate", "--print-env").stdout)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

# SPDX-License-Identifier: Apache-2.0
"""The whole way on the local cloud: the program, the emulator and the sandbox as a user runs them."""

import json
import os
import signal
import subprocess
import urllib.request

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
        for row in self.document("report", "--local", schema="pyfops.report/1")["deployments"]:
            self.assertEqual((row["invocations"], row["success_rate"]), (1, 1), row)
            self.assertGreater(row["avg_rtt_ms"], 0)
        afcl = self.document("report", "--local", "--afcl", schema="pyfops.report-afcl/1")
        self.assertEqual(afcl["differences"], [])
        self.assertEqual(set(afcl["implementations"][0]["links"]), links)
        self.assertEqual(self.document("report", schema="pyfops.report/1")["deployments"], [])

        several = self.check("invoke", "hello", "{}", "--local", code=2).stderr
        self.assertIn("region=us-east-1", several)
        one = ("--local", "--only", "region=us-east-1")
        answer = self.check("invoke", "hello", '{"b": [1, null, "x"]}', *one)
        self.assertEqual(json.loads(answer.stdout), {"b": [1, None, "x"]})
        self.assertEqual(
            json.loads(self.check("invoke", "hello", "-", *one, input='{"c": 2}').stdout), {"c": 2}
        )
        self.assertEqual(
            self.check("invoke", "hello", '{"b": 2.0, "c": [-0.5]}', "--compact", *one).stdout,
            '{"b":2.0,"c":[-0.5]}\n',
        )
        self.assertIn("called", self.check("invoke", "hello", "{}", "--logs", "-q", *one).stderr)
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

    def test_a_region_that_cannot_be_asked_is_a_row_with_a_reason(self):
        self.check("run", "--local")
        state = os.path.join(self.folder, ".pyfops/local/emulator.json")
        with open(state, encoding="utf-8") as file:
            about = json.load(file)
        plan = {"settings": {"regions.disabled": ["us-east-1"]}}
        request = urllib.request.Request(
            about["base_url"] + "/_pyfops/faults",
            data=json.dumps(plan).encode(),
            headers={"Authorization": "Bearer " + about["token"]},
        )
        urllib.request.urlopen(request, timeout=30).close()
        listed = self.check("list", "--local", "--from-cloud", "--json", code=1)
        rows = {row["region"]: row for row in json.loads(listed.stdout)["deployments"]}
        self.assertEqual(rows["eu-central-1"]["state"], "found")
        self.assertIsNone(rows["eu-central-1"]["failure"])
        self.assertEqual((rows["us-east-1"]["state"], rows["us-east-1"]["function"]), ("unknown", "*"))
        self.assertEqual(rows["us-east-1"]["failure"]["kind"], "unauthenticated")
        self.assertIn("aws/us-east-1\nerror: listing aws/us-east-1", listed.stderr)
        one = ("--only", "region=eu-*")
        self.assertEqual(len(self.listed("--from-cloud", *one)), 1)
        # Without a single answer it is the credentials that are wrong.
        self.check("list", "--local", "--from-cloud", "--only", "region=us-*", code=3)

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

    def test_nothing_is_run_from_a_folder_that_everybody_may_write_to(self):
        state = os.path.join(self.folder, ".pyfops")
        os.mkdir(state)
        os.chmod(state, 0o777)
        for words in (("run", "--local"), ("emulate", "--state", state)):
            refused = self.check(*words, code=2 if words[0] == "run" else 1)
            self.assertIn("every user of this machine may write to " + state, refused.stderr)
            self.assertIn("chmod go-w " + state, refused.stderr)
        found = self.document("doctor", code=1, schema="pyfops.doctor/1")["checks"]
        self.assertIn(
            f"every user of this machine may write to {state}",
            [one["text"] for one in found if one["state"] == "problem"],
        )
        os.chmod(state, 0o755)
        self.check("run", "--local")

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

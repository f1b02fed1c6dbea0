# SPDX-License-Identifier: Apache-2.0
"""The search for the minimum memory: real functions, killed by the kernel where their memory is too small."""

import json

from harness import ProgramTest

HUNGRY = """\
def handler(event, context):
    block = bytearray(event["mb"] << 20)
    for i in range(0, len(block), 4096):
        block[i] = 1
    return {"mb": len(block) >> 20}
"""
FUNCTION = {
    "name": "hungry",
    "source": "hungry",
    "handler": "hungry:handler",
    "timeout": 60,
    "tests": [
        {"name": "little", "input": {"mb": 10}, "expect": {"mb": 10}},
        {"name": "much", "input": {"mb": 600}, "expect": {"mb": 600}},
    ],
}


class Tune(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("hungry/hungry.py", HUNGRY)
        self.addCleanup(self.wait_for_the_end)

    def project(self, deployments, **changes):
        self.write(
            "pyfops.yaml",
            json.dumps(
                {"project": "demo", "functions": [{**FUNCTION, **changes}], "deployments": deployments}
            ),
        )

    def rows(self, *words, code=0):
        return self.document(*words, "--local", schema="pyfops.run/1", code=code, timeout=240)["deployments"]

    def test_the_smallest_size_on_five_clouds(self):
        self.project(
            [
                {"provider": "aws", "regions": ["eu-central-1", "us-east-1"]},
                {"provider": "google", "regions": ["europe-west1"]},
                {"provider": "azure", "regions": ["westeurope"]},
                {"provider": "ibm", "regions": ["eu-de"]},
                {"provider": "alibaba", "regions": ["eu-central-1"]},
            ],
        )
        rows = self.rows("run")
        self.assertEqual({row["verdict"].split(",")[0] for row in rows}, {"2/2 passed"}, rows)
        # 600 MB and what Python and the provider's library take; the steps are of 64 MB, or a list.
        allowed = {
            "aws": range(640, 833),
            "alibaba": range(640, 833),
            "google": [1024],
            "azure": [2048],
            "ibm": [1024],
        }
        for row in rows:
            tuning = row["tuning"]
            self.assertIn(tuning["minimum_mb"], allowed[row["provider"]], row)
            self.assertEqual(row["memory_mb"], tuning["minimum_mb"])
            self.assertEqual(tuning["doubts"], [])
            for probe in tuning["probes"]:
                passes = probe["memory_mb"] >= tuning["minimum_mb"]
                self.assertEqual(probe["verdict"], "passed" if passes else "too small", probe)
        shared = [row["tuning"]["found_in"] for row in rows if row["provider"] == "aws"]
        self.assertEqual(sorted(shared)[0], "")
        self.assertIn(sorted(shared)[1], ("eu-central-1", "us-east-1"))

        recorded = self.document("report", "--local", schema="pyfops.report/1")["deployments"]
        found = {(row["provider"], row["region"]): row["memory_mb"] for row in rows}
        for row in recorded:
            place = (row["provider"], row["region"])
            self.assertEqual((row["minimum_memory_mb"], row["memory_mb"]), (found[place], found[place]))
        probes = self.document("report", "--probes", "--local", schema="pyfops.report-probes/1")["probes"]
        self.assertEqual(len(probes), sum(len(row["tuning"]["probes"]) for row in rows))

        again = self.rows("run")
        self.assertTrue(all(row["tuning"]["known"] for row in again))
        self.assertEqual({row["deployment"]["action"] for row in again}, {"unchanged"})
        plan = self.document("plan", "--local", schema="pyfops.plan/1")["deployments"]
        self.assertEqual({row["action"] for row in plan}, {"unchanged"})

    def test_an_objective_and_the_trail(self):
        self.project(
            [{"provider": "aws", "regions": ["eu-central-1"]}], tests=FUNCTION["tests"][:1], memory="auto"
        )
        run = self.check("tune", "--local", "--objective", "cost")
        self.assertIn("hungry aws/eu-central-1: minimum 128 MB", run.stdout)
        self.assertIn("10240 MB  passed", run.stdout)
        self.assertIn("USD a million", run.stdout)
        self.assertIn("best in duration or price:", run.stdout)

    def test_a_wrong_function_is_not_called_small(self):
        self.project(
            [{"provider": "google", "regions": ["europe-west1"]}],
            tests=[{"name": "never", "input": {"mb": 1}, "expect": {"mb": 2}}],
        )
        [row] = self.rows("run", code=1)
        self.assertEqual((row["verdict"], row["failure"]), ("0/1 passed", None))
        [notice] = row["notices"]
        self.assertIn("the largest size there is: 'never': at /mb: expected 2, got 1", notice)
        self.assertIn("more memory does not help", notice)
        self.assertIsNone(row["tuning"]["minimum_mb"])
        self.assertEqual(row["memory_mb"], 256)

    def test_the_budget_and_what_is_fixed(self):
        self.project([{"provider": "aws", "regions": ["eu-central-1"]}])
        [row] = self.rows("tune", "--max-invocations", "3", code=1)
        self.assertEqual(row["failure"]["kind"], "limit_exceeded")
        self.assertIn("budget of 3 invocations", row["failure"]["message"])
        self.assertIsNone(row["tuning"]["minimum_mb"])
        # Left at the size that passed.
        [listed] = self.document("list", "--local", "--from-cloud", schema="pyfops.list/1")["deployments"]
        self.assertEqual(listed["memory_mb"], 10240)
        self.project([{"provider": "aws", "regions": ["eu-central-1"]}], memory=256)
        self.assertIn("fixed memory", self.check("tune", "--local", code=2).stderr)

# SPDX-License-Identifier: Apache-2.0
"""`pyfops report` on databases made by hand."""

import csv
import io
import json
import os
import sqlite3

from harness import ProgramTest

PROJECT = """\
project: demo
functions:
  - name: hello
    source: hello
    handler: hello:handler
deployments:
  - {provider: aws, regions: [eu-central-1, us-east-1]}
"""


def link(region, name="hello"):
    return f"arn:aws:lambda:{region}:123456789012:function:demo-{name}"


class Report(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", PROJECT)
        self.write("hello/hello.py", "def handler(event):\n    return event\n")

    def fill(self):
        self.check("db", "migrate")
        database = sqlite3.connect(self.folder + "/.pyfops/afcl.db")
        with database:
            self.rows(database)
        database.close()

    @staticmethod
    def rows(database):
        one = database.execute
        one("INSERT INTO functiontype (id, name, type) VALUES (7, 'hello', 'helloType')")
        for fi, project, realm in ((11, "demo", "real"), (12, "demo", "local"), (13, "other", "real")):
            one(
                "INSERT INTO functionimplementation (id, name, functionType_id, provider, packageSize) "
                "VALUES (?, ?, 7, 1, 2048)",
                (fi, f"hello{fi}AWSPython"),
            )
            one(
                "INSERT INTO pyfops_fi (fi_id, identity, project, function_name, provider, realm) "
                "VALUES (?, ?, ?, 'hello', 'aws', ?)",
                (fi, f"fi{fi}", project, realm),
            )
        for fd, fi, project, region, realm, state in (
            (21, 11, "demo", "eu-central-1", "real", "deployed"),
            (22, 11, "demo", "us-east-1", "real", "destroyed"),
            (23, 12, "demo", "eu-central-1", "local", "deployed"),
            (24, 13, "other", "eu-central-1", "real", "deployed"),
        ):
            one(
                "INSERT INTO functiondeployment (id, name, functionImplementation_id, KMS_Arn, description, "
                "handlerName, isDeployed, memorySize, timeout, minMemorySize, avgDeploymentTime) "
                "VALUES (?, ?, ?, ?, '', '', 1, 256, 30, 192, 1500.5)",
                (fd, f"fd{fd}", fi, link(region, f"hello-{fd}")),
            )
            one(
                "INSERT INTO pyfops_fd (fd_id, identity, project, function_name, provider, region, realm, slot, "
                "state, cloud_name, package_bytes, deployment_ms, updated) VALUES "
                "(?, ?, ?, 'hello', 'aws', ?, ?, 'auto', ?, 'demo-hello', 2048, 900, '2026-11-23T06:47:00Z')",
                (fd, f"id{fd}", project, region, realm, state),
            )
        one(
            "UPDATE functiondeployment SET avgRTT = 120.5, avgRuntime = 20, avgCost = 0.0000002, successRate = "
            "0.75, invocations = 4 WHERE id = 21"
        )
        for run, project, realm, summary in (
            (1, "demo", "real", "=cmd|' /C calc'!A0"),
            (2, "demo", "local", "fine"),
            (3, "other", "real", "fine"),
        ):
            one(
                "INSERT INTO pyfops_run (id, uuid, project, command, realm, started, finished, succeeded, summary, "
                "pyfops_version) VALUES (?, ?, ?, 'tune', ?, '2026-11-23T06:47:00Z', '2026-11-23T06:48:00Z', 0, ?, "
                "'0.1')",
                (run, f"uuid-{run}", project, realm, summary),
            )
        for run, identity, project, realm, ordinal, verdict, reason in (
            (1, "id21", "demo", "real", 1, "passed", ""),
            (1, "id21", "demo", "real", 2, "too small", 'killed, "out of memory"\n\x1b[31m'),
            (2, "id23", "demo", "local", 1, "passed", ""),
        ):
            one(
                "INSERT INTO pyfops_probe (run_id, identity, project, function_name, provider, region, realm, slot, "
                "ordinal, memory_mb, verdict, reason, calls, doubtful, at, peak_mb) VALUES (?, ?, ?, 'hello', 'aws', "
                "'eu-central-1', ?, 'auto', ?, 256, ?, ?, 3, 0, '2026-11-23T06:47:30Z', 130.5)",
                (run, identity, project, realm, ordinal, verdict, reason),
            )

    def csv(self, *words):
        raw = self.raw("report", *words, "--csv")
        self.assertTrue(raw.endswith(b"\r\n"))
        return list(csv.DictReader(io.StringIO(raw.decode(), newline=""), strict=True))

    def raw(self, *words):
        """The bytes of stdout: text mode would change line ends."""
        with open(self.folder + "/out", "wb") as file:
            self.check(*words, stdout=file)
        with open(self.folder + "/out", "rb") as file:
            return file.read()

    def test_the_deployments(self):
        self.fill()
        document = self.document("report", schema="pyfops.report/1")
        self.assertEqual(
            document["deployments"],
            [
                {
                    "project": "demo",
                    "function": "hello",
                    "provider": "aws",
                    "region": "eu-central-1",
                    "realm": "real",
                    "slot": "auto",
                    "name": "fd21",
                    "state": "deployed",
                    "memory_mb": 256,
                    "minimum_memory_mb": 192,
                    "package_bytes": 2048,
                    "deployment_ms": 900,
                    "avg_rtt_ms": 120.5,
                    "avg_runtime_ms": 20,
                    "avg_cost_usd": 2e-7,
                    "success_rate": 0.75,
                    "invocations": 4,
                    "link": link("eu-central-1", "hello-21"),
                    "updated": "2026-11-23T06:47:00Z",
                }
            ],
        )
        text = self.check("report").stdout
        for part in (
            "256 MB",
            "192 MB",
            "2.0 KiB",
            "900 ms",
            "120.5 ms",
            "2e-07 USD",
            "75 %",
            link("eu-central-1", "hello-21"),
        ):
            self.assertIn(part, text)
        rows = self.csv()
        self.assertEqual(list(rows[0]), list(document["deployments"][0]))
        self.assertEqual(rows[0]["avg_rtt_ms"], "120.5")
        self.assertEqual(len(self.csv("--all")), 2)
        self.assertEqual([row["name"] for row in self.csv("--all", "--only", "region=us-*")], ["fd22"])
        self.assertEqual([row["name"] for row in self.csv("--all-projects")], ["fd21", "fd24"])

    def test_the_realms_are_never_mixed(self):
        self.fill()
        shared = ("--database", "sqlite:.pyfops/afcl.db")
        for kind, count in (((), 1), (("--runs",), 1), (("--probes",), 1), (("--afcl",), 2)):
            rows = self.csv("--local", *shared, *kind, "--all", "--all-projects")
            self.assertEqual({row["realm"] for row in rows}, {"local"}, rows)
            self.assertEqual(len(rows), count)
        for kind in ((), ("--runs",), ("--probes",)):
            rows = self.csv(*shared, *kind, "--all", "--all-projects")
            self.assertEqual({row["realm"] for row in rows}, {"real"})

    def test_the_runs(self):
        self.fill()
        document = self.document("report", "--runs", schema="pyfops.report-runs/1")
        self.assertEqual([run["uuid"] for run in document["runs"]], ["uuid-1"])
        self.assertEqual(document["runs"][0]["probes"], 2)
        self.assertIs(document["runs"][0]["succeeded"], False)
        rows = self.csv("--runs")
        self.assertEqual(list(rows[0]), list(document["runs"][0]))
        self.assertEqual(rows[0]["summary"], "'=cmd|' /C calc'!A0", "no formula for a spreadsheet")
        self.assertIn("tune", self.check("report", "--runs").stdout)
        self.assertIn(
            "a run has several", self.check("report", "--runs", "--only", "provider=aws", code=2).stderr
        )

    def test_the_probes(self):
        self.fill()
        document = self.document("report", "--probes", schema="pyfops.report-probes/1")
        self.assertEqual([probe["verdict"] for probe in document["probes"]], ["passed", "too small"])
        rows = self.csv("--probes")
        self.assertEqual(list(rows[0]), list(document["probes"][0]))
        self.assertEqual(rows[1]["reason"], 'killed, "out of memory"\n\x1b[31m')
        self.assertEqual(rows[1]["cost_usd"], "")
        text = self.check("report", "--probes").stdout
        self.assertIn("130.5 MB", text)
        self.assertNotIn("\x1b", text)
        self.assertEqual(self.csv("--probes", "--only", "function=other"), [])

    def test_the_values_of_afcl(self):
        self.fill()
        document = self.document("report", "--afcl", schema="pyfops.report-afcl/1")
        (implementation,) = document["implementations"]
        self.assertEqual(implementation["name"], "hello11AWSPython")
        self.assertEqual(implementation["links"], [link("eu-central-1", "hello-21")])
        for entry in (implementation, implementation["deployments"][0]):
            self.assertEqual(entry["deployment_ms"], 1500.5)
            self.assertEqual(entry["package_bytes"], 2048)
            self.assertEqual(entry["minimum_memory_mb"], 192)
        (difference,) = document["differences"]
        self.assertEqual((difference["table"], difference["row"]), ("functiondeployment", 21))
        self.assertEqual(difference["columns"][-1], {"name": "invocations", "stands": 4, "ours": 0})
        self.assertIn("another tool", difference["cause"])
        text = self.check("report", "--afcl").stdout
        self.assertIn("1 row of AFCL has other averages than our own calls give", text)
        self.assertRegex(text, r"functiondeployment +21 +fd21 +avgRTT +120\.5 +nothing")
        rows = self.csv("--afcl")
        self.assertEqual([row["kind"] for row in rows], ["implementation", "deployment"] + ["difference"] * 5)
        self.assertEqual(rows[2]["ours"], "")
        self.assertEqual(self.csv("--afcl", "--only", "region=us-*"), [])

    def test_nothing_is_recorded_yet(self):
        for kind, member in (
            ("", "deployments"),
            ("--runs", "runs"),
            ("--probes", "probes"),
            ("--afcl", "implementations"),
        ):
            words = ("report", kind) if kind else ("report",)
            result = self.check(*words)
            self.assertEqual(result.stdout, "")
            self.assertRegex(result.stderr, r"^no (deployment|run|probe) is recorded in sqlite:[^;]*$")
            document = json.loads(self.check(*words, "--json").stdout)
            self.assertEqual(document[member], [])
            self.assertEqual(len(self.raw(*words, "--csv").splitlines()), 1)
        self.assertFalse(os.path.exists(self.folder + "/.pyfops/afcl.db"), "looking makes no database")

    def test_why_there_is_nothing_to_see(self):
        self.fill()
        for command in ("list", "report"):
            none = self.check(command, "--only", "provider=gogle").stderr
            self.assertIn("--only matches none of 1 recorded deployment", none)
            self.assertNotIn("destroyed", none)
            destroyed = self.check(command, "--only", "region=us-east-1").stderr
            self.assertIn("1 destroyed: --all shows it", destroyed)
            self.assertEqual(self.check(command, "--all", "--only", "region=us-east-1").stderr, "")
        self.assertIn(
            "none of 2 recorded probes", self.check("report", "--probes", "--only", "slot=1").stderr
        )
        database = self.folder + "/.pyfops/afcl.db"
        os.makedirs(self.folder + "/.pyfops/local")
        # As after `run --local` alone, and as one database for both.
        os.rename(database, self.folder + "/.pyfops/local/afcl.db")
        for words in ((), ("--database", "sqlite:.pyfops/local/afcl.db", "--only", "function=no*")):
            told = self.check("list", *words).stderr
            self.assertEqual("1 deployment of the local cloud: --local shows it" in told, not words, told)
        self.assertIn("1 run of the local cloud: --local shows it", self.check("report", "--runs").stderr)
        self.write("w.yaml", "name: w\n")
        self.assertIn("1 deployment of the local cloud", self.check("afcl", "bind", "w.yaml", code=4).stderr)
        self.assertFalse(os.path.exists(database), "looking makes no database")

    def test_a_narrow_terminal_gets_what_matters_most(self):
        self.fill()
        for width, there, left_out in (
            (200, ("UPDATED", "PACKAGE", "2026-11-23T06:47:00Z"), ()),
            (80, ("UPDATED", "MEMORY", "2026-11-23"), ("DEPLOYED IN", "T06:47")),
            (60, ("REGION", "STATE"), ("UPDATED", "...")),
        ):
            shown = self.on_terminal("list", columns=width, environment={"NO_COLOR": "1"})
            rows = [line for line in shown.splitlines() if not line.startswith("    ")]
            self.assertLessEqual(max(len(line) for line in rows), width, shown)
            for text in there:
                self.assertIn(text, shown)
            for text in left_out:
                self.assertNotIn(text, "\n".join(rows))

    def test_what_does_not_go_together(self):
        self.assertIn("one kind at a time", self.check("report", "--runs", "--afcl", code=2).stderr)
        error = self.document("report", "--csv", schema="pyfops.error/1", code=2)
        self.assertIn("either --json or --csv", error["hint"])
